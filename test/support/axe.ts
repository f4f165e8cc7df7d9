import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserPerson } from './browser-people.js'

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)

interface Axe {
  run(options: { readonly resultTypes: readonly string[] }): Promise<AxeResults>
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

/** What axe finds wrong on the page as it is now. */
export async function findings({ page }: BrowserPerson): Promise<readonly string[]> {
  // Evaluated by the browser's debugger, to which the page's policy does not apply; half a megabyte, so once for a page.
  if (await page.evaluate(() => !('axe' in globalThis))) await page.evaluate(axeSource)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: Axe }
    const { violations } = await axe.run({ resultTypes: ['violations'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
  })
}

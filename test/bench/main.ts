import { BrowserPeople } from '../support/browser-people.js'
import { scratch } from '../support/scratch.js'
import { spawnServer } from '../support/test-server.js'
import { measureKeystrokes } from './keystrokes.js'
import { measureOpening } from './opening.js'
import { print } from './table.js'

const benchmarks = { keystrokes: measureKeystrokes, opening: measureOpening }

/** Runs the benchmarks of these names, or all, in a real browser. Fails when a limit is exceeded. */
export async function main(names: readonly string[]): Promise<number> {
  const data = await scratch()
  const server = await spawnServer({ data: data.path, logLevel: 'silent' }, { cleanup: 'caller' })
  const people = await BrowserPeople.start()
  try {
    const chosen = Object.entries(benchmarks).filter(
      ([name]) => names.length === 0 || names.includes(name),
    )
    const rows = []
    for (const [, measure] of chosen) {
      rows.push(...(await measure(people, server.url)))
      await people.leave()
    }
    return print(rows) ? 0 : 1
  } finally {
    await people.stop()
    await server.kill()
    await data.remove()
  }
}

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'coscribe-lint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Lints files, by their path in a checkout, under the project's own rules. */
function lint(files: Record<string, string>): { status: number | null; output: string } {
  const checkout = mkdtempSync(join(folder, 'checkout-'))
  copyFileSync(join(root, '.oxlintrc.json'), join(checkout, '.oxlintrc.json'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true })
    writeFileSync(join(checkout, path), text)
  }
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const { status, stdout } = spawnSync(process.execPath, [oxlint], { cwd: checkout })
  return { status, output: String(stdout) }
}

const use = (name: string): string => `import * as other from '${name}'\nexport default other\n`

describe('[L20] the lint', () => {
  it.each([
    ['shared', '@coscribe/storage'],
    ['shared', 'node:fs'],
    ['storage', '@coscribe/server'],
    ['storage', 'yjs'],
    ['server', '@coscribe/client'],
    ['client', '@coscribe/server'],
    ['client', '@coscribe/storage'],
    ['client', 'ws'],
  ])('refuses that %s imports %s', (workspace, forbidden) => {
    const { status, output } = lint({ [`${workspace}/src/file.ts`]: use(forbidden) })
    expect(output).toContain('no-restricted-imports')
    expect(status).toBe(1)
  })

  it.each([
    ['storage', '@coscribe/shared'],
    ['server', '@coscribe/storage'],
    ['client', '@coscribe/shared'],
  ])('accepts that %s imports %s', (workspace, allowed) => {
    expect(lint({ [`${workspace}/src/file.ts`]: use(allowed) }).status).toBe(0)
  })

  it('refuses a cycle', () => {
    const { output } = lint({
      'server/src/a.ts': "import { b } from './b.js'\nexport const a = (): number => b()\n",
      'server/src/b.ts': "import { a } from './a.js'\nexport const b = (): number => a()\n",
    })
    expect(output).toContain('no-cycle')
  })
})

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'coscribe-lint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the project's own rules say about files, by their path in a checkout: one line for each finding. */
function lint(files: Record<string, string>): { status: number | null; findings: string[] } {
  const checkout = mkdtempSync(join(folder, 'checkout-'))
  copyFileSync(join(root, '.oxlintrc.json'), join(checkout, '.oxlintrc.json'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true })
    writeFileSync(join(checkout, path), text)
  }
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const { status, stdout } = spawnSync(process.execPath, [oxlint, '--format=unix'], {
    cwd: checkout,
  })
  return { status, findings: String(stdout).split('\n') }
}

type Import = readonly [workspace: string, imported: string]

/** A file for each, in the sources of its workspace, and what is said about all of them. */
function lintImports(imports: readonly Import[]): ReturnType<typeof lint> {
  return lint(Object.fromEntries(imports.map((one) => [pathOf(one), use(one[1])])))
}

const use = (name: string): string => `import * as other from '${name}'\nexport default other\n`
const pathOf = ([workspace, imported]: Import): string =>
  `${workspace}/src/${imported.replaceAll(/\W/g, '-')}.ts`

const forbidden: readonly Import[] = [
  ['shared', '@coscribe/storage'],
  ['shared', 'node:fs'],
  ['storage', '@coscribe/server'],
  ['storage', 'yjs'],
  ['server', '@coscribe/client'],
  ['client', '@coscribe/server'],
  ['client', '@coscribe/storage'],
  ['client', 'ws'],
]

describe('[L20] the lint', () => {
  let about: ReturnType<typeof lint>
  beforeAll(() => {
    about = lintImports(forbidden)
  })

  it.each(forbidden)('refuses that %s imports %s', (...one) => {
    const here = about.findings.filter((finding) => finding.startsWith(`${pathOf(one)}:`))
    expect(here).toEqual([expect.stringContaining('no-restricted-imports')])
    expect(about.status).toBe(1)
  })

  it('accepts that packages import those below them', () => {
    const { status, findings } = lintImports([
      ['storage', '@coscribe/shared'],
      ['server', '@coscribe/storage'],
      ['client', '@coscribe/shared'],
    ])
    expect(findings.join('\n')).not.toContain('no-restricted-imports')
    expect(status).toBe(0)
  })

  it('refuses a cycle', () => {
    const { findings } = lint({
      'server/src/a.ts': "import { b } from './b.js'\nexport const a = (): number => b()\n",
      'server/src/b.ts': "import { a } from './a.js'\nexport const b = (): number => a()\n",
    })
    expect(findings.join('\n')).toContain('no-cycle')
  })
})

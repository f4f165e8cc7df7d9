import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { packWorkspaces, type PackedPackage } from '../support/packed.js'
import { entriesOf, namesOf, packages, root, type PackageEntry } from '../support/public-names.js'

/**
 * `npm run prove -- packages`: looks at the packages as they would be published, as somebody does who installs them. What
 * publint and "Are the types wrong?" say, and whether all names have types under both ways to resolve them. Returns the
 * exit code.
 */
export function main(): number {
  const folder = mkdtempSync(join(tmpdir(), 'coscribe-packages-'))
  try {
    const packed = packWorkspaces(packages, folder)
    const failed = [
      ...packed.flatMap((each) => linted(each)),
      ...typed(packed, join(folder, 'app')),
    ]
    for (const what of failed) console.error(`failed: ${what}`)
    return failed.length === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function linted({ workspace, file }: PackedPackage): string[] {
  return [
    ...run(`publint ${workspace}`, root, 'publint/src/cli.js', ['run', file, '--strict']),
    // No `require` of an ES module: that is what the profile leaves out.
    ...run(`attw ${workspace}`, root, '@arethetypeswrong/cli/dist/index.js', [
      file,
      '--profile=esm-only',
    ]),
  ]
}

/** Installs the packages as others do, and compiles a module that imports every name. */
function typed(packed: readonly PackedPackage[], app: string): string[] {
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }\n')
  const tarballs = packed.map(({ file }) => file)
  const install = ['install', '--no-audit', '--no-fund', ...tarballs, '@types/node@20.19.43']
  const { status, stderr } = spawnSync('npm', install, { cwd: app, encoding: 'utf8' })
  if (status !== 0) return [`npm install: ${stderr}`]
  const entries = packages.flatMap((workspace) => entriesOf(workspace))
  writeFileSync(join(app, 'all.ts'), entries.map((entry, at) => importing(entry, at)).join('\n'))
  return [
    ...compiled(app, 'bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']),
    ...compiled(app, 'node16', ['--module', 'node16', '--moduleResolution', 'node16']),
  ]
}

/** An import of every name, under names that are of no other entry. */
function importing(entry: PackageEntry, at: number): string {
  const names = namesOf(entry).map((name) => `${name} as ${name.replace(/^type /, '')}_${at}`)
  return `import { ${names.join(', ')} } from '${entry.specifier}'`
}

function compiled(app: string, name: string, options: readonly string[]): string[] {
  const all = [
    'all.ts',
    '--noEmit',
    '--strict',
    '--target',
    'es2023',
    '--lib',
    'es2023,dom,dom.iterable',
  ]
  return run(`types (${name})`, app, 'typescript/bin/tsc', [...all, '--types', 'node', ...options])
}

/** Runs a program of this checkout; returns its name if it failed. */
function run(name: string, cwd: string, program: string, args: readonly string[]): string[] {
  const path = join(root, 'node_modules', program)
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    cwd,
    encoding: 'utf8',
  })
  console.log(`${name}: ${status === 0 ? 'ok' : `failed\n${stdout}${stderr}`}`)
  return status === 0 ? [] : [name]
}

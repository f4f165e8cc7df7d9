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

/** Both programs come by npm for this run alone: they bring more packages than all of ours together. */
function linted({ workspace, file }: PackedPackage): string[] {
  const publint = ['--package=publint@0.3.25', '--', 'publint', 'run', file, '--strict']
  // There is no `require` of our ES modules: that is what the profile leaves out.
  const attw = ['--package=@arethetypeswrong/cli@0.18.5', '--', 'attw', file, '--profile=esm-only']
  return [
    ...run(`publint ${workspace}`, root, 'npm', ['exec', '--yes', ...publint]),
    ...run(`attw ${workspace}`, root, 'npm', ['exec', '--yes', ...attw]),
  ]
}

/** Installs the packages as others do, and compiles a module that imports every name. */
function typed(packed: readonly PackedPackage[], app: string): string[] {
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }\n')
  const tarballs = packed.map(({ file }) => file)
  const others = ['@types/node@20.19.43', '@types/react@19.3.3', 'react@19.3.1']
  const failed = run('npm install', app, 'npm', ['install', ...tarballs, ...others])
  if (failed.length > 0) return failed
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
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const all = ['all.ts', '--noEmit', '--strict', '--target', 'es2023', '--types', 'node']
  const lib = ['--lib', 'es2023,dom,dom.iterable']
  return run(`types (${name})`, app, process.execPath, [tsc, ...all, ...lib, ...options])
}

/** Runs a program; returns its name if it failed. */
function run(name: string, cwd: string, program: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  console.log(`${name}: ${status === 0 ? 'ok' : `failed\n${stdout}${stderr}`}`)
  return status === 0 ? [] : [name]
}

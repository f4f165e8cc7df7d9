import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { declarationOf } from '../api/reference/declarations.js'
import {
  entriesOf,
  namesOf,
  packages,
  root,
  type PackageEntry,
  type PackageName,
} from '../support/public-names.js'

interface Manifest {
  readonly files: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

function manifestOf(workspace: PackageName): Manifest {
  return JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as Manifest
}

/** What the built modules of a package import, and their declarations, by the name of the package. */
function importsOf(workspace: PackageName): Set<string> {
  const folder = join(root, workspace, 'dist')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const found = files
    .filter((file) => /\.(?:js|d\.ts)$/.test(file))
    .flatMap((file) => importsIn(join(folder, file)))
  return new Set(found.filter((specifier) => !specifier.startsWith('.')).map(packageNameOf))
}

function importsIn(file: string): string[] {
  const source = readFileSync(file, 'utf8')
  const { staticImports, staticExports, dynamicImports } = parseSync(file, source).module
  return [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    // What is imported under a computed name is a file of the package's own.
    ...dynamicImports.flatMap(
      ({ moduleRequest: { start, end } }) => /^'(.*)'$/.exec(source.slice(start, end))?.[1] ?? [],
    ),
  ]
}

function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function isValue({ declarations }: PackageEntry, name: string): boolean {
  if (name.startsWith('type ')) return false
  return !/^(?:interface|type) /.test(declarationOf(declarations, name).signature)
}

describe('[E162] a package as it would be published', () => {
  it.each(packages)('%s has what its exports map promises among its files', (workspace) => {
    const { files } = manifestOf(workspace)
    const promised = entriesOf(workspace).flatMap(({ built, declarations }) => [
      built,
      declarations,
    ])
    expect(promised.length).toBeGreaterThan(0)
    expect(promised.filter((path) => !existsSync(path))).toEqual([])
    const folders = files.map((name) => join(root, workspace, name, '/'))
    expect(promised.filter((path) => !folders.some((folder) => path.startsWith(folder)))).toEqual(
      [],
    )
  })

  it.each(packages)('%s names everything it imports among its dependencies', (workspace) => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(workspace)
    const named = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    const strangers = [...importsOf(workspace)].filter(
      (name) => !named.has(name) && !name.startsWith('node:') && !builtinModules.includes(name),
    )
    expect(strangers).toEqual([])
  })

  it('can be imported where there is no page, by every entry, and brings what it names', () => {
    const entries = packages.flatMap((workspace) => entriesOf(workspace))
    const specifiers = entries.map(({ specifier }) => specifier)
    const script = `const found = {}
for (const name of ${JSON.stringify(specifiers)}) found[name] = Object.keys(await import(name)).sort()
console.log(JSON.stringify(found))`
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(root, 'test'),
      encoding: 'utf8',
      // Without the conditions of this run: what is built, as others get it.
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    const found = JSON.parse(printed) as Readonly<Record<string, readonly string[]>>
    for (const entry of entries) {
      const values = namesOf(entry).filter((name) => isValue(entry, name))
      expect(found[entry.specifier]).toEqual(expect.arrayContaining(values))
    }
  })
})

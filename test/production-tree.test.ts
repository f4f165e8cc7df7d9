import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly link?: boolean
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly license?: string
}

/** Licences that ask for nothing but to be named. */
const LICENCES = new Set(['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'])

const root = fileURLToPath(new URL('..', import.meta.url))
const lockfile = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
  packages: Record<string, LockedPackage>
}

/** The package that `name` resolves to for the package installed at `from`. */
function resolve(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (path in lockfile.packages) return path
    if (folder === '') return undefined
  }
}

/** Everything that an installation of `workspace` brings, by path. */
function productionTree(workspace: string): Map<string, LockedPackage> {
  const tree = new Map<string, LockedPackage>()
  const visit = (path: string): void => {
    const entry = lockfile.packages[path]
    if (entry === undefined || tree.has(path)) return
    tree.set(path, entry)
    const target = entry.link === true ? (entry.resolved ?? path) : path
    const { dependencies, optionalDependencies } = lockfile.packages[target] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const dependency = resolve(target, name)
      if (dependency !== undefined) visit(dependency)
    }
  }
  visit(workspace)
  return tree
}

function versionsOf(tree: Map<string, LockedPackage>, name: string): string[] {
  const found = [...tree].filter(([path]) => path.endsWith(`node_modules/${name}`))
  return found.map(([, entry]) => entry.version ?? '')
}

function atLeast(version: string, floor: string): boolean {
  const [a, b] = [version, floor].map((text) => text.split('.').map(Number))
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

describe('the production tree', () => {
  const server = productionTree('server')

  it.each([
    ['lib0', '0.2.120', 'reads past the message into process memory before it'],
    ['ws', '8.23.0', 'bounds pending pongs since then'],
    ['yjs', '13.6.33', 'the version every proof was run with'],
  ])('[A20] has one %s, at or above %s', (name, floor) => {
    const versions = versionsOf(server, name)
    expect(versions).toHaveLength(1)
    expect(atLeast(versions[0] ?? '0', floor)).toBe(true)
  })

  it('stays small: the server brings at most 45 packages', () => {
    expect(server.size).toBeLessThanOrEqual(45)
    expect(server.size).toBeGreaterThan(5)
  })

  it('lets only the bindings of LevelDB and of ws run an install script', () => {
    const withScripts = [...server].filter(([, entry]) => entry.hasInstallScript === true)
    expect(withScripts.map(([path]) => path).toSorted()).toEqual([
      'node_modules/bufferutil',
      'node_modules/classic-level',
    ])
  })

  it.each(['server', 'client'])('[A21] has no licence that asks for more: %s', (workspace) => {
    const foreign = [...productionTree(workspace)].filter(([path]) =>
      path.includes('node_modules/'),
    )
    const others = foreign.filter(
      ([path, { license, link }]) =>
        link !== true && !LICENCES.has(license ?? '') && path !== workspace,
    )
    expect(others).toEqual([])
    expect(foreign.length).toBeGreaterThan(5)
  })

  it('[A21] is listed by the bill of materials, by name and version', () => {
    const printed = execFileSync('npm', ['run', '--silent', 'sbom'], {
      cwd: root,
      encoding: 'utf8',
    })
    const { components } = JSON.parse(printed) as {
      components: readonly { readonly name: string; readonly version: string }[]
    }
    const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
    for (const name of ['lib0', 'ws', 'yjs', 'classic-level']) {
      expect(listed).toContain(`${name}@${versionsOf(server, name)[0]}`)
    }
    // Of the whole checkout it would be longer, and of no use to who installs a server.
    expect(components.some(({ name }) => name === 'vitest')).toBe(false)
  })
})

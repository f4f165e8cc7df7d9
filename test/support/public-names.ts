import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's top folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The packages that others install. */
export const packages = ['shared', 'storage', 'server', 'client'] as const
export type PackageName = (typeof packages)[number]

interface Target {
  readonly 'coscribe-source'?: string
  readonly types?: string
  readonly default?: string
}

/** One line of a package's exports map that brings names. */
export interface PackageEntry {
  /** What is imported, for example `@coscribe/client/editor`. */
  readonly specifier: string
  /** Path of the source file. */
  readonly source: string
  /** Path of the declarations, which a build makes. */
  readonly declarations: string
  /** Path of what runs, which a build makes. */
  readonly built: string
}

/** Every entry of a package's exports map that is source. */
export function entriesOf(workspace: PackageName): PackageEntry[] {
  const manifest = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | Target>>
  }
  return Object.entries(manifest.exports).flatMap(([entry, target]) => {
    if (typeof target === 'string' || target['coscribe-source'] === undefined) return []
    const path = (name: string | undefined): string => join(root, workspace, name ?? '')
    return [
      {
        specifier: join('@coscribe', workspace, entry),
        source: path(target['coscribe-source']),
        declarations: path(target.types),
        built: path(target.default),
      },
    ]
  })
}

/** What an entry exports: names, those of types as `type Name`, sorted. */
export function namesOf({ source }: PackageEntry): string[] {
  const text = readFileSync(source, 'utf8')
  const lists = text.matchAll(/export (type )?\{([^}]*)\}/g)
  const listed = [...lists].flatMap(([, type = '', names = '']) =>
    names.split(',').map((name) => `${type}${name.trim()}`.trim()),
  )
  const declared = text.matchAll(/export (?:async )?(?:function|class|const|interface|type) (\w+)/g)
  const names = [...listed, ...[...declared].map(([, name = '']) => name)]
  return names.filter((name) => name !== '' && name !== 'type').toSorted()
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly 'coscribe-source'?: string }>>
}

/** Every entry of a package's exports map that is source, with the names it exports. */
function publicNames(workspace: string): string[] {
  const manifest = JSON.parse(
    readFileSync(join(root, workspace, 'package.json'), 'utf8'),
  ) as Manifest
  return Object.entries(manifest.exports).flatMap(([entry, target]) => {
    const source = typeof target === 'string' ? undefined : target['coscribe-source']
    if (source === undefined) return []
    const path = join('@coscribe', workspace, entry)
    return namesIn(readFileSync(join(root, workspace, source), 'utf8')).map(
      (name) => `${path} ${name}`,
    )
  })
}

function namesIn(source: string): string[] {
  const lists = source.matchAll(/export (type )?\{([^}]*)\}/g)
  const listed = [...lists].flatMap(([, type = '', names = '']) =>
    names.split(',').map((name) => `${type}${name.trim()}`.trim()),
  )
  const declared = source.matchAll(
    /export (?:async )?(?:function|class|const|interface|type) (\w+)/g,
  )
  const names = [...listed, ...[...declared].map(([, name = '']) => name)]
  return names.filter((name) => name !== '' && name !== 'type').toSorted()
}

it.each(['shared', 'storage', 'server', 'client'])(
  '[L21] the public names of %s are the checked-in ones',
  async (workspace) => {
    const names = `${publicNames(workspace).join('\n')}\n`
    await expect(names).toMatchFileSnapshot(`${workspace}.txt`)
  },
)

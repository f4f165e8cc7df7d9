import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A package as `npm publish` would send it. */
export interface PackedPackage {
  readonly workspace: string
  /** Path of the tarball. */
  readonly file: string
}

interface PackReport {
  readonly filename: string
}

/** Packs workspaces as `npm publish` would, from what is built. */
export function packWorkspaces(workspaces: readonly string[], into: string): PackedPackage[] {
  mkdirSync(into, { recursive: true })
  return workspaces.map((workspace) => {
    const printed = execFileSync(
      'npm',
      ['pack', '--json', '--workspace', workspace, '--pack-destination', into],
      { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const [report] = JSON.parse(printed) as readonly PackReport[]
    return { workspace, file: join(into, report?.filename ?? '') }
  })
}

/** Puts the content of a packed package into `folder`. */
export function unpack({ file }: PackedPackage, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', file, '-C', folder, '--strip-components=1'])
}

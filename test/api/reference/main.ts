import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { packages } from '../../support/public-names.js'
import { referenceOf, referencePath } from './render.js'

/** `npm run docs`: writes the reference of each package. Returns the exit code. */
export async function main(): Promise<number> {
  for (const workspace of packages) {
    const path = referencePath(workspace)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, await referenceOf(workspace))
  }
  return 0
}

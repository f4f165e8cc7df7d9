import { fileURLToPath } from 'node:url'
import { flagOf } from '../options.js'
import { originsFrom } from '../transport/origins.js'
import { Page } from './page.js'
import { readPageFiles } from './page-files.js'

/** Beside `src` and `dist`, so that both find it. */
const folder = fileURLToPath(new URL('../../page', import.meta.url))

/**
 * The page that was built into this package, or `null`.
 *
 * @param frameAncestors origins whose pages may show it in a frame, separated by commas
 * @throws CoscribeError `bad-option` for what is no origin
 */
export function builtPage(frameAncestors: string): Page | null {
  const ancestors = originsFrom(frameAncestors, flagOf('frameAncestors'))
  const files = readPageFiles(folder)
  return files === null ? null : new Page(files, ancestors)
}

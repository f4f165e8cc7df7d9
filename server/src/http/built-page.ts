import { fileURLToPath } from 'node:url'
import { Page } from './page.js'
import { readPageFiles } from './page-files.js'

/** Beside `src` and `dist`, so that both find it. */
const folder = fileURLToPath(new URL('../../page', import.meta.url))

/** The page that was built into this package, or `null`. */
export function builtPage(): Page | null {
  const files = readPageFiles(folder)
  return files === null ? null : new Page(files)
}

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'

/** How a body may be compressed, the best first. */
export const encodings = ['br', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

/** One file of the built page. */
export interface PageFile {
  readonly type: string
  /** Quoted, as in the header; the same for every encoding. */
  readonly tag: string
  /** Its name has a hash of its content, so it never changes. */
  readonly immutable: boolean
  readonly body: Buffer
  readonly compressed: Readonly<Partial<Record<Encoding, Buffer>>>
}

/** The built files by their URL paths. */
export type PageFiles = ReadonlyMap<string, PageFile>

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

const suffixes: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' }

/**
 * Reads the built page into memory, or returns `null` when it was not built. What is not in this table can never be
 * served, whatever a request's path says.
 */
export function readPageFiles(folder: string): PageFiles | null {
  if (!existsSync(join(folder, 'index.html'))) return null
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = new Map<string, PageFile>()
  for (const name of names) {
    const type = types[extname(name)]
    if (type === undefined) continue
    const path = `/${name.split(sep).join('/')}`
    files.set(path, readPageFile(join(folder, name), type, path.startsWith('/assets/')))
  }
  return files
}

function readPageFile(file: string, type: string, immutable: boolean): PageFile {
  const body = readFileSync(file)
  const compressed: Partial<Record<Encoding, Buffer>> = {}
  for (const encoding of encodings) {
    const sibling = `${file}${suffixes[encoding]}`
    if (existsSync(sibling)) compressed[encoding] = readFileSync(sibling)
  }
  const tag = `"${createHash('sha256').update(body).digest('base64url')}"`
  return { type, tag, immutable, body, compressed }
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../../server/page', import.meta.url))

interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

/** The files that the first load needs: the entry, what it imports at once, and their styles. */
function firstLoad(): string[] {
  const manifest = JSON.parse(
    readFileSync(join(folder, '.vite/manifest.json'), 'utf8'),
  ) as Readonly<Record<string, Chunk>>
  const seen = new Set<string>()
  const files = new Set<string>()
  const visit = (name: string): void => {
    const chunk = manifest[name]
    if (chunk === undefined || seen.has(name)) return
    seen.add(name)
    files.add(chunk.file)
    for (const style of chunk.css ?? []) files.add(style)
    for (const next of chunk.imports ?? []) visit(next)
  }
  for (const [name, chunk] of Object.entries(manifest)) if (chunk.isEntry === true) visit(name)
  return [...files]
}

function compressedKB(files: readonly string[]): number {
  const bytes = files.map((file) => readFileSync(join(folder, `${file}.gz`)).length)
  return bytes.reduce((sum, size) => sum + size, 0) / 1_000
}

it('[E40, E115] the first load is small', () => {
  expect(existsSync(join(folder, 'index.html')), 'the page is built by npm test').toBe(true)
  const files = firstLoad()
  const scripts = files.filter((file) => file.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(0)
  expect(compressedKB(scripts)).toBeLessThanOrEqual(190)
  expect(compressedKB(files.filter((file) => file.endsWith('.css')))).toBeLessThanOrEqual(10)
  expect(compressedKB(['coscribe-editor.js'])).toBeLessThanOrEqual(160)
})

it('[E39] the page has no script and no style of its own in it', () => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<style|<script(?![^>]*src=)|style=|\son\w+=/)
  expect(
    [...html.matchAll(/(?:src|href)="([^"]+)"/g)].every(([, to = '']) => to.startsWith('/')),
  ).toBe(true)
})

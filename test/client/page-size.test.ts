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

/** What each place is loaded from, beside what all have in common. */
const places = { document: 'visit.ts', home: 'home/home-place.ts' } as const

type Place = keyof typeof places

function manifest(): Readonly<Record<string, Chunk>> {
  const text = readFileSync(join(folder, '.vite/manifest.json'), 'utf8')
  return JSON.parse(text) as Readonly<Record<string, Chunk>>
}

/** The files that the first load of a place needs: the entry, the place, what they import at once, and their styles. */
function firstLoad(place: Place): string[] {
  const chunks = manifest()
  const seen = new Set<string>()
  const files = new Set<string>()
  const visit = (name: string): void => {
    const chunk = chunks[name]
    if (chunk === undefined || seen.has(name)) return
    seen.add(name)
    files.add(chunk.file)
    for (const style of chunk.css ?? []) files.add(style)
    for (const next of chunk.imports ?? []) visit(next)
  }
  for (const [name, chunk] of Object.entries(chunks)) if (chunk.isEntry === true) visit(name)
  visit(places[place])
  return [...files]
}

function compressedKB(files: readonly string[]): number {
  const bytes = files.map((file) => readFileSync(join(folder, `${file}.gz`)).length)
  return bytes.reduce((sum, size) => sum + size, 0) / 1_000
}

it.each([
  ['document', 190],
  ['home', 33],
] as const)('[E40, E94] the first load of a %s is small', (place, limitKB) => {
  expect(existsSync(join(folder, 'index.html')), 'the page is built by npm test').toBe(true)
  const files = firstLoad(place)
  const scripts = files.filter((file) => file.endsWith('.js'))
  expect(scripts).toContain(manifest()[places[place]]?.file)
  expect(compressedKB(scripts)).toBeLessThanOrEqual(limitKB)
  expect(compressedKB(files.filter((file) => file.endsWith('.css')))).toBeLessThanOrEqual(10)
  expect(compressedKB(['coscribe-editor.js'])).toBeLessThanOrEqual(167.6)
})

it('[E40] what is not used at once is not in the first load of a document', () => {
  const files = firstLoad('document').join()
  expect(files).toContain('view-')
  expect(files).not.toMatch(
    /assets\/(?:language|commands|lang-|lr|search|find|vim|emacs|preview|de|define)-/,
  )
})

it('[E94] neither place brings the code of the other', () => {
  const [home, other] = [firstLoad('home'), firstLoad('document')]
  expect(home).not.toContain(manifest()[places.document]?.file)
  expect(other).not.toContain(manifest()[places.home]?.file)
})

it('[E39] the page has no script and no style of its own in it', () => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<style|<script(?![^>]*src=)|style=|\son\w+=/)
  expect(
    [...html.matchAll(/(?:src|href)="([^"]+)"/g)].every(([, to = '']) => to.startsWith('/')),
  ).toBe(true)
})

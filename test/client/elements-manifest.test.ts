import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const client = fileURLToPath(new URL('../../client', import.meta.url))
const source = (file: string): string => readFileSync(`${client}/src/${file}`, 'utf8')

interface Named {
  readonly name: string
  readonly description: string
}

interface Declaration extends Named {
  readonly tagName: string
  readonly attributes: readonly Named[]
  readonly members: readonly Named[]
  readonly events: readonly Named[]
  readonly slots: readonly Named[]
  readonly cssParts: readonly Named[]
  readonly cssProperties: readonly Named[]
  readonly cssStates: readonly Named[]
}

const text = readFileSync(`${client}/custom-elements.json`, 'utf8')
const { modules } = JSON.parse(text) as {
  modules: readonly { readonly declarations: readonly Declaration[] }[]
}
const declarations = modules.flatMap((module) => module.declarations)

function editor(): Declaration {
  const found = declarations.find(({ tagName }) => tagName === 'coscribe-editor')
  if (found === undefined) throw new Error('the editor is not in the manifest')
  return found
}

function names(list: readonly Named[]): string[] {
  return list.map(({ name }) => name).toSorted()
}

/** What a pattern finds first in each place of a text, each once. */
function foundIn(where: string, pattern: RegExp): string[] {
  return [...new Set([...where.matchAll(pattern)].map(([, name = '']) => name))].toSorted()
}

it('[E126] the checked-in manifest is what the declarations say; `npm run elements` writes it', () => {
  const script = `${client}/build/elements-manifest.mjs`
  const printed = execFileSync(process.execPath, [script, '--print'], { encoding: 'utf8' })
  expect(printed).toBe(text)
})

it('[E126] everything in it is described, and what the element has is in it', () => {
  const { attributes, members, events, slots, cssParts, cssProperties, cssStates } = editor()
  const lists = { attributes, members, events, slots, cssParts, cssProperties, cssStates }
  for (const list of Object.values(lists)) {
    expect(list.length).toBeGreaterThan(5)
    expect(list.filter(({ description }) => description === '')).toEqual([])
  }
  const frame = source('editor/editor-frame.ts')
  const cursors = source('codemirror/cursor-marker.ts')
  expect(names(slots)).toEqual(['', ...foundIn(frame, /<slot name="([\w-]+)"/g)])
  expect(names(cssParts)).toEqual(foundIn(`${frame}${cursors}`, /part(?:=|', )["']([\w-]+)["']/g))
  expect(names(events)).toEqual(
    foundIn(source('editor/events.ts'), /^ {2}(\w+): (?:true|false),$/gm).map(
      (name) => `coscribe-${name}`,
    ),
  )
  expect(names(cssStates)).toEqual(foundIn(source('editor/editor-states.ts'), /^ {2}'(\w+)',$/gm))
  const used = foundIn(source('editor/look.ts'), /var\((--coscribe-[\w-]+)/g)
  const derived = new Set(['--coscribe-dim', '--coscribe-selection'])
  expect(names(cssProperties)).toEqual(used.filter((name) => !derived.has(name)))
})

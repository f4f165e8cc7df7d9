import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { closeCodes, errorCodes } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { statusLine } from '../../client/src/editor/status-line.js'
import { german } from '../../client/src/phrases/de/index.js'
import { english } from '../../client/src/phrases/en/index.js'
import { languageFor, languages } from '../../client/src/phrases/language-table.js'
import { loadPhrases } from '../../client/src/phrases/languages.js'
import type { Phrases } from '../../client/src/phrases/phrases.js'
import { reasonOf } from '../../client/src/phrases/reasons.js'
import type { RoomStatus } from '../../client/src/sync-status.js'
import { wordsIn } from '../support/words-in-source.js'

const source = fileURLToPath(new URL('../../client/src', import.meta.url))

const HTML_MARKS =
  'abbr b blockquote cite code del details div em i ins kbd mark p q s small span strong sub summary sup u'

/** What is no word for people, and why. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  // The name of the product, the same in every language.
  'page/document-header.ts': ['Coscribe'],
  'page/document-page.ts': ['Mac'],
  'page/home/home-page.ts': ['Coscribe'],
  'page/wrong-address.ts': ['Coscribe'],
  'page/not-loaded.ts': ['Coscribe'],
  // What CodeMirror says in its own words, translated by its phrases.
  'editor/delete-character.ts': ['Selection deleted'],
  // Names of keys as the browser tells them.
  'page/name-dialog.ts': ['Enter'],
  'page/sign-in.ts': ['Enter'],
  'page/title-field.ts': ['Enter', 'Escape', 'ArrowDown'],
  'page/popup-menu.ts': ['Tab', 'ArrowDown', 'ArrowUp', 'Home', 'End'],
  'page/home/document-rows.ts': [
    'Arrow',
    'Enter',
    'Escape',
    'ArrowLeft',
    'ArrowRight',
    'Delete',
    'Home',
    'End',
  ],
  // A key binding.
  'editor/togetherness.ts': ['Shift-F2'],
  'page/desk/desk-menu.ts': ['ArrowDown', 'ArrowUp', '.menu button:enabled, .menu select:enabled'],
  'editor/find/find-panel.ts': ['Enter'],
  'editor/find/find.ts': ['editor search-panel', 'Mod-f', 'Mod-g', 'Escape', 'Mod-d'],
  'editor/languages/markdown.ts': ['Enter', 'Backspace'],
  'page/desk/desk-side.ts': ['ArrowLeft', 'ArrowRight', 'Home', 'End'],
  // Names that the browser knows.
  'page/desk/drop-zone.ts': ['Files'],
  'preview/drawing.ts': ['noopener noreferrer nofollow'],
  // What matching letters looks like, and names of tags.
  'editor/find/panel-parts.ts': ['Aa'],
  'preview/html-pieces.ts': [HTML_MARKS],
  'preview/preview-frame.ts': [
    'Files',
    'allow-same-origin allow-popups allow-popups-to-escape-sandbox',
  ],
  // Names of languages that computers read.
  'editor/languages.ts': ['Markdown', 'JavaScript', 'TypeScript', 'Python', 'Java'],
  // Names of headers.
  'page/session-routes.ts': ['Content-Type', 'Bearer \0'],
  'page/api-client.ts': ['Content-Type', 'Bearer \0'],
}
/** Nothing but CSS, the document of an empty frame, names of keys, or what a developer is told of a mistake. */
const wordless = new Set([
  'editor/find/find-theme.ts',
  'editor/languages/highlighting.ts',
  'preview/frame-style.ts',
  'preview/policy.ts',
  'editor/editor-options.ts',
  'editor/look.ts',
  'editor/plain-keys.ts',
  'editor/theme.ts',
])

function sourceFiles(): string[] {
  return ['page', 'editor', 'preview'].flatMap((folder) =>
    readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`)
      .filter((name) => !wordless.has(name)),
  )
}

/** Every string of a dictionary by its path, and `function` for each function. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, leaf(value)]]
  return Object.entries(value).flatMap(([key, part]) => leaves(part, `${path}/${key}`))
}

function leaf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value
}

describe('the dictionaries', () => {
  it('[E80] every language says everything', () => {
    const wanted = leaves({ ...english, status: { ...english.status, reasons: {} } })
    const there = leaves({ ...german, status: { ...german.status, reasons: {} } })
    expect(there.map(([path]) => path).toSorted()).toEqual(wanted.map(([path]) => path).toSorted())
    expect([...wanted, ...there].filter(([, text]) => text === '')).toEqual([])
  })

  it('[E80] says one, two and many in each language', () => {
    const said = [english, german].map(({ people }) => [
      people.joined(['Ada'], 0),
      people.joined(['Ada', 'Ben'], 0),
      people.alsoHere(['Ada', 'Ben'], 12),
    ])
    expect(said).toEqual([
      ['Ada joined', 'Ada and Ben joined', 'Also here: Ada, Ben and 12 others'],
      [
        'Ada ist dazugekommen',
        'Ada und Ben sind dazugekommen',
        'Auch hier: Ada, Ben und 12 weitere',
      ],
    ])
  })

  it('[E80] a dictionary that lacks a word does not compile', () => {
    const { done: _lacking, ...rest } = english.notes
    // @ts-expect-error it lacks a word
    const notes: Phrases['notes'] = rest
    expect(notes).not.toHaveProperty('done')
  })

  it('[E80] a fault is told in the sentence for its code, or in its own words', () => {
    const fault = { code: 'document-full', message: 'the document may hold 1 bytes' }
    expect(reasonOf(fault, german.status.reasons)).toBe(german.status.reasons['document-full'])
    expect(reasonOf(fault, english.status.reasons)).toBe(fault.message)
    for (const code of ['constructor', '__proto__', 'of-a-newer-server']) {
      expect(reasonOf({ code, message: 'no' }, german.status.reasons)).toBe('no')
    }
    const known = new Set([...Object.keys(errorCodes), ...Object.keys(closeCodes)])
    expect(Object.keys(german.status.reasons).filter((code) => !known.has(code))).toEqual([])
  })

  it('[E80] the line about where work is speaks the language that it is given', () => {
    const status: RoomStatus = {
      connection: 'connected',
      save: 'unsaved',
      access: 'write',
      pending: { updates: 1, bytes: 1, since: 1 },
      keptLocally: true,
      error: { code: 'document-full', message: 'full', retryable: false },
      retryAt: null,
      lastSavedAt: null,
    }
    const moment = { wallTime: 10_000, awayMs: 0, online: true }
    expect(statusLine(status, moment, german.status).text).toBe(
      `Nicht gespeichert: ${german.status.reasons['document-full']}`,
    )
    expect(statusLine(status, moment).text).toBe('Not saved: full')
  })

  it.each([
    ['de', ['de-AT']],
    ['de', ['fr', 'DE', 'en']],
    ['en', ['en-GB', 'de']],
    ['en', ['constructor', '', 'xx', '__proto__']],
    ['en', []],
  ])('[E81] %s is the language for those who read %j', async (language, wanted) => {
    expect(languageFor(wanted)).toBe(language)
    expect(await loadPhrases(languageFor(wanted))).toBe(language === 'de' ? german : english)
    expect(languages[languageFor(wanted)].direction).toBe('ltr')
  })
})

describe('the source of page and elements', () => {
  it('[E80] has no words for people in it', () => {
    const found = sourceFiles().flatMap((name) => {
      const exempt = new Set(allowed[name])
      return wordsIn(readFileSync(join(source, name), 'utf8'))
        .filter(({ text }) => !exempt.has(text))
        .map(({ line, text }) => `${name}:${line}: ${text}`)
    })
    expect(found).toEqual([])
  })

  it('[E80] words that were left would be found', () => {
    const left = [
      "const a = 'Saved'",
      'html`<b title="Close it">${html`<i>inner</i>`}</b>`',
      'say(`${who} has left`)',
      "const quoted = /[\"']/; say('not there')",
      "// 'Comment'\nthrow new TypeError('For developers')\ncss`a { color: Red text }`",
    ]
    expect(left.map((code) => wordsIn(code).map(({ text }) => text))).toEqual([
      ['Saved'],
      ['inner', 'Close it'],
      ['\0 has left'],
      ['not there'],
      [],
    ])
  })
})

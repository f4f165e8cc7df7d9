import { language } from '@codemirror/language'
import { SearchQuery } from '@codemirror/search'
import { EditorState } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { countMatches } from '../../client/src/editor/find/match-count.js'
import { languageOfFile, loadLanguage, textLanguages } from '../../client/src/editor/languages.js'
import { announcements } from '../../client/src/codemirror/index.js'
import { appearance } from '../../client/src/page/desk/editor-extras.js'
import { fileName } from '../../client/src/page/desk/file-name.js'
import { rememberedLanguage, rememberLanguage } from '../../client/src/page/desk/language-memory.js'
import { MAX_FILE_BYTES, readFile } from '../../client/src/page/desk/open-file.js'
import { rememberedSettings, rememberSettings } from '../../client/src/page/desk/settings.js'
import { checkUpdate } from '../../client/src/page/desk/update-file.js'

function memory(): { read(name: string): string | null; write(name: string, value: string): void } {
  const values = new Map<string, string>()
  return {
    read: (name) => values.get(name) ?? null,
    write: (name, value) => void values.set(name, value),
  }
}

describe('the language of a text', () => {
  it.each([
    ['notes.md', 'markdown'],
    ['main.TS ', 'typescript'],
    ['a.b.yaml', 'yaml'],
    ['Minutes', 'text'],
    ['', 'text'],
    ['x.constructor', 'text'],
    ['.md.', 'text'],
  ])('[E130] of %j is %s', (title, wanted) => {
    expect(languageOfFile(title)).toBe(wanted)
  })

  it('[E130] every one can be loaded, and no other', async () => {
    for (const [name] of textLanguages) {
      const opened = EditorState.create({ extensions: await loadLanguage(name) })
      expect([name, opened.facet(language)?.name]).toEqual([name, expect.any(String)])
    }
    expect(await loadLanguage('text')).toEqual([])
    await expect(loadLanguage('constructor')).rejects.toThrow(RangeError)
  })

  it('[E130] is remembered for the last 200 documents, whatever else is under its name', () => {
    const kept = memory()
    for (let number = 0; number < 300; number++) rememberLanguage(kept, `doc ${number}`, 'json')
    rememberLanguage(kept, 'doc 299', 'css')
    expect(rememberedLanguage(kept, 'doc 99')).toBeNull()
    expect(rememberedLanguage(kept, 'doc 100')).toBe('json')
    expect(rememberedLanguage(kept, 'doc 299')).toBe('css')
    for (const rubbish of ['', '{', '7', '[[1,2]]', '[["doc","cobol"]]', '[["doc","text",1]]']) {
      kept.write('text-languages', rubbish)
      expect(rememberedLanguage(kept, 'doc')).toBeNull()
    }
  })
})

describe('settings', () => {
  it('[E139] are remembered, and what is none of the choices is as without one', () => {
    const kept = memory()
    const usual = rememberedSettings(kept)
    expect(usual).toMatchObject({ wrap: true, lineNumbers: false, tabSize: 4, keys: 'plain' })
    rememberSettings(kept, { ...usual, keys: 'vim', tabSize: 8 })
    expect(rememberedSettings(kept)).toEqual({ ...usual, keys: 'vim', tabSize: 8 })
    for (const rubbish of ['', 'null', '[]', '{"tabSize":"8","keys":{},"wrap":1,"textSize":99}']) {
      kept.write('settings', rubbish)
      expect(rememberedSettings(kept)).toEqual(usual)
    }
  })

  it('[E139] what is read out of others is as somebody chose, not as the editor has it by itself', () => {
    const usual = rememberedSettings(memory())
    const read = (announce: typeof usual.announce): string => {
      const extensions = [announcements.of('nearby'), appearance({ ...usual, announce })]
      return EditorState.create({ extensions }).facet(announcements)
    }
    expect([read(usual.announce), read('all'), read('off')]).toEqual(['nearby', 'all', 'off'])
  })
})

describe('the name of a download', () => {
  it.each([
    ['Minutes', 'Minutes.md'],
    ['notes.md', 'notes.md'],
    ['', 'an-id.md'],
    ['../../etc/passwd', '-..-etc-passwd.md'],
    ['a\u202egpj.exe', 'a-gpj.exe.md'],
    ['con: "x" <y> | z? *', 'con- -x- -y- - z- -.md'],
    ['x'.repeat(500), `${'x'.repeat(100)}.md`],
  ])('[E136] %j', (title, name) => {
    expect(fileName(title, 'an-id', 'md')).toBe(name)
  })
})

function file(content: BlobPart, name = 'a.txt'): File {
  return new File([content], name)
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values)
}

class Unreadable extends File {
  override readonly size: number

  constructor(size: number) {
    super([], 'a.txt')
    this.size = size
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.reject(new Error('it was read'))
  }
}

describe('a file that is opened', () => {
  it('[E137] is read as UTF-8', async () => {
    expect(await readFile(file('\ufeffgrüß 👩‍🚀\r\n\t\u001b[1m'))).toEqual({
      kind: 'text',
      text: 'grüß 👩‍🚀\r\n\t\u001b[1m',
    })
  })

  it.each([
    ['UTF-16', bytes(0xff, 0xfe, 0x61, 0), 'notUtf8'],
    ['Latin-1', bytes(0x67, 0x72, 0xfc, 0xdf), 'notUtf8'],
    ['half of a surrogate pair', bytes(0xed, 0xa0, 0x80), 'notUtf8'],
    ['a program', bytes(0x7f, 0x45, 0x4c, 0x46, 1, 1, 0, 0), 'notText'],
    ['nothing', bytes(), 'empty'],
  ])('[E137] is refused when it is %s', async (_, content, kind) => {
    expect(await readFile(file(content))).toEqual({ kind })
  })

  it('[E137] is not touched when it is too large', async () => {
    expect(await readFile(new Unreadable(MAX_FILE_BYTES + 1))).toEqual({ kind: 'tooLarge' })
    expect(await readFile(new Unreadable(1))).toEqual({ kind: 'unreadable' })
  })

  it('[E138] is a whole Yjs document, or refused', async () => {
    const doc = new Y.Doc()
    doc.getText('content').insert(0, 'hello')
    const update = Y.encodeStateAsUpdate(doc)
    expect(await readFile(file(new Uint8Array(update), 'a.YJS'))).toMatchObject({ characters: 5 })
    const before = Y.encodeStateVector(doc)
    doc.getText('content').insert(5, '!')
    const later = Y.encodeStateAsUpdate(doc, before)
    const deep = new Y.Doc()
    let map = deep.getMap('deep')
    for (let level = 0; level < 250; level++) map = map.set('in', new Y.Map())
    const crowded = new Y.Doc()
    for (let root = 0; root < 1_001; root++) crowded.getText(`root ${root}`).insert(0, 'x')
    const bad: readonly [string, Uint8Array][] = [
      ['nothing', new Uint8Array([0, 0])],
      ['incomplete', later],
      ['tooDeep', Y.encodeStateAsUpdate(deep)],
      ['tooMuch', Y.encodeStateAsUpdate(crowded)],
      ['damaged', update.slice(0, -2)],
      ['damaged', new Uint8Array([...update, 1])],
      // A count of 2^25 structs in seven bytes, for which Yjs would make room.
      ['damaged', new Uint8Array([1, 0x80, 0x80, 0x80, 0x10, 1, 0])],
      ['damaged', new TextEncoder().encode('just a text')],
    ]
    for (const [reason, content] of bad) {
      expect(checkUpdate(content)).toBe(reason)
    }
  })
})

function state(doc: string, anchor = 0, head = anchor): EditorState {
  return EditorState.create({ doc, selection: { anchor, head } })
}

describe('matches', () => {
  it('[E135] are counted, and the selected one is told', () => {
    const query = new SearchQuery({ search: 'a' })
    expect(countMatches(query, state('banana', 3, 4))).toEqual({
      total: 3,
      more: false,
      current: 2,
    })
    expect(countMatches(query, state('xyz'))).toEqual({ total: 0, more: false, current: 0 })
    const many = countMatches(query, state('a'.repeat(5_000)))
    expect(many).toEqual({ total: 1_000, more: true, current: 0 })
    const empty = new SearchQuery({ search: 'x*', regexp: true })
    expect(countMatches(empty, state('axxb')).total).toBeLessThan(10)
  })
})

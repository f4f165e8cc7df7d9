import { connect, type ConnectOptions, type Room, Y } from '@coscribe/client'
import {
  collabText,
  readOnlyByRoom,
  remoteCursors,
  type CursorPresence,
} from '@coscribe/client/codemirror'
import { mountEditor, type MountOptions } from '@coscribe/client/editor'
import { describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'

const url = 'ws://127.0.0.1:9'
const doc = 'minutes'

/** What an untyped caller may pass. */
function connectTo(options: unknown): () => void {
  return () => connect(options as ConnectOptions).destroy()
}

/** As much of an element as a mistake needs. */
const append = vi.fn()

function mountWith(options: unknown, parent: unknown = { append }): () => void {
  return () => mountEditor(parent as HTMLElement, options as MountOptions).destroy()
}

describe('[K40] connect says what is wrong, what was given and what to do', () => {
  it.each([
    ['no options', undefined, 'takes an object of options, got undefined'],
    ['no url', { doc }, /url is the server's address, such as '.*', got undefined/],
    ['no document', { url }, "doc is the document's id, a text, got undefined"],
    ['an address that is none', { url: 'minutes', doc }, /whole address such as .*, got "minutes"/],
    ['another scheme', { url: 'ftp://a', doc }, 'begins with ws:, wss:, http: or https:, got "ftp'],
    ['a name misspelt', { url, doc, tokn: 'x' }, /no option "tokn"; it takes url, doc, token, /],
    ['offline: true', { url, doc, offline: true }, /new IndexedDbStore\(.*, got true/],
    ['a name for a user', { url, doc, user: 'Ada' }, /such as \{ name: 'Ada' \}, got "Ada"/],
    ['an empty token', { url, doc, token: '' }, 'token is a text that is not empty, or a function'],
    ['something for a Y.Doc', { url, doc, ydoc: {} }, 'ydoc is a Y.Doc, got an object (Object)'],
    ['an id that is none', { url, doc: '.hidden' }, 'a document id cannot begin with a dot'],
  ])('%s', (_name, options, message) => {
    expect(connectTo(options)).toThrow(message)
  })

  it('repeats no more than a line of what was given, and nothing of a token', () => {
    const long = 'x'.repeat(10_000)
    expect(connectTo({ url: long, doc })).toThrow(/^.{0,200}$/)
    expect(connectTo({ url, doc, [long]: 1 })).toThrow(/^.{0,250}$/)
    expect(connectTo({ url, doc, token: { secret: 'hush' } })).toThrow(/, got object$/)
  })

  it('has opened nothing by then', () => {
    const opened = vi.fn()
    expect(connectTo({ url, doc, tokn: 'x', WebSocket: opened })).toThrow(TypeError)
    expect(opened).not.toHaveBeenCalled()
  })

  it('takes options that are undefined for absent ones', () => {
    expect(connectTo({ url, doc, token: undefined, ydoc: undefined, WebSocket })).not.toThrow()
  })
})

describe('[K40] the editor says what is wrong', () => {
  it.each([
    ['no document', { url }, /doc is missing; give room, or url and doc/],
    [
      'something for a room',
      { room: 'minutes' },
      /room is what connect\(\) returned, got "minutes"/,
    ],
    ['a name misspelt', { url, doc, readonly: true }, /no option "readonly"; use readOnly/],
  ])('%s', (_name, options, message) => {
    expect(mountWith(options)).toThrow(message)
    expect(append).not.toHaveBeenCalled()
  })

  it('no element', () => {
    expect(mountWith({ url, doc }, null)).toThrow(/parent is null; give an element of the page/)
  })

  it('the extensions, when they are made', () => {
    const nothing = undefined as unknown
    expect(() => collabText(nothing as Y.Text)).toThrow('text is a Y.Text, got undefined')
    expect(() => remoteCursors(nothing as CursorPresence)).toThrow('who is room.presence')
    expect(() => readOnlyByRoom(nothing as Room)).toThrow('room is what connect() returns')
  })
})

/** As a second copy makes it: the same members, another class. */
function foreign({ prototype }: { readonly prototype: object }): object {
  return Object.create(null, Object.getOwnPropertyDescriptors(prototype)) as object
}

describe('[K41] a document of another copy of yjs', () => {
  it('is refused with what to do about it', () => {
    expect(connectTo({ url, doc, ydoc: foreign(Y.Doc) })).toThrow(/another copy of yjs.*npm dedupe/)
    expect(() => collabText(foreign(Y.Text) as Y.Text)).toThrow(/another copy of yjs.*npm ls yjs/)
  })
})

import { Compartment, EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  dropCursor,
  highlightSpecialChars,
  keymap,
  logException,
} from '@codemirror/view'
import type { Off } from '@coscribe/shared'
import { EditorView } from 'codemirror'
import type * as Y from 'yjs'
import {
  collabText,
  collabUndo,
  editorText,
  exportText,
  fitsDocument,
  readOnlyByRoom,
  redo,
  followedBy,
  followPeer,
  jumpToPeer,
  peerLooks,
  remoteCursors,
  undo,
  undoDepth,
  type FollowChange,
  type LineEnding,
} from '../codemirror/index.js'
import { englishElements } from '../phrases/en/elements.js'
import { connect, type ConnectOptions, type Room } from '../room.js'
import { anchorAt, resolveAnchor, type Anchor, type AnchoredRange } from './anchor.js'
import { EditorNews, type EditorEvents, type EditorSelected } from './editor-events.js'
import type { EditorHandle } from './editor-handle.js'
import {
  checkMountOptions,
  checkSettings,
  type EditorSettings,
  type MountOptions,
} from './editor-options.js'
import { EditorUsers } from './editor-users.js'
import { tell } from './events.js'
import { LiveSettings } from './live-settings.js'
import { LoadedExtension } from './loaded-extension.js'
import { plainKeys } from './plain-keys.js'
import { refusedPanel } from './refused-panel.js'
import { onSeenAgain } from './seen-again.js'
import { editorTheme, onSystemTheme } from './theme.js'
import { togetherness } from './togetherness.js'
import { typeOver } from './type-over.js'

/**
 * Opens an editor in `parent`. It lives in a shadow root: the page's styles do not reach it, its styles do not leave
 * it, and a strict content security policy needs no exception for it.
 *
 * @throws CoscribeError `bad-document-id`
 * @throws TypeError for an unusable url, and for an option that does not exist or cannot be so
 */
export function mountEditor(parent: HTMLElement, options: MountOptions): EditorHandle {
  // Not `instanceof`: it may be of another window.
  if (typeof parent?.append !== 'function')
    throw new TypeError(
      `mountEditor(parent, options): parent is ${String(parent)}; give an element of the page`,
    )
  checkMountOptions(options)
  const room = roomOf(options)
  const frame = frameIn(parent)
  try {
    return new MountedEditor(frame, room, options)
  } catch (error) {
    // An extension of another copy of CodeMirror, say.
    frame.remove()
    if (room !== options.room) room.destroy()
    throw error
  }
}

class MountedEditor implements EditorHandle {
  readonly view: EditorView
  readonly room: Room
  readonly text: Y.Text
  readonly users: EditorUsers
  readonly #ownsRoom: boolean
  readonly #frame: HTMLElement
  readonly #settings: LiveSettings
  readonly #loading = new Compartment()
  readonly #language: LoadedExtension
  readonly #keymap: LoadedExtension
  readonly #looks = new Compartment()
  readonly #news = new EditorNews()
  readonly #stops: readonly (() => void)[]
  #destroyed = false

  constructor(frame: HTMLElement, room: Room, options: MountOptions) {
    const { field = 'content', ...settings } = options
    this.#ownsRoom = room !== options.room
    this.room = room
    this.text = room.text(field)
    this.#frame = frame
    this.#settings = new LiveSettings(this.#frame, settings)
    const failed = (name: string, error: unknown): void => this.#notLoaded(name, error)
    this.#language = new LoadedExtension('text', failed)
    this.#keymap = new LoadedExtension('default', failed)
    this.users = new EditorUsers(
      this.room,
      (ids) => this.#usersChanged(ids),
      (error) => logException(this.view.state, error, 'resolveUsers'),
    )
    const root = frame.shadowRoot ?? (frame.getRootNode() as ShadowRoot)
    this.view = new EditorView({
      root,
      parent: frame.shadowRoot ?? frame,
      doc: editorText(this.text),
      extensions: [
        // Keys of Vim have to see everything first.
        this.#keymap.extension(),
        this.#settings.extensions(),
        this.#loading.of(lockedWhile(isLoading(this.room))),
        this.#language.extension(),
        this.#looks.of([]),
        collaboration(this.room, this.text, this.#news, (change) =>
          this.#tellAround('follow', change),
        ),
        this.#news.extension(),
        fitsDocument(this.room, (refused) => this.#news.tell('refused', refused)),
        refusedPanel(() => (this.#settings.current.phrases ?? englishElements).large),
        basics,
      ],
    })
    this.#news.follow(this.room, this.text)
    this.#stops = [
      this.room.on('status', () => this.#statusChanged()),
      onSystemTheme(() => this.#settings.lookAround(this.view)),
      onSeenAgain(frame.ownerDocument, () => this.room.retryCopy()),
    ]
    this.#load()
  }

  get canUndo(): boolean {
    return undoDepth(this.view).canUndo
  }

  get canRedo(): boolean {
    return undoDepth(this.view).canRedo
  }

  getText(): string {
    return exportText(this.text, 'lf')
  }

  exportText({ eol }: { readonly eol?: LineEnding } = {}): string {
    return exportText(this.text, eol)
  }

  insert(text: string, at: number = this.view.state.selection.main.head): boolean {
    const from = this.#position(at, 'insert(text, at)')
    if (this.view.state.readOnly) return false
    this.view.dispatch({ changes: { from, insert: text }, userEvent: 'input' })
    return true
  }

  replaceSelection(text: string): boolean {
    const { state } = this.view
    if (state.readOnly) return false
    this.view.dispatch(state.replaceSelection(text), { userEvent: 'input' })
    return true
  }

  focus(): void {
    this.view.focus()
  }

  undo(): boolean {
    return undo(this.view)
  }

  redo(): boolean {
    return redo(this.view)
  }

  getSelection(): EditorSelected {
    const { anchor, head } = this.view.state.selection.main
    return { anchor, head }
  }

  setSelection(anchor: number, head = anchor): void {
    const where = 'setSelection(anchor, head)'
    const selection = { anchor: this.#position(anchor, where), head: this.#position(head, where) }
    this.view.dispatch({ selection })
  }

  anchor(from: number, to = from): Anchor {
    const where = 'anchor(from, to)'
    const [start, end] = [this.#position(from, where), this.#position(to, where)]
    return anchorAt(this.text, Math.min(start, end), Math.max(start, end))
  }

  resolve(anchor: Anchor): AnchoredRange | null {
    return resolveAnchor(this.text, anchor)
  }

  scrollTo(target: number | Anchor): boolean {
    const at = typeof target === 'number' ? target : this.resolve(target)?.from
    if (at === undefined) return false
    const position = this.#position(at, 'scrollTo(target)')
    this.view.dispatch({ effects: EditorView.scrollIntoView(position, { y: 'center' }) })
    return true
  }

  follow(person: string | null): boolean {
    return followPeer(this.view, person)
  }

  get following(): string | null {
    return followedBy(this.view)?.person ?? null
  }

  jumpTo(person: string): boolean {
    return jumpToPeer(this.view, person)
  }

  setOptions(patch: EditorSettings): void {
    checkSettings(patch)
    if (this.#destroyed) return
    this.#settings.change(this.view, patch)
    this.#load()
  }

  on<Name extends keyof EditorEvents>(
    name: Name,
    listener: (value: EditorEvents[Name]) => void,
  ): Off {
    return this.#news.on(name, listener)
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    for (const stop of this.#stops) stop()
    this.#news.stop()
    this.users.stop()
    this.#language.stop()
    this.#keymap.stop()
    this.view.destroy()
    this.#frame.remove()
    if (this.#ownsRoom) this.room.destroy()
  }

  /** A position that is there, for one that was given: others may have shortened the text meanwhile. */
  #position(given: number, where: string): number {
    if (!Number.isInteger(given) || given < 0)
      throw new TypeError(`${where}: ${String(given)} is no position; give a whole number from 0`)
    return Math.min(given, this.view.state.doc.length)
  }

  #load(): void {
    const { language, languages, keymap: keys, keymaps, resolveUsers } = this.#settings.current
    this.#language.want(this.view, language, languages)
    this.#keymap.want(this.view, keys, keymaps)
    this.users.use(resolveUsers)
  }

  #usersChanged(ids: readonly string[]): void {
    // Another function each time, which is how it is noticed.
    const looks = peerLooks.of((person) => this.users.of(person))
    this.view.dispatch({ effects: this.#looks.reconfigure(looks) })
    this.#tellAround('users', { ids })
  }

  /** Also where there is no element around: the people who are here are shown by another one. */
  #tellAround<Name extends 'follow' | 'users'>(name: Name, value: EditorEvents[Name]): void {
    tell(this.view.dom, name, value)
    this.#news.tell(name, value)
  }

  #notLoaded(name: string, error: unknown): void {
    const message = `${name}: ${error instanceof Error ? error.message : String(error)}`
    this.#news.tell('error', { code: 'not-loaded', message, retryable: true })
  }

  /** An empty editor that takes text would promise that the document is empty. */
  #statusChanged(): void {
    const wanted = lockedWhile(isLoading(this.room))
    if (this.#loading.get(this.view.state) === wanted) return
    this.view.dispatch({ effects: this.#loading.reconfigure(wanted) })
  }
}

function roomOf(options: MountOptions): Room {
  const { room, user } = options
  if (room === undefined) return connect(connectOptionsIn(options))
  if (user !== undefined) room.presence.set(user)
  return room
}

/** What is for {@link connect} among the options of an editor. */
function connectOptionsIn(options: Exclude<MountOptions, { readonly room: Room }>): ConnectOptions {
  const { url, doc, offline, token, user } = options
  return {
    url,
    doc,
    ...(offline === undefined ? {} : { offline }),
    ...(token === undefined ? {} : { token }),
    ...(user === undefined ? {} : { user }),
  }
}

function isLoading(room: Room): boolean {
  return room.status.save === 'loading'
}

const unlocked: Extension = []
const locked: Extension = [EditorState.readOnly.of(true), EditorView.editable.of(false)]

function lockedWhile(loading: boolean): Extension {
  return loading ? locked : unlocked
}

function collaboration(
  room: Room,
  text: Y.Text,
  news: EditorNews,
  followed: (change: FollowChange) => void,
): Extension {
  return [
    collabText(text),
    collabUndo({ onChange: (depth) => news.tell('undo', depth) }),
    remoteCursors(room.presence),
    togetherness(followed),
    // What is not here yet is locked by the loading; what is on this device may be written without a server.
    readOnlyByRoom(room, { assume: 'write' }),
  ]
}

const basics: Extension = [
  highlightSpecialChars(),
  drawSelection(),
  dropCursor(),
  EditorState.allowMultipleSelections.of(true),
  keymap.of(plainKeys),
  typeOver,
  editorTheme,
]

/** A place with a shadow root: the parent's own, if it is in one, or a new one. */
function frameIn(parent: HTMLElement): HTMLElement {
  const frame = parent.ownerDocument.createElement('div')
  if (parent.getRootNode() instanceof ShadowRoot) {
    frame.style.height = '100%'
  } else {
    frame.attachShadow({ mode: 'open' })
    // A parent without a height must not let the editor grow: what is all on the screen is all drawn.
    Object.assign(frame.style, frameStyle)
  }
  parent.append(frame)
  return frame
}

const frameStyle = {
  display: 'flex',
  flexDirection: 'column',
  height: 'var(--coscribe-height, 100%)',
  maxHeight: '100dvh',
} as const

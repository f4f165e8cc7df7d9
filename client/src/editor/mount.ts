import { defaultKeymap } from '@codemirror/commands'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  dropCursor,
  highlightSpecialChars,
  keymap,
  placeholder,
} from '@codemirror/view'
import { EditorView } from 'codemirror'
import type * as Y from 'yjs'
import {
  collabText,
  collabUndo,
  editorText,
  readOnlyByRoom,
  redo,
  remoteCursors,
  undo,
} from '../codemirror/index.js'
import type { TokenSource } from '../credential.js'
import type { OfflineStore } from '../offline-store.js'
import { english } from '../phrases/en/index.js'
import type { Phrases } from '../phrases/phrases.js'
import { connect, type Room } from '../room.js'
import { checkMountOptions, connectOptionsIn } from './mount-options.js'
import { onSeenAgain } from './seen-again.js'
import { editorTheme, onSystemTheme, themeAt, type EditorTheme } from './theme.js'
import { typeOver } from './type-over.js'

/** The document: a room of one's own, or where to connect to. */
export type EditorSource =
  | { readonly room: Room }
  | {
      readonly url: string
      readonly doc: string
      readonly offline?: OfflineStore
      readonly token?: TokenSource
    }

/** What can be changed while an editor is open. */
export interface EditorSettings {
  /** `auto`, the default, follows the page's `color-scheme`. */
  readonly theme?: EditorTheme
  /** Nobody types here, whatever the server allows; `false` by default. */
  readonly readOnly?: boolean
  /** Shown while there is no text. */
  readonly placeholder?: string
  /** The editor's name for assistive technology; the word for text by default. */
  readonly label?: string
  /** What the editor says itself; English by default. Others come from `loadPhrases`. */
  readonly phrases?: Phrases
}

export interface EditorSetup extends EditorSettings {
  /** The name of the shared text; `content` by default. */
  readonly field?: string
  /** More CodeMirror extensions; they come before ours. */
  readonly extensions?: Extension
}

export type MountOptions = EditorSource & EditorSetup

/** An open editor. */
export interface EditorHandle {
  readonly view: EditorView
  readonly room: Room
  readonly text: Y.Text
  focus(): void
  /** Undoes what was written here last, and nothing of others; `false` when there is nothing. */
  undo(): boolean
  redo(): boolean
  /** Changes the settings that are named and leaves the others. */
  set(settings: EditorSettings): void
  /** Takes the editor out of the page, and leaves the room unless it was given. Harmless when called twice. */
  destroy(): void
}

/**
 * Opens an editor in `parent`. It lives in a shadow root: the page's styles do not reach it, its styles do not leave
 * it, and a strict content security policy needs no exception for it.
 *
 * @throws CoscribeError `bad-document-id`
 * @throws TypeError for options that are unknown, of the wrong kind or contradict each other, and for a missing parent
 */
export function mountEditor(parent: HTMLElement, options: MountOptions): EditorHandle {
  return new MountedEditor(parent, options)
}

class MountedEditor implements EditorHandle {
  readonly view: EditorView
  readonly room: Room
  readonly text: Y.Text
  readonly #ownsRoom: boolean
  readonly #frame: HTMLElement
  readonly #settings = new Compartment()
  readonly #loading = new Compartment()
  readonly #stops: readonly (() => void)[]
  #current: EditorSettings
  #destroyed = false

  constructor(parent: HTMLElement, options: MountOptions) {
    checkMountOptions(parent, options)
    const given = 'room' in options ? options.room : undefined
    this.#ownsRoom = given === undefined
    this.room = given ?? connect(connectOptionsIn(options))
    this.text = this.room.text(options.field ?? 'content')
    this.#current = options
    this.#frame = frameIn(parent)
    const root = this.#frame.shadowRoot ?? (parent.getRootNode() as ShadowRoot)
    this.view = new EditorView({
      root,
      parent: this.#frame.shadowRoot ?? this.#frame,
      doc: editorText(this.text),
      extensions: [
        options.extensions ?? [],
        this.#settings.of(this.#settingExtensions()),
        this.#loading.of(lockedWhile(isLoading(this.room))),
        collaboration(this.room, this.text),
        basics,
      ],
    })
    this.#stops = [
      this.room.on('status', () => this.#statusChanged()),
      onSystemTheme(() => this.set({})),
      onSeenAgain(parent.ownerDocument, () => this.room.retryCopy()),
    ]
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

  set(settings: EditorSettings): void {
    this.#current = { ...this.#current, ...settings }
    this.view.dispatch({ effects: this.#settings.reconfigure(this.#settingExtensions()) })
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    for (const stop of this.#stops) stop()
    this.view.destroy()
    this.#frame.remove()
    if (this.#ownsRoom) this.room.destroy()
  }

  #settingExtensions(): Extension {
    const { theme = 'auto', readOnly = false, placeholder: hint = '', label } = this.#current
    const { editor } = this.#current.phrases ?? english
    return [
      placeholder(hint),
      EditorState.phrases.of(editor.codeMirror),
      EditorView.contentAttributes.of({
        'aria-label': label ?? editor.label,
        spellcheck: 'true',
        autocapitalize: 'sentences',
      }),
      themeAt(this.#frame, theme),
      // Still focusable, so that the keyboard can read, select and copy.
      EditorState.readOnly.of(readOnly),
    ]
  }

  /** An empty editor that takes text would promise that the document is empty. */
  #statusChanged(): void {
    const wanted = lockedWhile(isLoading(this.room))
    if (this.#loading.get(this.view.state) === wanted) return
    this.view.dispatch({ effects: this.#loading.reconfigure(wanted) })
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

function collaboration(room: Room, text: Y.Text): Extension {
  return [
    collabText(text),
    collabUndo(),
    remoteCursors(room.presence),
    // What is not here yet is locked by the loading; what is on this device may be written without a server.
    readOnlyByRoom(room, { assume: 'write' }),
  ]
}

const basics: Extension = [
  highlightSpecialChars(),
  drawSelection(),
  dropCursor(),
  EditorState.allowMultipleSelections.of(true),
  EditorView.lineWrapping,
  keymap.of(defaultKeymap),
  typeOver,
  editorTheme,
]

/** A place with a shadow root: the parent's own, if it is in one, or a new one. */
function frameIn(parent: HTMLElement): HTMLElement {
  const frame = parent.ownerDocument.createElement('div')
  frame.style.height = '100%'
  if (!(parent.getRootNode() instanceof ShadowRoot)) frame.attachShadow({ mode: 'open' })
  parent.append(frame)
  return frame
}

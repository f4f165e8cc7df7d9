import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { Emitter, type Access, type Off } from '@coscribe/shared'
import type * as Y from 'yjs'
import type { PresentPeer } from '../presence.js'
import type { RoomInfo } from '../naming.js'
import type { RoomFault } from '../room-error.js'
import type { Room } from '../room.js'
import type { RoomStatus, SaveStatus } from '../sync-status.js'
import type { RefusedInsert } from '../codemirror/fits.js'
import type { FollowChange } from '../codemirror/follow-watch.js'
import type { UndoDepth } from '../codemirror/undo-history.js'

/** Who changed a text: somebody in this editor's tab, or anybody else. */
export interface TextChanged {
  readonly origin: 'local' | 'remote'
}

/** What is selected, in UTF-16 units of the text: `head` is where the caret is, `anchor` the other end. */
export interface EditorSelected {
  readonly anchor: number
  readonly head: number
}

/** What an open editor tells of, with the value that each listener receives. */
export interface EditorEvents {
  /** The whole document has been received from the server once. */
  readonly ready: { readonly room: Room }
  /** Something about connection or saving changed. */
  readonly status: RoomStatus
  /** Where this person's own edits are. */
  readonly save: SaveStatus
  /** What this person may do; `null` before the server said so. */
  readonly access: Access | null
  /** Something keeps the document from being connected or saved, or an extension from being loaded. */
  readonly error: RoomFault
  /** What the server calls the document. */
  readonly info: RoomInfo
  /** Everybody else who is here. */
  readonly presence: readonly PresentPeer[]
  /** Something else is known of the people with these ids; none named: of nobody any more. */
  readonly users: { readonly ids: readonly string[] }
  /** The text changed; one event for what one side changed in one turn. */
  readonly change: TextChanged
  /** The main selection is another one, or was moved by the text around it. */
  readonly selection: EditorSelected
  /** The editor follows somebody, or nobody any more and why. */
  readonly follow: FollowChange
  /** What somebody wanted to write, paste or drop was not taken: the document would have become too large. */
  readonly refused: RefusedInsert
  /** There begins or ceases to be something to undo or redo. */
  readonly undo: UndoDepth
}

/** Collects what happens in an editor and its room, and tells it under one set of names. */
export class EditorNews {
  readonly #emitter = new Emitter<EditorEvents>()
  #stops: readonly Off[] = []
  #selected: EditorSelected = { anchor: 0, head: 0 }
  #isSelectionDue = false

  on<Name extends keyof EditorEvents>(
    name: Name,
    listener: (value: EditorEvents[Name]) => void,
  ): Off {
    return this.#emitter.on(name, listener)
  }

  tell<Name extends keyof EditorEvents>(name: Name, value: EditorEvents[Name]): void {
    this.#emitter.emit(name, value)
  }

  /** Follows the selection of an editor. */
  extension(): Extension {
    return EditorView.updateListener.of(({ state, selectionSet, docChanged }) => {
      if (selectionSet || docChanged) this.#look(state.selection.main)
    })
  }

  /** Follows a room and a text of it, until `stop`. */
  follow(room: Room, text: Y.Text): void {
    const changed = this.#changeTeller()
    const observer = (_event: Y.YTextEvent, { local }: Y.Transaction): void => changed(local)
    text.observe(observer)
    this.#stops = [
      room.on('status', (status) => this.tell('status', status)),
      room.on('save', (save) => this.tell('save', save)),
      room.on('access', (access) => this.tell('access', access)),
      room.on('info', (info) => this.tell('info', info)),
      room.on('presence', (others) => this.tell('presence', others)),
      room.on('error', (error) => {
        if (error !== null) this.tell('error', error)
      }),
      () => text.unobserve(observer),
    ]
    this.#followReady(room)
  }

  /** Nobody waits here for a room: what waits is kept for as long as that is not ready, and may be gone by then. */
  #followReady(room: Room): void {
    let isTold = false
    const ready = (): void => {
      if (isTold) return
      isTold = true
      this.tell('ready', { room })
    }
    const off = room.on('synced', (isSynced) => {
      if (isSynced) ready()
    })
    this.#stops = [...this.#stops, off]
    room.whenReady({ timeout: 0 }).then(
      ready,
      // Not yet: then it is told, or why not.
      () => undefined,
    )
  }

  /** Nothing more is told. */
  stop(): void {
    for (const stop of this.#stops) stop()
    this.#emitter.clear()
  }

  /** Never in the midst of an update: a listener may want to dispatch. */
  #look({ anchor, head }: EditorSelected): void {
    const last = this.#selected
    if (anchor === last.anchor && head === last.head) return
    this.#selected = { anchor, head }
    if (this.#isSelectionDue) return
    this.#isSelectionDue = true
    queueMicrotask(() => {
      this.#isSelectionDue = false
      this.tell('selection', this.#selected)
    })
  }

  /** Many transactions of one turn are one change. */
  #changeTeller(): (local: boolean) => void {
    const origins = new Set<TextChanged['origin']>()
    return (local) => {
      if (origins.size === 0) {
        queueMicrotask(() => {
          const told = [...origins]
          origins.clear()
          for (const origin of told) this.tell('change', { origin })
        })
      }
      origins.add(local ? 'local' : 'remote')
    }
  }
}

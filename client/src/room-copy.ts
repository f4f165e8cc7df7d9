import * as Y from 'yjs'
import { OfflineCopyWriter } from './offline-copy.js'
import type { OfflineCopy, OfflineStore } from './offline-store.js'
import type { RoomFault } from './room-error.js'

/** What a room's copy needs of its room. */
export interface RoomCopyOptions {
  readonly store: OfflineStore
  readonly ydoc: Y.Doc
  /** The copy was put into the document before the room met a server. */
  restored(bytes: number, historyId: string): void
  /** The history the document belongs to, or empty. */
  historyId(): string
  /** Whether content of this history may be put into the document, which may be in a session by now. */
  mayJoin(historyId: string): boolean
  /** Something a status shows may have changed. */
  changed(): void
}

/** The copy of a room's document on this device: what it held goes into the document, what happens goes into it. */
export class RoomCopy {
  readonly #options: RoomCopyOptions
  readonly #writer: OfflineCopyWriter
  /** Marks the transaction that brings what the copy knows already. */
  readonly #known = {}
  #loading: Promise<void> | null = null
  #retrying = false
  #destroyed = false

  constructor(options: RoomCopyOptions) {
    this.#options = options
    this.#writer = new OfflineCopyWriter(options.store, () => options.changed())
  }

  get error(): RoomFault | null {
    return this.#writer.error
  }

  get keepsAll(): boolean {
    return this.#writer.keepsAll
  }

  /** Reads the copy once. Never rejects: one that cannot be read is an error in the status, and an empty one. */
  load(): Promise<void> {
    this.#loading ??= this.#restore()
    return this.#loading
  }

  /** Adds an update of the document, unless it came out of the copy. */
  record(update: Uint8Array, origin?: unknown): void {
    if (!this.brought(origin)) this.#writer.record(update, this.#options.historyId())
  }

  /** Whether a transaction of this origin only brought the copy into the document. */
  brought(origin: unknown): boolean {
    return origin === this.#known
  }

  /** The document belongs to this history. */
  belongsTo(historyId: string): void {
    this.#writer.belongsTo(historyId)
  }

  /** Tries again to keep a copy, if that has failed. Never rejects either. */
  async retry(): Promise<void> {
    if (this.#writer.error === null || this.#retrying || this.#destroyed) return
    this.#retrying = true
    await this.#restoreLate()
    this.#retrying = false
  }

  destroy(): void {
    this.#destroyed = true
    this.#writer.destroy()
  }

  /** Ends, and leaves nothing behind. */
  forget(): Promise<void> {
    this.#destroyed = true
    return this.#writer.forget()
  }

  async #restore(): Promise<void> {
    const copy = await this.#read()
    if (copy === null || copy.updates.length === 0 || !this.#merge(copy, this.#known)) return
    const bytes = copy.updates.reduce((sum, update) => sum + update.length, 0)
    this.#options.restored(bytes, copy.historyId)
  }

  /** What the copy holds after all is as new to the room, and to its server, as an edit. */
  async #restoreLate(): Promise<void> {
    const copy = await this.#read()
    if (copy === null) return
    if (!this.#options.mayJoin(copy.historyId)) {
      return this.#writer.fail('it is of a document that was replaced')
    }
    if (!this.#merge(copy, this)) return
    this.#writer.restart(Y.encodeStateAsUpdate(this.#options.ydoc), this.#options.historyId())
  }

  async #read(): Promise<OfflineCopy | null> {
    const copy = await this.#writer.load()
    return this.#destroyed ? null : copy
  }

  #merge({ updates }: OfflineCopy, origin: object): boolean {
    const { ydoc } = this.#options
    try {
      ydoc.transact(() => {
        for (const update of updates) Y.applyUpdate(ydoc, update, origin)
      }, origin)
      return true
    } catch (error) {
      this.#writer.fail(error)
      return false
    }
  }
}

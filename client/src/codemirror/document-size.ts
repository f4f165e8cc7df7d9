import * as Y from 'yjs'

/** What a struct takes beside its content, at most. */
const STRUCT_BYTES = 40
const UTF8_BYTES_PER_UNIT = 3

/**
 * How large a document is as it is stored. To measure it costs as much as the document is long, so that is done only
 * when it matters, and in between the edits are counted.
 */
export class DocumentSize {
  readonly #ydoc: Y.Doc
  #measured: number | null = null
  /** The size of the updates since then: what they add, or more. */
  #editedBytes = 0
  #followers = 0

  constructor(ydoc: Y.Doc) {
    this.#ydoc = ydoc
  }

  /** Notices edits, until the returned function is called. */
  follow(): () => void {
    if (this.#followers++ === 0) this.#ydoc.on('update', this.#edited)
    return () => {
      if (--this.#followers === 0) this.#ydoc.off('update', this.#edited)
    }
  }

  /** Whether it is below `bytes` for certain, or as good as: by far, by a count that costs next to nothing. */
  isBelow(bytes: number): boolean {
    const size = this.#measured === null ? this.#roughly() : this.#measured + this.#editedBytes
    return size < bytes
  }

  /** Its size in bytes. */
  measure(): number {
    if (this.#measured === null || this.#editedBytes > 0) {
      this.#measured = Y.encodeStateAsUpdate(this.#ydoc).length - this.#keptUnits()
      this.#editedBytes = 0
    }
    return this.#measured
  }

  /** More than it is, but for what it holds beside text. */
  #roughly(): number {
    let clocks = 0
    let structs = 0
    for (const list of this.#ydoc.store.clients.values()) {
      const last = list.at(-1)
      structs += list.length
      if (last !== undefined) clocks += last.id.clock + last.length
    }
    return clocks * UTF8_BYTES_PER_UNIT + structs * STRUCT_BYTES
  }

  /** Deleted text that is here for undoing only, and that a server lets go. */
  #keptUnits(): number {
    let units = 0
    for (const list of this.#ydoc.store.clients.values()) {
      for (const struct of list) {
        if (!(struct instanceof Y.Item) || !struct.deleted) continue
        if (struct.content instanceof Y.ContentString) units += struct.length
      }
    }
    return units
  }

  readonly #edited = (update: Uint8Array): void => {
    this.#editedBytes += update.length
  }
}

import * as Y from 'yjs'

/** What a struct takes beside its content, at most. */
const STRUCT_BYTES = 40
const UTF8_BYTES_PER_UNIT = 3

interface Measured {
  readonly bytes: number
  /** The sum of all clocks then. */
  readonly clocks: number
}

/**
 * How large a document is as it is stored. To measure it costs as much as the document is long, so that is done only
 * when it matters, and in between it is counted what was written.
 */
export class DocumentSize {
  readonly #ydoc: Y.Doc
  #measured: Measured | null = null
  #isNewer = false
  #followers = 0

  constructor(ydoc: Y.Doc) {
    this.#ydoc = ydoc
  }

  /** Notices edits, until the returned function is called. */
  follow(): () => void {
    if (this.#followers++ === 0) this.#ydoc.on('afterTransaction', this.#changed)
    return () => {
      if (--this.#followers === 0) this.#ydoc.off('afterTransaction', this.#changed)
    }
  }

  /** Whether it is below `bytes` for certain, or as good as: by far, by a count that costs next to nothing. */
  isBelow(bytes: number): boolean {
    return this.#roughly() < bytes
  }

  /** Its size in bytes. */
  measure(): number {
    if (this.#measured === null || this.#isNewer) {
      const bytes = Y.encodeStateAsUpdate(this.#ydoc).length - this.#keptUnits()
      this.#measured = { bytes, clocks: this.#clocks() }
      this.#isNewer = false
    }
    return this.#measured.bytes
  }

  /** More than it is, but for what it holds beside text. */
  #roughly(): number {
    if (this.#measured !== null) {
      const written = this.#clocks() - this.#measured.clocks
      return this.#measured.bytes + written * (UTF8_BYTES_PER_UNIT + STRUCT_BYTES)
    }
    let structs = 0
    for (const list of this.#ydoc.store.clients.values()) structs += list.length
    return this.#clocks() * UTF8_BYTES_PER_UNIT + structs * STRUCT_BYTES
  }

  #clocks(): number {
    let clocks = 0
    for (const list of this.#ydoc.store.clients.values()) {
      const last = list.at(-1)
      if (last !== undefined) clocks += last.id.clock + last.length
    }
    return clocks
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

  readonly #changed = (): void => {
    this.#isNewer = true
  }
}

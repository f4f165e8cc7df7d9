import * as Y from 'yjs'

/** Edits that were made while nothing could be sent. The document has them; here is only from where on. */
export class HeldEdits {
  /** The first clock of each client. */
  readonly #from = new Map<number, number>()
  #isEmpty = true

  get isEmpty(): boolean {
    return this.#isEmpty
  }

  add(update: Uint8Array): void {
    this.#isEmpty = false
    for (const [client, clock] of Y.parseUpdateMeta(update).from) {
      if (clock < (this.#from.get(client) ?? Infinity)) this.#from.set(client, clock)
    }
  }

  /** An update with these edits, and all deletions. */
  updateOf(ydoc: Y.Doc): Uint8Array {
    const vector = Y.decodeStateVector(Y.encodeStateVector(ydoc))
    for (const [client, clock] of this.#from) vector.set(client, clock)
    return Y.encodeStateAsUpdate(ydoc, Y.encodeStateVector(vector))
  }
}

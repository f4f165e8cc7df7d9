import type * as Y from 'yjs'

/**
 * Hears of the updates of a document, but not of those that were just brought by somebody who has their bytes: where
 * anybody listens, Yjs writes down what a transaction did, which for a large document takes as long as putting it in.
 */
export class UpdateWatch {
  readonly #ydoc: Y.Doc
  readonly #brought: (origin: unknown) => boolean
  readonly #heard: (update: Uint8Array, origin: unknown) => void
  #isListening = false

  /** @param brought whether nothing is to be written down of transactions of this origin */
  constructor(
    ydoc: Y.Doc,
    brought: (origin: unknown) => boolean,
    heard: (update: Uint8Array, origin: unknown) => void,
  ) {
    this.#ydoc = ydoc
    this.#brought = brought
    this.#heard = heard
    // What Yjs tells of a transaction just before it looks whether anybody wants its update.
    ydoc.on('afterTransactionCleanup', this.#onTransaction)
  }

  destroy(): void {
    this.#ydoc.off('afterTransactionCleanup', this.#onTransaction)
    this.#listen(false)
  }

  readonly #onTransaction = ({ origin }: Y.Transaction): void => {
    this.#listen(!this.#brought(origin))
  }

  #listen(listens: boolean): void {
    if (listens === this.#isListening) return
    this.#isListening = listens
    if (listens) this.#ydoc.on('update', this.#heard)
    else this.#ydoc.off('update', this.#heard)
  }
}

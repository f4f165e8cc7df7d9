/** Gives a document back; calling it again does nothing. */
export type GiveBack = () => void

/**
 * One turn at a time per document, so that `append`, `compact` and `mark` never overlap in the store for the same
 * document while different documents do not wait for each other.
 *
 * Whoever waits goes before whoever only tries: the writer comes back every few milliseconds, and without that order
 * a busy document would never be compacted.
 */
export class DocumentTurns {
  /** The documents whose turn is taken, and who waits for it; mostly nobody. */
  readonly #taken = new Map<string, (() => void)[] | null>()
  readonly #onFree = new Set<() => void>()

  /** Takes the turn if the document is free, and returns whether it was; who took it calls {@link giveBack} once. */
  tryTake(documentId: string): boolean {
    if (this.#taken.has(documentId)) return false
    this.#taken.set(documentId, null)
    return true
  }

  /** Ends a turn that {@link tryTake} took. */
  giveBack(documentId: string): void {
    const next = this.#taken.get(documentId)?.shift()
    if (next !== undefined) {
      next()
      return
    }
    this.#taken.delete(documentId)
    for (const listener of this.#onFree) listener()
  }

  /** Takes the turn after everybody who asked before. */
  async take(documentId: string): Promise<GiveBack> {
    if (!this.tryTake(documentId)) {
      await new Promise<void>((resolve) => this.#wait(documentId, resolve))
    }
    return this.#giver(documentId)
  }

  /** Calls `listener` each time some document becomes free. */
  onFree(listener: () => void): void {
    this.#onFree.add(listener)
  }

  #giver(documentId: string): GiveBack {
    let held = true
    return () => {
      if (!held) return
      held = false
      this.giveBack(documentId)
    }
  }

  #wait(documentId: string, resolve: () => void): void {
    const queue = this.#taken.get(documentId)
    if (queue) queue.push(resolve)
    else this.#taken.set(documentId, [resolve])
  }
}

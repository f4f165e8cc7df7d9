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
  readonly #waiting = new Map<string, (() => void)[]>()
  readonly #onFree = new Set<() => void>()

  /** Takes the turn if the document is free, or returns `null` at once. */
  tryTake(documentId: string): GiveBack | null {
    if (this.#waiting.has(documentId)) return null
    this.#waiting.set(documentId, [])
    return this.#giver(documentId)
  }

  /** Takes the turn after everybody who asked before. */
  async take(documentId: string): Promise<GiveBack> {
    const queue = this.#waiting.get(documentId)
    if (queue === undefined) {
      this.#waiting.set(documentId, [])
    } else {
      await new Promise<void>((resolve) => queue.push(resolve))
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
      this.#giveBack(documentId)
    }
  }

  #giveBack(documentId: string): void {
    const next = this.#waiting.get(documentId)?.shift()
    if (next !== undefined) {
      next()
      return
    }
    this.#waiting.delete(documentId)
    for (const listener of this.#onFree) listener()
  }
}

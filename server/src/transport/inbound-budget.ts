/** Someone who waits for a part of the budget. */
export interface Claimant {
  /** Its turn has come: it holds its part from now on. */
  granted(): void
}

/**
 * How many messages above the usual size may be arriving at the same time in the whole process. A client that comes
 * back with a document's worth of edits is welcome; a thousand of them at once wait for each other, unread.
 */
export class InboundBudget {
  readonly #holders = new Set<Claimant>()
  readonly #waiting = new Set<Claimant>()
  readonly #atOnce: number

  /** @param totalBytes for all of them @param eachBytes what one may grow to */
  constructor(totalBytes: number, eachBytes: number) {
    this.#atOnce = Math.max(1, Math.floor(totalBytes / eachBytes))
  }

  /** Whether somebody waits. */
  get contended(): boolean {
    return this.#waiting.size > 0
  }

  /** Whether the claimant holds its part now; if not, it is told later. */
  claim(claimant: Claimant): boolean {
    if (this.#holders.size >= this.#atOnce) {
      this.#waiting.add(claimant)
      return false
    }
    this.#holders.add(claimant)
    return true
  }

  /** Gives back, or stops waiting; harmless when neither is the case. */
  release(claimant: Claimant): void {
    this.#waiting.delete(claimant)
    if (!this.#holders.delete(claimant)) return
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next)
    this.#holders.add(next)
    next.granted()
  }
}

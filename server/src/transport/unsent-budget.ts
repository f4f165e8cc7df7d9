/** One whose unsent bytes are counted. */
export interface Debtor {
  /** Drop the socket: all together have too many, and this one has had unsent bytes for longest. */
  giveUp(): void
}

/**
 * The bytes that all connections of the process have waiting to be sent. Each is bounded by itself; this is the bound
 * on all of them. Above it those that have not read for longest are given up.
 */
export class UnsentBudget {
  readonly #maxBytes: number
  /** In the order in which they fell behind. */
  readonly #debts = new Map<Debtor, number>()
  #total = 0

  /** @param maxBytes unsent bytes of all connections together */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Unsent bytes of all connections. */
  get total(): number {
    return this.#total
  }

  /** This many bytes of `debtor` wait now. Call it at each write and drain, and with 0 when it is gone. */
  owes(debtor: Debtor, bytes: number): void {
    const before = this.#debts.get(debtor) ?? 0
    if (bytes === before) return
    this.#total += bytes - before
    if (bytes === 0) this.#debts.delete(debtor)
    else this.#debts.set(debtor, bytes)
    if (this.#total > this.#maxBytes) this.#giveUpOldest()
  }

  #giveUpOldest(): void {
    for (const [debtor, bytes] of this.#debts) {
      this.#debts.delete(debtor)
      this.#total -= bytes
      debtor.giveUp()
      if (this.#total <= this.#maxBytes) return
    }
  }
}

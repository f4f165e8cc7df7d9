/** Somebody whose turn it is to ask. */
interface Asking {
  /** Never rejects. */
  ask(): Promise<void>
}

/** Questions at a time: after a restart all sessions are due in the same second. */
const AT_A_TIME = 16

/** The questions that are due, in the order in which they became so. One waits at most once, so that sessions bound them. */
export class Reviews {
  readonly #waiting = new Set<Asking>()
  #asking = 0

  add(asking: Asking): void {
    this.#waiting.add(asking)
    this.#next()
  }

  delete(asking: Asking): void {
    this.#waiting.delete(asking)
  }

  #next(): void {
    for (const asking of this.#waiting) {
      if (this.#asking >= AT_A_TIME) return
      this.#waiting.delete(asking)
      this.#asking += 1
      void this.#ask(asking)
    }
  }

  async #ask(asking: Asking): Promise<void> {
    await asking.ask()
    this.#asking -= 1
    this.#next()
  }
}

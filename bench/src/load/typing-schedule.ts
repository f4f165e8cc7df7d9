const TICK_MS = 1

/** Calls for the next edit at a constant rate; what a late timer missed is made up for at once. */
export class TypingSchedule {
  readonly #perMs: number
  readonly #next: () => void
  #timer: NodeJS.Timeout | null = null
  #startedAt = 0
  #done = 0

  /** @param perSecond edits a second of everybody together */
  constructor(perSecond: number, next: () => void) {
    this.#perMs = perSecond / 1_000
    this.#next = next
  }

  start(): void {
    this.#startedAt = performance.now()
    this.#done = 0
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  #catchUp(): void {
    const due = Math.floor((performance.now() - this.#startedAt) * this.#perMs)
    for (; this.#done < due; this.#done++) this.#next()
  }
}

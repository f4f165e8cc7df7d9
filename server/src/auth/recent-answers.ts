import type { Clock } from '@coscribe/shared'

interface Entry<Answer> {
  readonly answer: Promise<Answer>
  /** Until when it counts; while it is awaited, without end. */
  until: number
}

/** Answers that may be given again for a short while. Who asks what is being asked waits for the same answer. */
export class RecentAnswers<Answer> {
  readonly #clock: Clock
  readonly #keepMs: number
  readonly #maxCount: number
  readonly #isKept: (answer: Answer) => boolean
  /** Oldest first. */
  readonly #entries = new Map<string, Entry<Answer>>()

  /**
   * @param keepMs how long an answer counts, in milliseconds
   * @param maxCount above this many, the oldest are forgotten
   * @param isKept whether an answer may be given again at all; failures never are
   */
  constructor(clock: Clock, keepMs: number, maxCount: number, isKept: (answer: Answer) => boolean) {
    this.#clock = clock
    this.#keepMs = keepMs
    this.#maxCount = maxCount
    this.#isKept = isKept
  }

  get size(): number {
    return this.#entries.size
  }

  /** The answer to `key`: one that still counts, or a new one from `ask`. Rejects as `ask` does. */
  get(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#entries.get(key)
    if (known !== undefined && known.until > this.#clock.now()) return known.answer
    this.#entries.delete(key)
    this.#makeRoom()
    const entry = { answer: ask(), until: Infinity }
    this.#entries.set(key, entry)
    entry.answer.then(
      (answer) => {
        if (this.#isKept(answer)) entry.until = this.#clock.now() + this.#keepMs
        else this.#forget(key, entry)
      },
      () => this.#forget(key, entry),
    )
    return entry.answer
  }

  #makeRoom(): void {
    const now = this.#clock.now()
    for (const [key, { until }] of this.#entries) {
      if (until > now && this.#entries.size < this.#maxCount) return
      this.#entries.delete(key)
    }
  }

  #forget(key: string, entry: Entry<Answer>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
  }
}

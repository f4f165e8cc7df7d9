/** Questions for the document, of one session, that are answered at once in one period; milliseconds. */
const AT_ONCE = 5
const PERIOD_MS = 10_000

/**
 * How often one session is told the document: an answer can be as large as the document is, and asking costs the
 * asker nothing. Beyond the rate nobody is refused; questions wait for the next period and are answered together.
 */
export class QuestionRate {
  #since = -Infinity
  #answered = 0

  /** Whether a question is answered at `now`, in milliseconds; if so, it counts. */
  takes(now: number): boolean {
    if (now - this.#since >= PERIOD_MS) {
      this.#since = now
      this.#answered = 0
    }
    if (this.#answered >= AT_ONCE) return false
    this.#answered++
    return true
  }
}

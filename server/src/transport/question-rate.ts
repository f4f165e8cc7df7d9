/** In which so many questions of one session are answered at once; milliseconds. */
const PERIOD_MS = 10_000
/** Whole and finite, like all moments that are kept: other numbers are objects. */
const LONG_AGO = -(2 ** 30)
/** Larger state vectors are not kept; bytes. */
const KEPT_BYTES = 64 * 1024
/** The state vector of a replica that has nothing. */
const NOTHING: Uint8Array = new Uint8Array([0])

/**
 * How often one session is told the document: an answer can be as large as the document is, and asking costs the
 * asker nothing. Beyond the rate nobody is refused; questions wait for the next period and are answered together.
 */
export class QuestionRate {
  #since = LONG_AGO
  #answered = 0

  /** Whether a question is answered at `now`, in milliseconds, where `atOnce` are in one period; if so, it counts. */
  takes(now: number, atOnce: number): boolean {
    if (now - this.#since >= PERIOD_MS) {
      this.#since = Math.floor(now)
      this.#answered = 0
    }
    if (this.#answered >= atOnce) return false
    this.#answered++
    return true
  }
}

/** The state vector to answer when a question waits: for a large one the whole document, which everybody shares. */
export function keptQuestion(stateVector: Uint8Array): Uint8Array {
  return stateVector.length > KEPT_BYTES ? NOTHING : stateVector
}

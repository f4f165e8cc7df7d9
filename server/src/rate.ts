/**
 * How much of something may happen: so much in a second, and so much at once after a rest. What is left is one number,
 * the moment at which everything will be allowed again, so that a bucket is a field of whatever it belongs to and
 * nothing has to fill it.
 */
export class Rate {
  readonly #perMs: number
  readonly #burst: number

  /** @param perSecond what is allowed in the long run @param burst what is allowed at once */
  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1_000
    this.#burst = burst
  }

  /** The moment at which everything is allowed again, after `amount` was taken at `now`; before it was `fullAt`. */
  after(fullAt: number, amount: number, now: number): number {
    return Math.max(fullAt, now) + amount / this.#perMs
  }

  /** For how many milliseconds more was taken than is allowed; 0 when that is not so. */
  overdrawnMs(fullAt: number, now: number): number {
    return Math.max(0, fullAt - now - this.#burst / this.#perMs)
  }
}

/** Steps within a doubling: a percentile is right within 4.5 %. */
const STEPS = 16
const BUCKETS = 32 * STEPS

/** Durations in buckets that grow with them; adding one allocates nothing. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS)
  #total = 0

  /** @param ms a duration in milliseconds; a thousandth of one is the shortest told apart */
  add(ms: number, times = 1): void {
    const us = ms * 1_000
    const bucket = us <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log2(us) * STEPS))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times
    this.#total += times
  }

  /** The duration in milliseconds that this fraction of all does not exceed; NaN when there are none. */
  quantile(fraction: number): number {
    if (this.#total === 0) return Number.NaN
    let left = Math.ceil(this.#total * fraction)
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket] ?? 0
      if (left <= 0) return 2 ** (bucket / STEPS) / 1_000
    }
    return Number.NaN
  }

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }
}

import type { Clock } from '@coscribe/shared'

/** So many bytes may be cut for single sessions in so many milliseconds. */
const MAX_BYTES = 64 * 1024 * 1024
const WITHIN_MS = 10_000

/**
 * A bound on the pieces of documents that are cut to what one session lacks. Each is held until that session has read
 * it, unlike stored bytes, which all share: sessions that say they lack all kinds of halves of a large document and
 * then do not read would fill the memory. Who comes when too much was cut lately is sent the stored bytes, whole.
 */
export class SliceAllowance {
  readonly #clock: Clock
  #begunAt = -Infinity
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether so many bytes more may be cut; they count if they may. */
  take(bytes: number): boolean {
    const now = this.#clock.now()
    if (now - this.#begunAt >= WITHIN_MS) {
      this.#begunAt = now
      this.#bytes = 0
    }
    if (this.#bytes + bytes > MAX_BYTES) return false
    this.#bytes += bytes
    return true
  }
}

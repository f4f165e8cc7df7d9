import type { Cancel, Clock } from '@coscribe/shared'

/**
 * Decides when what a room has gathered leaves: at the end of the turn in which it came, so that everything of one
 * turn costs each receiver one write. Waiting longer for larger rooms is a change of this file alone.
 */
export class FlushSchedule {
  readonly #clock: Clock
  readonly #flush: () => void
  #cancel: Cancel | null = null

  constructor(clock: Clock, flush: () => void) {
    this.#clock = clock
    this.#flush = flush
  }

  /** There is something to flush. */
  touch(): void {
    this.#cancel ??= this.#clock.soon(() => {
      this.#cancel = null
      this.#flush()
    })
  }

  /** Takes back a planned flush: it was done by hand, or the room is over. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }
}

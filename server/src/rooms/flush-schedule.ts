import type { Cancel, Clock } from '@coscribe/shared'

/** What a schedule flushes, and for how many. */
export interface Flushed {
  readonly memberCount: number
  flush(): void
}

/** Rooms up to this many members are flushed within so many milliseconds of the last time. */
export type Windows = readonly (readonly [members: number, windowMs: number])[]

/**
 * One write per member and flush is nearly all that an edit costs, so the larger a room, the longer its edits are
 * gathered. In a small one there is nothing to gain: most windows would hold a single edit.
 */
export const updateWindows: Windows = [
  [15, 0],
  [63, 10],
  [255, 25],
  [Infinity, 33],
]

/** Cursors of others may come a little later; and whoever types moves one with each key, which travels with it. */
export const presenceWindows: Windows = [
  [2, 0],
  [15, 16],
  [63, 33],
  [255, 66],
  [Infinity, 250],
]

/**
 * Decides when what a room has gathered leaves. The first after a pause leaves at the end of the turn in which it
 * came, so that a lone writer's edit is not held up; what follows waits until the window since then is over.
 */
export class FlushSchedule {
  readonly #clock: Clock
  readonly #flushed: Flushed
  readonly #windows: Windows
  #lastAt = -Infinity
  #cancel: Cancel | null = null

  constructor(clock: Clock, flushed: Flushed, windows: Windows) {
    this.#clock = clock
    this.#flushed = flushed
    this.#windows = windows
  }

  /** There is something to flush. */
  touch(): void {
    if (this.#cancel !== null) return
    const windowMs = this.#windowMs()
    const waitMs = windowMs === 0 ? 0 : windowMs - (this.#clock.now() - this.#lastAt)
    const run = (): void => {
      this.#cancel = null
      this.#flushed.flush()
    }
    this.#cancel = waitMs > 0 ? this.#clock.after(waitMs, run) : this.#clock.soon(run)
  }

  /** It was flushed, by this schedule or for another reason: nothing is planned, and the window begins. */
  done(): void {
    this.stop()
    if (this.#windowMs() > 0) this.#lastAt = this.#clock.now()
  }

  /** Takes back a planned flush. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #windowMs(): number {
    const members = this.#flushed.memberCount
    return this.#windows.find(([most]) => members <= most)?.[1] ?? 0
  }
}

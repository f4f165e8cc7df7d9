import type { Cancel, Clock } from '@coscribe/shared'
import type { Ending, TurnEnd } from './turn-end.js'

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
export class FlushSchedule implements Ending {
  readonly #clock: Clock
  readonly #turnEnd: TurnEnd
  readonly #flushed: Flushed
  readonly #windows: Windows
  #lastAt = -Infinity
  /** What is planned: a flush at the end of this turn, or one later. */
  #atTurnEnd = false
  #cancel: Cancel | null = null

  constructor(clock: Clock, turnEnd: TurnEnd, flushed: Flushed, windows: Windows) {
    this.#clock = clock
    this.#turnEnd = turnEnd
    this.#flushed = flushed
    this.#windows = windows
  }

  /** There is something to flush. */
  touch(): void {
    if (this.#atTurnEnd || this.#cancel !== null) return
    const windowMs = this.#windowMs()
    const waitMs = windowMs === 0 ? 0 : windowMs - (this.#clock.now() - this.#lastAt)
    if (waitMs > 0) return this.#flushAfter(waitMs)
    this.#atTurnEnd = true
    this.#turnEnd.add(this)
  }

  turnEnded(): void {
    if (!this.#atTurnEnd) return
    this.#atTurnEnd = false
    this.#flushed.flush()
  }

  /** It was flushed, by this schedule or for another reason: nothing is planned, and the window begins. */
  done(): void {
    this.stop()
    if (this.#windowMs() > 0) this.#lastAt = this.#clock.now()
  }

  /** Takes back a planned flush. */
  stop(): void {
    this.#atTurnEnd = false
    this.#cancel?.()
    this.#cancel = null
  }

  #flushAfter(waitMs: number): void {
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#cancel = null
      this.#flushed.flush()
    })
  }

  #windowMs(): number {
    const members = this.#flushed.memberCount
    for (const [most, windowMs] of this.#windows) if (members <= most) return windowMs
    return 0
  }
}

import type { Cancel, Clock } from '@coscribe/shared'
import { VirtualClock } from '../support/virtual-clock.js'

/** Immediates that are planned at once. */
const AHEAD = 100

/** The time of one simulated world. */
export class SimClock extends VirtualClock {
  readonly #waiting: (() => void)[] = []
  #ahead = 0

  /** A part of this time that can be ended on its own: that of one process. */
  scope(): ClockScope {
    return new ClockScope(this)
  }

  /**
   * Between two immediates of one turn of the event loop all promises settle as well, and nothing is outside of a
   * simulated world for which a turn of its own had to look: that was a quarter of the time.
   */
  protected override promisesSettled(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (this.#ahead === 0) for (; this.#ahead < AHEAD; this.#ahead++) setImmediate(this.#next)
    })
  }

  readonly #next = (): void => {
    this.#ahead--
    this.#waiting.shift()?.()
  }
}

/** The time of one process: when it ends, nothing it planned happens any more. */
export class ClockScope implements Clock {
  readonly #clock: Clock
  readonly #planned = new Set<Cancel>()
  #ended = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Timers that have not run. */
  get waiting(): number {
    return this.#planned.size
  }

  now(): number {
    return this.#clock.now()
  }

  wallTime(): number {
    return this.#clock.wallTime()
  }

  after(delayMs: number, callback: () => void): Cancel {
    if (this.#ended) return () => undefined
    const cancel = this.#clock.after(delayMs, () => {
      this.#planned.delete(cancelThis)
      callback()
    })
    const cancelThis = (): void => {
      this.#planned.delete(cancelThis)
      cancel()
    }
    this.#planned.add(cancelThis)
    return cancelThis
  }

  soon(callback: () => void): Cancel {
    return this.after(0, callback)
  }

  /** Resolves after `delayMs`, never if the process ends before. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve))
  }

  end(): void {
    this.#ended = true
    for (const cancel of this.#planned) cancel()
    this.#planned.clear()
  }
}

import type { Cancel, Clock } from '@coscribe/shared'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** Time that passes when a test says so. Callbacks run in order of their time, then of their planning. */
export class VirtualClock implements Clock {
  #now = 0
  #planned = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#now
  }

  wallTime(): number {
    return this.#now
  }

  after(delayMs: number, callback: () => void): Cancel {
    this.#planned += 1
    const timer: Timer = { at: this.#now + Math.max(0, delayMs), order: this.#planned, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  soon(callback: () => void): Cancel {
    return this.after(0, callback)
  }

  /** Timers that have not run. */
  get pending(): number {
    return this.#timers.size
  }

  /** Runs what is due now, and what promises and timers make due now, until there is nothing left. */
  settle(): Promise<void> {
    return this.advance(0)
  }

  /** Lets `ms` milliseconds pass. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await promisesSettled()
    for (let next = this.#next(until); next !== null; next = this.#next(until)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await promisesSettled()
    }
    this.#now = until
  }

  #next(until: number): Timer | null {
    let next: Timer | null = null
    for (const timer of this.#timers) {
      if (timer.at > until) continue
      const earlier = next === null || timer.at < next.at
      if (earlier || (timer.at === next?.at && timer.order < next.order)) next = timer
    }
    return next
  }
}

/** One turn of the real event loop: every promise that can settle without waiting for anything outside has done so. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

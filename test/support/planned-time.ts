import type { Cancel, Clock } from '@coscribe/shared'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** Time that does not pass by itself, and what is planned in it: due in order of time, then of planning. */
export class PlannedTime implements Clock {
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
  get waiting(): number {
    return this.#timers.size
  }

  /** Time passes in which nothing runs, as while a machine sleeps: what was due meanwhile comes late. */
  sleep(ms: number): void {
    this.#now += ms
  }

  /** Goes to the next timer due by `until` and runs it; goes to `until` and returns `false` when there is none. */
  protected runNext(until: number): boolean {
    const next = this.#next(until)
    this.#now = next === null ? until : Math.max(this.#now, next.at)
    if (next === null) return false
    this.#timers.delete(next)
    next.callback()
    return true
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

import type { Clock } from '@coscribe/shared'
import type { Pulse } from './heartbeat.js'

/** What has an end. */
export interface Expiring {
  expired(): void
}

/**
 * Whatever ends at some moment, by the second in which it does: a visit of the heartbeat costs what ends now, however
 * much there is, and nothing has a timer of its own.
 */
export class Ends {
  /** Milliseconds of the clock by which they end. */
  readonly now: () => number
  readonly #bySecond = new Map<number, Set<Expiring>>()

  constructor(now: () => number) {
    this.now = now
  }

  /** How many wait for their end. */
  get size(): number {
    let size = 0
    for (const waiting of this.#bySecond.values()) size += waiting.size
    return size
  }

  /** Calls `expired` once, at `atMs` or up to two seconds later, unless it is taken back before. */
  add(atMs: number, expiring: Expiring): void {
    const second = secondOf(atMs)
    const waiting = this.#bySecond.get(second)
    if (waiting === undefined) this.#bySecond.set(second, new Set([expiring]))
    else waiting.add(expiring)
  }

  delete(atMs: number, expiring: Expiring): void {
    const second = secondOf(atMs)
    const waiting = this.#bySecond.get(second)
    waiting?.delete(expiring)
    if (waiting?.size === 0) this.#bySecond.delete(second)
  }

  visit(): void {
    const now = this.now()
    for (const [second, waiting] of this.#bySecond) {
      if (second * 1_000 > now) continue
      this.#bySecond.delete(second)
      for (const expiring of waiting) expiring.expired()
    }
  }
}

/** What ends by the wall clock, as a credential says, and {@link elapsed} what ends when some time has passed. */
export class Expiries extends Ends implements Pulse {
  /** By the clock that nobody sets: a wall clock that is put right must neither skip a review nor put it off. */
  readonly elapsed: Ends

  constructor(clock: Clock) {
    super(() => clock.wallTime())
    // Whole milliseconds: fractions would be an object each where they are kept.
    this.elapsed = new Ends(() => Math.floor(clock.now()))
  }

  override get size(): number {
    return super.size + this.elapsed.size
  }

  override visit(): void {
    super.visit()
    this.elapsed.visit()
  }
}

/** The first whole second that is not before the moment. */
function secondOf(atMs: number): number {
  return Math.ceil(atMs / 1_000)
}

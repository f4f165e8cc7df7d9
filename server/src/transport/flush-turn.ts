import type { Clock } from '@coscribe/shared'

/** What a turn flushes. */
export interface Flushable {
  flush(): void
  /** Asks for a flush at the end of this turn. */
  schedule(): void
}

/** How long something that may wait waits for other things to be sent with, in milliseconds: once to twice as long. */
const LATER_MS = 25

/** Jobs of a promise: in Node `queueMicrotask` costs an object and a scope of async hooks each time. */
const settled = Promise.resolve()

/** Flushes all queues that got something during one turn of the event loop, after that turn. */
export class FlushTurn {
  readonly #clock: Clock
  #queues: Flushable[] = []
  /** Those that may wait: till the next tick of their timer, and till the one after it. */
  #due = new Set<Flushable>()
  #later = new Set<Flushable>()
  #ticking = false
  #encodings: Map<object, Map<number, unknown>> | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds of the clock that all queues share. */
  now(): number {
    return this.#clock.now()
  }

  /** Flushes `queue` in 25 to 50 ms, unless it is taken back before. One timer for all, and none while nobody waits. */
  later(queue: Flushable): void {
    if (!this.#due.has(queue)) this.#later.add(queue)
    this.#planTick()
  }

  /** Takes back what {@link later} was asked for. */
  notLater(queue: Flushable): void {
    this.#due.delete(queue)
    this.#later.delete(queue)
  }

  add(queue: Flushable): void {
    this.#queues.push(queue)
    if (this.#queues.length === 1) void settled.then(this.#run)
  }

  /** What was encoded from `key` for this framing during this flush; encoded at the first call for all later ones. */
  encodedOnce<Encoded extends object>(
    key: object,
    framing: number,
    encode: () => Encoded,
  ): Encoded {
    this.#encodings ??= new Map()
    const encodings = this.#encodings.get(key) ?? new Map<number, unknown>()
    this.#encodings.set(key, encodings)
    // A key is of one kind of thing.
    let encoded = encodings.get(framing) as Encoded | undefined
    if (encoded === undefined) encodings.set(framing, (encoded = encode()))
    return encoded
  }

  #planTick(): void {
    if (this.#ticking) return
    this.#ticking = true
    this.#clock.after(LATER_MS, this.#tick)
  }

  readonly #tick = (): void => {
    this.#ticking = false
    const queues = this.#due
    this.#due = this.#later
    this.#later = new Set()
    for (const queue of queues) queue.schedule()
    if (this.#due.size > 0) this.#planTick()
  }

  readonly #run = (): void => {
    const queues = this.#queues
    this.#queues = []
    this.#encodings = null
    for (const queue of queues) queue.flush()
    this.#encodings = null
  }
}

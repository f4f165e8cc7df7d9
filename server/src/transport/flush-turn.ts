import type { Clock } from '@coscribe/shared'

/** What a turn flushes. */
export interface Flushable {
  flush(): void
  /** Asks for a flush at the end of this turn. */
  schedule(): void
}

/** How long something that may wait waits for other things to be sent with, in milliseconds. */
const LATER_MS = 33

/** Flushes all queues that got something during one turn of the event loop, after that turn. */
export class FlushTurn {
  readonly #clock: Clock
  #queues: Flushable[] = []
  #later: Set<Flushable> | null = null
  #encodings: Map<object, Map<number, Uint8Array | null>> | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds of the clock that all queues share. */
  now(): number {
    return this.#clock.now()
  }

  /** Flushes `queue` within 33 ms: what is to be sent then goes with anything that is sent before. */
  later(queue: Flushable): void {
    if (this.#later === null) {
      this.#later = new Set()
      this.#clock.after(LATER_MS, this.#runLater)
    }
    this.#later.add(queue)
  }

  add(queue: Flushable): void {
    this.#queues.push(queue)
    if (this.#queues.length === 1) queueMicrotask(this.#run)
  }

  /** What was encoded from `key` for this framing during this flush; encoded at the first call for all later ones. */
  encodedOnce(key: object, framing: number, encode: () => Uint8Array | null): Uint8Array | null {
    this.#encodings ??= new Map()
    const encodings = this.#encodings.get(key) ?? new Map<number, Uint8Array | null>()
    this.#encodings.set(key, encodings)
    let encoded = encodings.get(framing)
    if (encoded === undefined) encodings.set(framing, (encoded = encode()))
    return encoded
  }

  readonly #runLater = (): void => {
    const queues = this.#later ?? []
    this.#later = null
    for (const queue of queues) queue.schedule()
  }

  readonly #run = (): void => {
    const queues = this.#queues
    this.#queues = []
    this.#encodings = null
    for (const queue of queues) queue.flush()
    this.#encodings = null
  }
}

import type { Clock } from '@coscribe/shared'
import { WaitQueue } from '../rooms/wait-queue.js'

/** So many joins, and so many bytes of documents, are let in during one turn of the event loop. */
const JOINS_A_TURN = 4
const BYTES_A_TURN = 4 * 1024 * 1024
/** For each so many bytes that a join is to be sent, one join that comes later may go before it. */
const BYTES_A_PLACE = 64 * 1024

export interface AdmissionSetup {
  readonly clock: Clock
  /** Joins that may wait; more are refused. Default 10,000. */
  readonly maxWaiting?: number
}

interface Waiting {
  /** Its place in the queue. */
  need: number
  readonly bytes: number
  readonly admit: () => void
}

/**
 * The order of those who all want in at once, as after a restart. Answering a thousand in one turn of the event loop
 * would keep everybody else waiting, those who are in already first of all; so a few are let in each turn, and what the
 * others do comes between.
 *
 * They go in the order of their arrival, but whoever needs a large document lets pass those who need little: one place
 * for each 64 KiB, so that nobody is overtaken without end.
 */
export class Admission {
  readonly #clock: Clock
  readonly #maxWaiting: number
  readonly #queue = new WaitQueue<Waiting>()
  #arrivals = 0
  #joins = JOINS_A_TURN
  #bytes = BYTES_A_TURN
  #turnPlanned = false

  constructor({ clock, maxWaiting = 10_000 }: AdmissionSetup) {
    this.#clock = clock
    this.#maxWaiting = maxWaiting
  }

  /** Joins that wait. */
  get waiting(): number {
    return this.#queue.size
  }

  /**
   * Resolves when a join that is to be sent about `bytes` may go on, at once while there is no crowd: with `true`, or
   * with `false` when too many wait already. Who is gone by then has used its place.
   */
  enter(bytes: number): Promise<boolean> | true {
    if (this.#queue.size === 0 && this.#hasRoom) {
      this.#admit(bytes)
      return true
    }
    if (this.#queue.size >= this.#maxWaiting) return Promise.resolve(false)
    const place = this.#arrivals++ + bytes / BYTES_A_PLACE
    return new Promise((resolve) => {
      this.#queue.push({ need: place, bytes, admit: () => resolve(true) })
    })
  }

  get #hasRoom(): boolean {
    return this.#joins > 0 && this.#bytes > 0
  }

  #admit(bytes: number): void {
    this.#joins -= 1
    this.#bytes -= bytes
    if (this.#turnPlanned) return
    this.#turnPlanned = true
    this.#clock.soon(this.#nextTurn)
  }

  readonly #nextTurn = (): void => {
    this.#turnPlanned = false
    this.#joins = JOINS_A_TURN
    this.#bytes = BYTES_A_TURN
    while (this.#hasRoom) {
      const next = this.#queue.popBelow(Infinity)
      if (next === undefined) return
      this.#admit(next.bytes)
      next.admit()
    }
  }
}

import type { Clock } from '@coscribe/shared'
import type { SeededRandom } from '../support/random.js'

export interface Line {
  /** Shortest time a byte travels, in milliseconds. */
  readonly latencyMs: number
  /** What may come on top of it. */
  readonly jitterMs: number
  /** Bytes that may be under way or unread; a sender with more waits. */
  readonly windowBytes: number
}

/** What a pipe brings its bytes to. */
export interface Receiver {
  arrived(bytes: Uint8Array): void
}

/**
 * One direction of a connection: bytes arrive in order after a while, and no more of them are under way than the
 * reader's window has room for.
 */
export class Pipe {
  readonly #clock: Clock
  readonly #random: SeededRandom
  readonly #line: Line
  readonly #receiver: Receiver
  /** Called when there is room in the window again. */
  readonly #room: () => void
  #unread: (Uint8Array | (() => void))[] = []
  #used = 0
  #lastArrival = 0
  #paused = false
  #cut = false

  constructor(
    clock: Clock,
    random: SeededRandom,
    line: Line,
    ends: { readonly receiver: Receiver; readonly room: () => void },
  ) {
    this.#clock = clock
    this.#random = random
    this.#line = line
    this.#receiver = ends.receiver
    this.#room = ends.room
  }

  /** Takes as many of these bytes as there is room for, and returns how many. */
  push(bytes: Uint8Array): number {
    if (this.#cut) return 0
    const taken = Math.min(bytes.length, this.#line.windowBytes - this.#used)
    if (taken <= 0) return 0
    this.#used += taken
    this.#send(bytes.slice(0, taken))
    return taken
  }

  /** Calls `arrived` at the other end, in its place among the bytes. */
  signal(arrived: () => void): void {
    if (!this.#cut) this.#send(arrived)
  }

  /** The reader stops reading, or goes on. */
  set paused(paused: boolean) {
    this.#paused = paused
    if (!paused) this.#clock.after(0, () => this.#read())
  }

  /** From now on nothing arrives. */
  cut(): void {
    this.#cut = true
    this.#unread = []
  }

  #send(item: Uint8Array | (() => void)): void {
    const { latencyMs, jitterMs } = this.#line
    const travelMs = latencyMs + this.#random.fraction() * jitterMs
    this.#lastArrival = Math.max(this.#lastArrival, this.#clock.now() + travelMs)
    this.#clock.after(this.#lastArrival - this.#clock.now(), () => {
      if (this.#cut) return
      this.#unread.push(item)
      this.#read()
    })
  }

  #read(): void {
    while (!this.#paused && !this.#cut) {
      const item = this.#unread.shift()
      if (item === undefined) return
      if (typeof item === 'function') {
        item()
        continue
      }
      this.#used -= item.length
      this.#receiver.arrived(item)
      if (!this.#cut) this.#room()
    }
  }
}

import type { Cancel, Clock } from '@coscribe/shared'
import type { RoomFault } from './room-error.js'

/** Edits on their way this long without any ack are not called being saved any more. */
const OVERDUE_MS = 10_000
/** A timer that comes so much later than it was asked for says that nothing ran here meanwhile. */
const LATE_MS = 1_000

/** Notices a server that takes edits and acknowledges none, as one whose disk is full does. */
export class AckWatch {
  readonly #clock: Clock
  readonly #unsentBytes: () => number
  readonly #changed: () => void
  #fault: RoomFault | null = null
  /** When the wait began, or the last ack came. */
  #since = 0
  /** What had not left this machine then, or when it was last looked. */
  #unsent = 0
  #cancel: Cancel | null = null

  /**
   * @param unsentBytes what has not left this machine yet
   * @param changed called when `fault` is set
   */
  constructor(clock: Clock, unsentBytes: () => number, changed: () => void) {
    this.#clock = clock
    this.#unsentBytes = unsentBytes
    this.#changed = changed
  }

  /** Set while acks are overdue. */
  get fault(): RoomFault | null {
    return this.#fault
  }

  /** Something is on its way. A wait that has begun goes on. */
  expect(): void {
    if (this.#cancel !== null || this.#fault !== null) return
    this.#since = this.#clock.now()
    this.#unsent = this.#unsentBytes()
    this.#lookIn(OVERDUE_MS)
  }

  /** An ack came, and more is expected. */
  progressed(): void {
    this.#fault = null
    this.#since = this.#clock.now()
    this.expect()
  }

  /** Nothing is expected any more. */
  settled(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#fault = null
  }

  /** One timer while something is on its way, set anew when it runs out and not at every ack. */
  #lookIn(delayMs: number): void {
    const dueAt = this.#clock.now() + delayMs
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#cancel = null
      this.#noticeSending()
      // A machine that slept, and a tab that was stopped, finds its timers due before it hears what came meanwhile.
      if (this.#clock.now() >= dueAt + LATE_MS) this.#since = this.#clock.now()
      const restMs = this.#since + OVERDUE_MS - this.#clock.now()
      if (restMs > 0) return this.#lookIn(restMs)
      const message = `the server has confirmed nothing for ${OVERDUE_MS / 1_000} s`
      this.#fault = { code: 'timeout', message, retryable: true }
      this.#changed()
    })
  }
  /** On a slow line a large message takes longer than that to arrive: as long as it leaves, nothing is overdue. */
  #noticeSending(): void {
    const unsent = this.#unsentBytes()
    if (unsent < this.#unsent) this.#since = this.#clock.now()
    this.#unsent = unsent
  }
}

import type { Claimant, InboundBudget } from './inbound-budget.js'

/** What the watch over a message asks of the connection. */
export interface ArrivingHost {
  readonly isOpen: boolean
  /** Bytes received on the socket so far. */
  readonly received: number
  /** Whether a message above the usual size may be arriving. */
  readonly expectsAnswer: boolean
  pause(): void
  resume(): void
  tooLarge(): void
}

/**
 * How many bytes may arrive above the message limit before a message is called too large: fragments have headers of
 * their own, and one read may end in the next message.
 */
const SLACK_BYTES = 256 * 1024
const FRAME_HEADER_BYTES = 6
/** One minute of the heartbeat's visits. */
const MAX_HELD_VISITS = 12

/**
 * Watches a message while it arrives, since ws hands it over only when it is complete: one that is too large is
 * noticed before it fills memory, and a large one that was asked for takes its part of the process's budget.
 */
export class ArrivingMessage implements Claimant {
  readonly #host: ArrivingHost
  readonly #budget: InboundBudget
  readonly #messageBytes: number
  /** The socket's count of received bytes when the last message was complete. */
  #start: number
  #claim: 'none' | 'waiting' | 'held' = 'none'
  #heldVisits = 0

  /** @param messageBytes the largest message that nobody asked for */
  constructor(host: ArrivingHost, budget: InboundBudget, messageBytes: number) {
    this.#host = host
    this.#budget = budget
    this.#messageBytes = messageBytes
    this.#start = host.received
  }

  /** Bytes came in. */
  data(): void {
    if (this.#claim !== 'none') return
    if (this.#host.received - this.#start <= this.#messageBytes + SLACK_BYTES) return
    // Whatever comes after the last word is kept too until it is a whole message.
    if (!this.#host.isOpen) return this.#host.pause()
    if (!this.#host.expectsAnswer) return this.#host.tooLarge()
    if (this.#budget.claim(this)) {
      this.#claim = 'held'
    } else {
      this.#claim = 'waiting'
      this.#host.pause()
    }
  }

  /** A control frame came in, which is no part of a message. */
  control(payloadBytes: number): void {
    this.#start += payloadBytes + FRAME_HEADER_BYTES
  }

  /** The message is complete, or will never be. */
  end(): void {
    this.#start = this.#host.received
    if (this.#claim === 'none') return
    this.#claim = 'none'
    this.#heldVisits = 0
    this.#budget.release(this)
  }

  granted(): void {
    this.#claim = 'held'
    this.#host.resume()
  }

  /** Call once per visit of the heartbeat: whether it has taken too long while others wait for their turn. */
  holdsUp(): boolean {
    if (this.#claim !== 'held') return false
    this.#heldVisits++
    return this.#heldVisits > MAX_HELD_VISITS && this.#budget.contended
  }
}

import type { ClientMessage } from '@coscribe/shared'
import { splitUpdate } from './split.js'

/** Unsent bytes in the socket above which it is given nothing more, and below which there is room again. */
const HIGH_WATER_BYTES = 1024 * 1024
const LOW_WATER_BYTES = 256 * 1024
/** Kept free in a message for what stands around an update. */
const MESSAGE_OVERHEAD_BYTES = 64
/** A server that claims a smaller limit is not believed: nothing could be split so finely. */
const SMALLEST_MESSAGE_BYTES = 2048
/** Large texts travel in pieces of this size, however much a message may hold: each is told when it is on disk. */
const PIECE_BYTES = 256 * 1024

export interface OutboxOptions {
  send(message: ClientMessage): void
  /** Bytes that wait in the socket. */
  bufferedBytes(): number
}

/** Numbers of the messages that carry an update; the session's first message has number 1. */
export interface MessageNumbers {
  readonly first: number
  readonly last: number
  /** What each of them carries. */
  readonly parts: readonly Uint8Array[]
}

/** The messages of one session that carry updates, numbered in their order. What a socket cannot take yet waits. */
export class Outbox {
  readonly #options: OutboxOptions
  #messages: Extract<ClientMessage, { update: Uint8Array }>[] = []
  #waitingBytes = 0
  #sent = 0
  #maxUpdateBytes = 0

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** A session begins. `messageBytes` is its limit. */
  begin(messageBytes: number): void {
    this.clear()
    this.#sent = 0
    this.#maxUpdateBytes = Math.max(messageBytes, SMALLEST_MESSAGE_BYTES) - MESSAGE_OVERHEAD_BYTES
  }

  /** How many messages the socket was given. */
  get sent(): number {
    return this.#sent
  }

  /** The largest update that a message holds. */
  get maxUpdateBytes(): number {
    return this.#maxUpdateBytes
  }

  /** Bytes that have not left this machine. */
  get unsentBytes(): number {
    return this.#waitingBytes + this.#options.bufferedBytes()
  }

  /** Whether what is put into it leaves at once. */
  get isOpen(): boolean {
    return this.#messages.length === 0 && this.#options.bufferedBytes() <= HIGH_WATER_BYTES
  }

  /** Whether it is to be let alone until more has left; once it is not open any more, that is the question. */
  get isBusy(): boolean {
    return this.#messages.length > 0 || this.#options.bufferedBytes() > LOW_WATER_BYTES
  }

  /**
   * Takes an update, in as many messages as it takes; the last one is the answer to a question of the server, if it
   * `answers` one. Returns `null` for one that can never be sent.
   */
  put(update: Uint8Array, answers: boolean): MessageNumbers | null {
    const parts = splitUpdate(update, this.#maxUpdateBytes, PIECE_BYTES)
    if (parts === null) return null
    const first = this.#sent + this.#messages.length + 1
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1
      this.#messages.push({ type: answers && isLast ? 'sync-step-2' : 'update', update: part })
      this.#waitingBytes += part.length
    }
    this.pump()
    return { first, last: first + parts.length - 1, parts }
  }

  /** Gives the socket what it has room for. */
  pump(): void {
    let given = 0
    while (given < this.#messages.length && this.#options.bufferedBytes() <= HIGH_WATER_BYTES) {
      const message = this.#messages[given++]!
      this.#waitingBytes -= message.update.length
      this.#sent++
      this.#options.send(message)
    }
    this.#messages.splice(0, given)
  }

  /** Forgets what the socket was not given; its numbers are given to what comes next. */
  clear(): void {
    this.#messages = []
    this.#waitingBytes = 0
  }
}

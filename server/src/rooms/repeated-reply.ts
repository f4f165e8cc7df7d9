import { Buffer } from 'node:buffer'

/**
 * Remembers the last answer to a step 1 that brought nothing new. Stock clients send their whole delete set in every
 * such answer, and most of them the same one: comparing bytes is a thousand times cheaper than walking them. What a
 * document knows it never forgets, so an equal answer brings nothing new either.
 */
export class RepeatedReply {
  readonly #maxBytes: number
  #last: Uint8Array | null = null

  /** Answers above `maxBytes` are not kept. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  matches(update: Uint8Array): boolean {
    const last = this.#last
    return last !== null && last.length === update.length && Buffer.compare(last, update) === 0
  }

  remember(update: Uint8Array): void {
    if (update.length <= this.#maxBytes) this.#last = update
  }

  forget(): void {
    this.#last = null
  }
}

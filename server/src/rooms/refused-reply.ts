import type { Receipt } from './peer.js'
import { RepeatedReply } from './repeated-reply.js'

/** What of a room's log decides about what is refused. */
interface LogState {
  readonly headSeq: number
  readonly snapshotSeq: number
}

/** Refusals that end on their own, while the document stays what it is: their reason is looked for anew. */
const passing = new Set(['read-only', 'storage-unavailable', 'pending-full', 'unconfirmed'])

/**
 * Remembers the last answer to a step 1 that was refused. A stock client cannot take back what was refused and offers
 * it in every answer: as long as the document has not changed, that costs a comparison.
 */
export class RefusedReply {
  readonly #reply: RepeatedReply
  #state: LogState = { headSeq: 0, snapshotSeq: 0 }
  #receipt: Receipt | null = null

  /** Answers above `maxBytes` are not kept. */
  constructor(maxBytes: number) {
    this.#reply = new RepeatedReply(maxBytes)
  }

  /** Whether this is the refused answer, and it would still bring something new. */
  matches(update: Uint8Array, { headSeq, snapshotSeq }: LogState): boolean {
    const last = this.#state
    if (headSeq !== last.headSeq || snapshotSeq !== last.snapshotSeq) return false
    return this.#reply.matches(update)
  }

  /** Its refusal, if that can only end with a change of the document. */
  get receipt(): Receipt | null {
    return this.#receipt
  }

  remember(update: Uint8Array, { headSeq, snapshotSeq }: LogState, receipt: Receipt): void {
    if (receipt.outcome !== 'refused') return
    // What is too large to be kept must not leave another answer behind under its refusal.
    this.#reply.forget()
    this.#state = { headSeq, snapshotSeq }
    this.#receipt = passing.has(receipt.code) ? null : receipt
    this.#reply.remember(update)
  }
}

import type { Identity } from '../auth/authenticator.js'
import type { Ends, Expiries, Expiring } from './expiries.js'
import { isRefusal, type Refusal } from './refusal.js'
import type { Reviews } from './reviews.js'
import type { Tenure, TenureOwner } from './tenure.js'

/** Whose session it is, where what it may do is decided elsewhere. */
export interface ReviewOwner extends TenureOwner {
  /** It was decided anew: how the session goes on, or why it does not. */
  reviewed(tenure: Tenure, verdict: Identity | Refusal): void
}

/** Whom to ask. */
export interface Consulted {
  consult(identity: Identity, documentId: string): Promise<Identity | Refusal>
}

/** How often it is asked again what a session may do, in milliseconds. */
const INTERVAL_MS = 30_000
/** How long an answer counts at most, when no other can be had. */
const LAPSE_MS = 5 * 60_000

export const UNVERIFIED: Refusal = Object.freeze({
  name: 'internal',
  reason: 'the credential could not be verified',
})

/**
 * Asks again and again what somebody may do with a document they have open.
 *
 *     planned ──30 s──▶ waiting for its turn ──▶ asked ──answer──▶ the owner, who renews: planned
 *                              └──────────────────┴──no answer──▶ planned, until the last answer has lapsed
 *
 * All the while it is among the {@link Expiries}, at the next question or at the lapse, by the time that has passed.
 */
export class Review implements Expiring {
  readonly #ends: Ends
  readonly #reviews: Reviews
  readonly #consulted: Consulted
  readonly #owner: ReviewOwner
  readonly #tenure: Tenure
  readonly #documentId: string
  /** Of whom it was decided last; `null` once the session has ended. */
  #identity: Identity | null = null
  #plannedAt = 0
  #lapsesAt = 0

  constructor(
    { expiries, reviews, consulted }: ReviewParts,
    owner: ReviewOwner,
    tenure: Tenure,
    documentId: string,
  ) {
    this.#ends = expiries.elapsed
    this.#reviews = reviews
    this.#consulted = consulted
    this.#owner = owner
    this.#tenure = tenure
    this.#documentId = documentId
  }

  /** It was decided just now, and this was the answer. */
  decided(identity: Identity): void {
    this.end()
    const now = this.#ends.now()
    this.#identity = identity
    this.#lapsesAt = now + LAPSE_MS
    this.#plan(now + INTERVAL_MS)
  }

  end(): void {
    this.#identity = null
    this.#ends.delete(this.#plannedAt, this)
    this.#reviews.delete(this)
  }

  expired(): void {
    // What was due in the same second has ended the session.
    if (this.#identity === null) return
    if (this.#plannedAt >= this.#lapsesAt) return this.#lapse()
    const now = this.#ends.now()
    // In a process that stood still, or a machine, nobody was asked while the answer grew old: it is done now.
    this.#plan(now < this.#lapsesAt ? this.#lapsesAt : now + INTERVAL_MS)
    this.#reviews.add(this)
  }

  /** Asks, now that it is its turn. Never rejects. */
  async ask(): Promise<void> {
    const identity = this.#identity
    if (identity === null) return
    const verdict = await this.#consulted.consult(identity, this.#documentId)
    // The session has ended meanwhile, or was renewed by a newer credential.
    if (this.#identity !== identity) return
    if (!isRefusal(verdict) || verdict.name !== UNVERIFIED.name) {
      return this.#owner.reviewed(this.#tenure, verdict)
    }
    this.#ends.delete(this.#plannedAt, this)
    const now = this.#ends.now()
    if (now >= this.#lapsesAt) return this.#lapse()
    this.#plan(Math.min(now + INTERVAL_MS, this.#lapsesAt))
  }

  #lapse(): void {
    this.#owner.reviewed(this.#tenure, UNVERIFIED)
  }

  #plan(atMs: number): void {
    this.#plannedAt = atMs
    this.#ends.add(atMs, this)
  }
}

/** What all reviews of a server share. */
export interface ReviewParts {
  readonly expiries: Expiries
  readonly reviews: Reviews
  readonly consulted: Consulted
}

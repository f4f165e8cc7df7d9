import type { Identity } from '../auth/authenticator.js'
import { Review, type ReviewOwner, type ReviewParts } from './review.js'
import { Tenure } from './tenure.js'

/** The time a session has where what it may do is decided elsewhere: as long as that says so again. */
export class ReviewedTenure extends Tenure {
  readonly #review: Review

  constructor(parts: ReviewParts, owner: ReviewOwner, identity: Identity, documentId: string) {
    super(parts.expiries, owner, identity)
    this.#review = new Review(parts, owner, this, documentId)
    this.#review.decided(identity)
  }

  override renew(identity: Identity): void {
    super.renew(identity)
    this.#review.decided(identity)
  }

  override end(): void {
    super.end()
    this.#review.end()
  }
}

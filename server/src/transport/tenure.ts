import type { Identity } from '../auth/authenticator.js'
import type { Expiries, Expiring } from './expiries.js'

/** Whose session it is that ends. */
export interface TenureOwner {
  /** The credential is worth nothing any more. */
  tenureOver(tenure: Tenure): void
}

/** The time a session has: until the credential ends that it was let in by, or a newer one of the same subject. */
export class Tenure implements Expiring {
  readonly #expiries: Expiries
  readonly #owner: TenureOwner
  #identity: Identity

  constructor(expiries: Expiries, owner: TenureOwner, identity: Identity) {
    this.#expiries = expiries
    this.#owner = owner
    this.#identity = identity
    expiries.add(identity.expiresAt, this)
  }

  get subject(): string {
    return this.#identity.subject
  }

  /** By what credential it is. */
  get identity(): Identity {
    return this.#identity
  }

  /** Whether it is over now; {@link TenureOwner.tenureOver} comes a little later. */
  get over(): boolean {
    return this.#expiries.now() >= this.#identity.expiresAt
  }

  renew(identity: Identity): void {
    this.end()
    this.#identity = identity
    this.#expiries.add(identity.expiresAt, this)
  }

  /** The session has ended otherwise. */
  end(): void {
    this.#expiries.delete(this.#identity.expiresAt, this)
  }

  expired(): void {
    this.#owner.tenureOver(this)
  }
}

import type { Grants } from './grants.js'

/** Who somebody is and what they may do, as a credential says. */
export interface Identity {
  /** The person or program: equal for two credentials exactly if they are the same one's. */
  readonly subject: string
  /** What others are shown as this one's name, whatever they call themselves; their own word counts when absent. */
  readonly name?: string
  /** Names this credential in logs without giving it away; empty if it has no name. */
  readonly tokenId: string
  /** Wall-clock milliseconds from which on the credential is worth nothing. */
  readonly expiresAt: number
  readonly grants: Grants
}

/** Why a credential is not accepted: one sentence that the other end may read, with nothing of the credential in it. */
export interface CredentialFault {
  readonly fault: string
}

/** Decides who somebody is. */
export interface Authenticator {
  /**
   * What a credential says. Asked before any document is looked at, with whatever bytes a client has sent as one, and
   * again for each credential that a client brings later.
   *
   * A rejection counts as a fault: nobody comes in by an error.
   */
  authenticate(credential: string): Promise<Identity | CredentialFault>
}

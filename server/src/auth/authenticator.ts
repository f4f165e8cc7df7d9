import type { Grants } from './grants.js'

/** Who somebody is and what they may do, as a credential says. */
export interface Identity {
  /** The person or program, in at most 255 UTF-16 units: equal for two credentials exactly if they are the same one's. */
  readonly subject: string
  /** What others are shown as this one's name, whatever they call themselves; their own word counts when absent. */
  readonly name?: string
  /** Names this credential in logs without giving it away; empty if it has no name. */
  readonly tokenId: string
  /**
   * Wall-clock milliseconds at which the credential was issued. Who is put out later is let in again by one that is
   * newer; without this, only when what was decided is forgotten (`maxTokenLifeDays`).
   */
  readonly issuedAt?: number
  /**
   * Wall-clock milliseconds from which on the credential is worth nothing: at most `maxTokenLifeDays` after it was issued,
   * or, where that is not said, from now.
   */
  readonly expiresAt: number
  readonly grants: Grants
}

/** Why a credential is not accepted: one sentence that the other end may read, with nothing of the credential in it. */
export interface CredentialFault {
  readonly fault: string
}

/**
 * Decides who somebody is, and what they may do: in what `authenticate` grants, or, where that is decided document by
 * document, in what `authorize` does.
 *
 *     const authenticator: Authenticator = {
 *       async authenticate(credential) {
 *         const session = await sessions.find(credential)
 *         if (session === null) return { fault: 'this session has ended' }
 *         const grants = { documents: new Map(), prefixes: new Map() }
 *         return { subject: session.user, tokenId: session.id, expiresAt: session.endsAt, grants }
 *       },
 *       async authorize(identity, documentId) {
 *         const access = await roles.of(identity.subject, documentId)
 *         return { ...identity, grants: { documents: new Map([[documentId, access]]), prefixes: new Map() } }
 *       },
 *     }
 *     createServer({ authenticator })
 *
 * Each has ten seconds. A rejection, or no answer in time, is a fault of the authenticator: nobody comes in by it, and
 * they are told to try again.
 */
export interface Authenticator {
  /**
   * What a credential says. Asked before any document is looked at, with whatever bytes a client has sent as one, and
   * again for each credential that a client brings later.
   */
  authenticate(credential: string): Promise<Identity | CredentialFault>

  /**
   * What somebody may do with one document, now: the same subject, with grants that say it and the time until which
   * they do. Asked before the document is looked at, and about every half minute while it is open; the answer counts at
   * once. When it fails while a document is open, the last answer counts for five minutes.
   *
   * @param identity what `authenticate` or an earlier `authorize` has returned
   */
  authorize?(identity: Identity, documentId: string): Promise<Identity | CredentialFault>
}

import type { Access, Clock } from '@coscribe/shared'
import { noAudit, type Audit, type AuditEvent } from '../audit.js'
import type { Authenticator, CredentialFault, Identity } from '../auth/authenticator.js'
import { accessTo } from '../auth/grants.js'
import type { Revocations } from '../auth/revocations.js'
import type { Logger } from '../log.js'
import { Expiries } from './expiries.js'
import type { Refusal } from './refusal.js'

export interface GateSetup {
  /** Without one, everybody comes in and may write. */
  readonly authenticator: Authenticator | null
  /** What was decided since credentials were issued. */
  readonly revocations?: Revocations
  /** Where it is written down who came in and who did not; nowhere by default. */
  readonly audit?: Audit
  readonly clock: Clock
  readonly logger: Logger
}

/** How long an authenticator may take, in milliseconds; after that nobody comes in by it. */
const VERIFY_MS = 10_000

const NEEDED = 'a credential is needed'

export const EXPIRED: Refusal = Object.freeze({
  name: 'not-authenticated',
  reason: 'the credential has expired',
})

export const REVOKED: Refusal = Object.freeze({
  name: 'forbidden',
  reason: 'the credential was revoked',
})

/**
 * Who gets in, whatever carried the credential: first it is verified, then it is asked what it grants. Both happen
 * before any document is looked at, and a document that does not exist is refused like one that does.
 */
export class Gate {
  /** When those who are in have to leave. */
  readonly expiries: Expiries
  readonly #authenticator: Authenticator | null
  readonly #revocations: Revocations | null
  readonly #audit: Audit
  readonly #clock: Clock
  readonly #logger: Logger

  constructor({ authenticator, revocations, audit = noAudit, clock, logger }: GateSetup) {
    this.expiries = new Expiries(clock)
    this.#authenticator = authenticator
    this.#revocations = revocations ?? null
    this.#audit = audit
    this.#clock = clock
    this.#logger = logger
  }

  /** Whether nobody is asked for a credential. */
  get isOpen(): boolean {
    return this.#authenticator === null
  }

  /** Who comes with these credentials, of which there must be exactly one. Never rejects. */
  async verify(credentials: readonly string[]): Promise<Identity | Refusal> {
    const [credential] = credentials
    if (credential === undefined || this.#authenticator === null) return refused(NEEDED)
    if (credentials.length > 1) return refused('two credentials were sent, where one is needed')
    try {
      const verdict = await this.#ask(this.#authenticator, credential)
      return 'fault' in verdict ? refused(verdict.fault) : this.current(verdict)
    } catch (error) {
      this.#logger.error({ err: error }, 'a credential could not be verified')
      return { name: 'internal', reason: 'the credential could not be verified' }
    }
  }

  /** Writes down that somebody does not get in, by whatever they brought. */
  turnedAway(
    address: string,
    { reason }: Refusal,
    identity: Identity | null = null,
    documentId = '',
  ): void {
    this.#audit.record({ event: 'refused', ...factsOf(identity, documentId), address, reason })
  }

  /** Writes down that somebody is in. */
  letIn(address: string, identity: Identity | null, documentId: string, access: Access): void {
    if (this.isOpen) return
    this.#audit.record({ event: 'admitted', ...factsOf(identity, documentId), address, access })
  }

  /** Writes down that the credential of somebody who was in has ended. */
  ranOut(address: string, identity: Identity, documentId: string): void {
    this.#audit.record({ event: 'expired', ...factsOf(identity, documentId), address })
  }

  /** Whether a credential that was good still is, whatever the document. */
  current(identity: Identity): Identity | Refusal {
    if (this.#revocations?.covers(identity) === false) {
      const { subject, tokenId } = identity
      this.#logger.debug({ subject, tokenId }, 'a credential outlives what is decided about it')
      return refused('the credential is not valid')
    }
    return this.#revocations?.accessFor(identity, '') === 'none' ? REVOKED : identity
  }

  /**
   * What somebody may do with a document; `null` is who brought no credential. Asked again when the document is there:
   * it may have been decided otherwise meanwhile.
   */
  admit(identity: Identity | null, documentId: string): Access | Refusal {
    if (this.isOpen) return 'write'
    if (identity === null) return refused(NEEDED)
    if (identity.expiresAt <= this.#clock.wallTime()) return EXPIRED
    const decided = this.#revocations?.accessFor(identity, documentId) ?? null
    if (decided === 'none') return REVOKED
    const access = decided ?? accessTo(documentId, identity.grants)
    const { subject, tokenId } = identity
    this.#logger.debug({ subject, tokenId, documentId, access }, 'somebody asked for a document')
    if (access !== 'none') return access
    return { name: 'forbidden', reason: 'this credential does not open this document' }
  }

  #ask(authenticator: Authenticator, credential: string): Promise<Identity | CredentialFault> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new Error('the authenticator did not answer in time'))
      const cancel = this.#clock.after(VERIFY_MS, late)
      void authenticator.authenticate(credential).then(resolve, reject).finally(cancel)
    })
  }
}

function factsOf(identity: Identity | null, documentId: string): Partial<AuditEvent> {
  const { subject = '', tokenId = '' } = identity ?? {}
  return {
    ...(subject === '' ? {} : { subject }),
    ...(tokenId === '' ? {} : { tokenId }),
    ...(documentId === '' ? {} : { documentId }),
  }
}

function refused(reason: string): Refusal {
  return { name: 'not-authenticated', reason }
}

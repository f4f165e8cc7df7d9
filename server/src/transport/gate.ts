import { documentIdFault, type Access, type Clock } from '@coscribe/shared'
import { noAudit, type Audit } from '../audit.js'
import type { Authenticator, CredentialFault, Identity } from '../auth/authenticator.js'
import { accessTo } from '../auth/grants.js'
import { lower, reaches } from '../auth/levels.js'
import { MAX_SUBJECT_LENGTH } from '../auth/names.js'
import type { Revocations } from '../auth/revocations.js'
import type { Logger } from '../log.js'
import type { Credential } from './credentials.js'
import { Expiries } from './expiries.js'
import { isRefusal, type Refusal } from './refusal.js'
import { UNVERIFIED, type ReviewOwner, type ReviewParts } from './review.js'
import { ReviewedTenure } from './reviewed-tenure.js'
import { Reviews } from './reviews.js'
import { Tenure } from './tenure.js'
import { factsOf } from './audit-facts.js'
import { TicketHolder, type Tickets } from './tickets.js'
import { judgeUrlToken } from './url-credentials.js'

export interface GateSetup {
  /** Without one, everybody comes in and may write. */
  readonly authenticator: Authenticator | null
  /** Those that may stand in an address; none when absent. */
  readonly tickets?: Tickets | null
  /** What was decided since credentials were issued. */
  readonly revocations?: Revocations
  /** Where it is written down who came in and who did not; nowhere by default. */
  readonly audit?: Audit
  readonly clock: Clock
  readonly logger: Logger
}

/** How long an authenticator may take, in milliseconds; after that nobody comes in by it. */
const VERIFY_MS = 10_000
/** How often it is told that one fails: when it is down, it is asked about everybody who is in, again and again. */
const TELL_MS = 5_000

const NEEDED = 'a credential is needed'

const NO_TICKET: CredentialFault = Object.freeze({
  fault: 'the ticket is used, over, or none; ask for another',
})

export const EXPIRED: Refusal = Object.freeze({
  name: 'not-authenticated',
  reason: 'the credential has expired',
})

const REVOKED: Refusal = Object.freeze({
  name: 'forbidden',
  reason: 'the credential was revoked',
})

const FORBIDDEN: Refusal = Object.freeze({
  name: 'forbidden',
  reason: 'this credential does not open this document',
})

/**
 * Who gets in, whatever carried the credential: first it is verified, then it is asked what it grants. Both happen
 * before any document is looked at, and a document that does not exist is refused like one that does.
 */
export class Gate {
  /** When those who are in have to leave. */
  readonly expiries: Expiries
  readonly #authenticator: Authenticator | null
  readonly #reviews: ReviewParts
  readonly #tickets: Tickets | null
  readonly #revocations: Revocations | null
  readonly #audit: Audit
  readonly #clock: Clock
  readonly #logger: Logger
  #toldAt = -Infinity

  constructor({
    authenticator,
    tickets = null,
    revocations,
    audit = noAudit,
    clock,
    logger,
  }: GateSetup) {
    this.expiries = new Expiries(clock)
    this.#authenticator = authenticator
    this.#reviews = { expiries: this.expiries, reviews: new Reviews(), consulted: this }
    this.#tickets = tickets
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
  async verify(credentials: readonly Credential[]): Promise<Identity | Refusal> {
    const [credential] = credentials
    if (credential === undefined || this.#authenticator === null) return refused(NEEDED)
    if (credentials.length > 1) return refused('two credentials were sent, where one is needed')
    const authenticator = this.#authenticator
    const verdict = await this.#verdict(() => this.#judge(authenticator, credential))
    return isRefusal(verdict) ? verdict : this.current(verdict)
  }

  /**
   * Who somebody is to a document they want to open or have open: an identity whose grants count for this document. It
   * is asked before {@link admit}, and is the same identity unless the authenticator decides for each document. Never
   * rejects.
   */
  async consult(identity: Identity, documentId: string): Promise<Identity | Refusal> {
    const authenticator = this.#authenticator
    if (authenticator?.authorize === undefined) return identity
    if (identity instanceof TicketHolder) return this.#consultHolder(identity, documentId)
    // Nobody is asked about what is none.
    const fault = documentIdFault(documentId)
    if (fault !== null) return { name: 'protocol-error', reason: fault }
    const ask = authenticator.authorize.bind(authenticator, identity, documentId)
    const verdict = await this.#verdict(ask)
    if (isRefusal(verdict) || verdict.subject === identity.subject) return verdict
    this.#logger.error({ documentId }, 'an authenticator took somebody for somebody else')
    return UNVERIFIED
  }

  async #consultHolder(holder: TicketHolder, documentId: string): Promise<Identity | Refusal> {
    if (documentId !== holder.documentId) return holder
    const verdict = await this.consult(holder.identity, documentId)
    if (isRefusal(verdict)) return verdict
    return new TicketHolder(verdict, documentId, accessTo(documentId, verdict.grants))
  }

  /** The time of a session that was let in, for as long as it may stay. */
  tenure(owner: ReviewOwner, identity: Identity, documentId: string): Tenure {
    if (this.#authenticator?.authorize === undefined) {
      return new Tenure(this.expiries, owner, identity)
    }
    return new ReviewedTenure(this.#reviews, owner, identity, documentId)
  }

  /** Writes down that somebody does not get in, by whatever they brought. */
  turnedAway(
    address: string,
    refusal: Refusal,
    identity: Identity | null = null,
    documentId = '',
  ): void {
    const whose = identity ?? refusal.identity ?? null
    const { reason } = refusal
    this.#audit.record({ event: 'refused', ...factsOf(whose, documentId), address, reason })
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
    if (identity.expiresAt <= this.#clock.wallTime()) return { ...EXPIRED, identity }
    if (this.#revocations?.covers(identity) === false) {
      const { subject, tokenId } = identity
      const message =
        'a good credential was refused: it is from the future, or outlives max-token-life-days'
      this.#logger.warn({ subject, tokenId }, message)
      return { ...refused('the credential is good for too long'), identity }
    }
    const isRevoked = this.#revocations?.accessFor(identity, '') === 'none'
    return isRevoked ? { ...REVOKED, identity } : identity
  }

  /**
   * What somebody may do with a document; `null` is who brought no credential. Asked again when the document is there:
   * it may have been decided otherwise meanwhile.
   */
  admit(identity: Identity | null, documentId: string): Access | Refusal {
    if (this.isOpen) return 'write'
    if (identity === null) return refused(NEEDED)
    if (identity.expiresAt <= this.#clock.wallTime()) return EXPIRED
    if (identity instanceof TicketHolder && identity.documentId !== documentId) return FORBIDDEN
    const decided = this.#revocations?.accessFor(identity, documentId) ?? null
    if (decided === 'none') return REVOKED
    const access = this.#decidedAccess(decided, accessTo(documentId, identity.grants))
    const { subject, tokenId } = identity
    this.#logger.debug({ subject, tokenId, documentId, access }, 'somebody asked for a document')
    return access === 'none' ? FORBIDDEN : access
  }

  /**
   * The same for one of many documents, by what the credential says and what was decided since; nobody is asked about
   * them one by one.
   */
  accessTo(identity: Identity, documentId: string): Access {
    const decided = this.#revocations?.accessFor(identity, documentId) ?? null
    return this.#decidedAccess(decided, accessTo(documentId, identity.grants))
  }

  /**
   * Whether somebody who was let do something with a document a moment ago, while it was not decided otherwise, still may:
   * only what was decided here since can have changed that.
   */
  stillMay(identity: Identity, documentId: string, atLeast: Exclude<Access, 'none'>): boolean {
    if (this.isOpen || this.isOperator(identity)) return true
    if (isRefusal(this.current(identity))) return false
    const decided = this.#revocations?.accessFor(identity, documentId) ?? null
    return decided === null || reaches(decided, atLeast)
  }

  /** The documents that something is said about by their ids, in the credential or since. */
  documentsOf(identity: Identity): ReadonlySet<string> {
    const decided = this.#revocations?.documentsOf(identity) ?? []
    return new Set([...identity.grants.documents.keys(), ...decided])
  }

  /** What was decided here, where an application is asked at each moment, is only ever less than what it says. */
  #decidedAccess(decided: Access | null, said: Access): Access {
    if (decided === null) return said
    return this.#authenticator?.authorize === undefined ? decided : lower(decided, said)
  }

  /**
   * Whether somebody administers the whole server: all documents, by a grant to every prefix. Nothing that is decided
   * about single documents takes that away, since who administers one of these may decide it.
   */
  isOperator(identity: Identity): boolean {
    // It may have been taken back since the request began.
    return identity.grants.prefixes.get('') === 'admin' && !isRefusal(this.current(identity))
  }

  async #judge(
    authenticator: Authenticator,
    credential: Credential,
  ): Promise<Identity | CredentialFault> {
    if (typeof credential === 'string') return authenticator.authenticate(credential)
    if (credential.kind === 'ticket') return this.#tickets?.take(credential.value) ?? NO_TICKET
    const verdict = await authenticator.authenticate(credential.value)
    if ('fault' in verdict || credential.kind === 'cookie') return verdict
    return judgeUrlToken(verdict, credential.documentId, this.#clock.wallTime())
  }

  async #verdict(ask: () => Promise<Identity | CredentialFault>): Promise<Identity | Refusal> {
    try {
      const verdict = await this.#inTime(ask)
      if ('fault' in verdict) return refused(verdict.fault)
      if (verdict.subject.length > MAX_SUBJECT_LENGTH) {
        throw new RangeError(`a subject has at most ${MAX_SUBJECT_LENGTH} UTF-16 units`)
      }
      return verdict
    } catch (error) {
      this.#tell(error)
      return UNVERIFIED
    }
  }

  #tell(error: unknown): void {
    const now = this.#clock.now()
    const isNews = now - this.#toldAt >= TELL_MS
    if (isNews) this.#toldAt = now
    this.#logger[isNews ? 'error' : 'debug']({ err: error }, 'a credential could not be verified')
  }

  #inTime<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new Error('the authenticator did not answer in time'))
      const cancel = this.#clock.after(VERIFY_MS, late)
      void ask().then(resolve, reject).finally(cancel)
    })
  }
}

function refused(reason: string): Refusal {
  return { name: 'not-authenticated', reason }
}

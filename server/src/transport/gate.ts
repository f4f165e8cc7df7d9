import type { Access, Clock } from '@coscribe/shared'
import type { Authenticator, CredentialFault, Identity } from '../auth/authenticator.js'
import { accessTo } from '../auth/grants.js'
import type { Logger } from '../log.js'
import type { Credential } from './credentials.js'
import { Expiries } from './expiries.js'
import type { Refusal } from './refusal.js'
import type { Tickets } from './tickets.js'
import { judgeUrlToken } from './url-credentials.js'

export interface GateSetup {
  /** Without one, everybody comes in and may write. */
  readonly authenticator: Authenticator | null
  /** Those that may stand in an address; none when absent. */
  readonly tickets?: Tickets | null
  readonly clock: Clock
  readonly logger: Logger
}

/** How long an authenticator may take, in milliseconds; after that nobody comes in by it. */
const VERIFY_MS = 10_000

const NEEDED = 'a credential is needed'

const NO_TICKET: CredentialFault = Object.freeze({
  fault: 'the ticket is used, over, or none; ask for another',
})

export const EXPIRED: Refusal = Object.freeze({
  name: 'not-authenticated',
  reason: 'the credential has expired',
})

/**
 * Who gets in, whatever carried the credential: first it is verified, then it is asked what it grants. Both happen
 * before any document is looked at, and a document that does not exist is refused like one that does.
 */
export class Gate {
  /** When those who are in have to leave. */
  readonly expiries: Expiries
  readonly #authenticator: Authenticator | null
  readonly #tickets: Tickets | null
  readonly #clock: Clock
  readonly #logger: Logger

  constructor({ authenticator, tickets = null, clock, logger }: GateSetup) {
    this.expiries = new Expiries(clock)
    this.#authenticator = authenticator
    this.#tickets = tickets
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
    try {
      const verdict = await this.#judge(this.#authenticator, credential)
      return 'fault' in verdict ? refused(verdict.fault) : verdict
    } catch (error) {
      this.#logger.error({ err: error }, 'a credential could not be verified')
      return { name: 'internal', reason: 'the credential could not be verified' }
    }
  }

  /** What somebody may do with a document; `null` is who brought no credential. */
  admit(identity: Identity | null, documentId: string): Access | Refusal {
    if (this.isOpen) return 'write'
    if (identity === null) return refused(NEEDED)
    if (identity.expiresAt <= this.#clock.wallTime()) return EXPIRED
    const access = accessTo(documentId, identity.grants)
    const { subject, tokenId } = identity
    this.#logger.debug({ subject, tokenId, documentId, access }, 'somebody asked for a document')
    if (access !== 'none') return access
    return { name: 'forbidden', reason: 'this credential does not open this document' }
  }

  async #judge(
    authenticator: Authenticator,
    credential: Credential,
  ): Promise<Identity | CredentialFault> {
    if (typeof credential === 'string') return this.#ask(authenticator, credential)
    if (credential.kind === 'ticket') return this.#tickets?.take(credential.value) ?? NO_TICKET
    const verdict = await this.#ask(authenticator, credential.value)
    if ('fault' in verdict || credential.kind === 'cookie') return verdict
    return judgeUrlToken(verdict, credential.documentId, this.#clock.wallTime())
  }

  #ask(authenticator: Authenticator, credential: string): Promise<Identity | CredentialFault> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new Error('the authenticator did not answer in time'))
      const cancel = this.#clock.after(VERIFY_MS, late)
      void authenticator.authenticate(credential).then(resolve, reject).finally(cancel)
    })
  }
}

function refused(reason: string): Refusal {
  return { name: 'not-authenticated', reason }
}

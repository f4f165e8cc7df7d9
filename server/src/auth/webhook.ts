import { hash, type KeyObject } from 'node:crypto'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Clock } from '@coscribe/shared'
import type { Authenticator, CredentialFault, Identity } from './authenticator.js'
import { boundedFetch } from './bounded-fetch.js'
import type { Grants } from './grants.js'
import { Lanes } from './lanes.js'
import { RecentAnswers } from './recent-answers.js'
import { webhookAnswer, type WebhookAnswer } from './webhook-answer.js'
import { signatureOf, SIGNATURE_HEADER } from './webhook-signature.js'

export interface WebhookSetup {
  readonly url: URL
  /** What questions are signed with: one secret, or two while they are exchanged. */
  readonly keys: readonly KeyObject[]
  readonly clock: Clock
}

const TIMEOUT_MS = 3_000
const MAX_ANSWER_BYTES = 16 * 1024
const MAX_CREDENTIAL_LENGTH = 8 * 1024
/** Questions at a time, questions that wait, and how long they do: what waits longer is asked for nobody any more. */
const LANES = 32
const MAX_WAITING = 1_000
const MAX_WAIT_MS = 5_000
/** How long a connection to the application is kept without a question, in milliseconds. */
const IDLE_MS = 4_000
/** How long a right that was given counts without another question, in milliseconds, and how many are kept. */
const KEEP_MS = 10_000
const MAX_KEPT = 10_000

type Verdict = WebhookAnswer | 'not-authenticated' | 'forbidden'

const UNUSABLE: CredentialFault = Object.freeze({ fault: 'the credential is not valid' })

/**
 * Asks an application, over HTTP, who may do what. The application receives
 *
 *     POST <url>
 *     content-type: application/json
 *     coscribe-signature: t=<seconds>,v1=<hexadecimal>        see verifyWebhook()
 *
 *     {"version":1,"credential":"<as the client sent it>","document":"<id>" or null}
 *
 * first with `null`, for who it is (`access` means nothing then), and then for each document that is opened, and about
 * twice a minute for as long as it is open. It answers within 3 seconds with status 200 and at most 16 KiB of
 *
 *     {"subject":"ada","access":"none"|"read"|"comment"|"write"|"admin","expiresAt":<ms since 1970>,"tokenId":"…"}
 *
 * of which only `tokenId` may be left out and to which nothing may be added; or with 401 for a credential that is not
 * valid, or 403 for one that does not open the document. Redirects are not followed. Anything else lets nobody in, and
 * people try again later. A right that was given is not asked for again for ten seconds, a refusal is.
 */
export class WebhookAuthenticator implements Authenticator {
  readonly #setup: WebhookSetup
  readonly #lanes: Lanes
  readonly #recent: RecentAnswers<Verdict>
  readonly #agent: HttpAgent

  constructor(setup: WebhookSetup) {
    this.#setup = setup
    this.#lanes = new Lanes(setup.clock, LANES, MAX_WAITING, MAX_WAIT_MS)
    this.#recent = new RecentAnswers(setup.clock, KEEP_MS, MAX_KEPT, isRight)
    const kept = { keepAlive: true, maxSockets: LANES, timeout: IDLE_MS }
    this.#agent = setup.url.protocol === 'https:' ? new HttpsAgent(kept) : new HttpAgent(kept)
  }

  async authenticate(credential: string): Promise<Identity | CredentialFault> {
    if (credential.length > MAX_CREDENTIAL_LENGTH) return UNUSABLE
    const verdict = await this.#verdict(credential, null)
    return typeof verdict === 'string' ? UNUSABLE : new Asked(credential, verdict, null)
  }

  async authorize(identity: Identity, documentId: string): Promise<Identity | CredentialFault> {
    if (!(identity instanceof Asked)) throw new TypeError('an identity of another authenticator')
    const verdict = await identity.askWith((credential) => this.#verdict(credential, documentId))
    if (verdict === 'not-authenticated') return UNUSABLE
    if (verdict !== 'forbidden') return identity.with(verdict, documentId)
    const { subject, expiresAt, tokenId } = identity
    return identity.with({ subject, expiresAt, tokenId, access: 'none' }, documentId)
  }

  #verdict(credential: string, document: string | null): Promise<Verdict> {
    // No credential is kept for this.
    const key = `${hash('sha256', credential)} ${document === null ? '' : `/${document}`}`
    return this.#recent.get(key, () => this.#lanes.run(() => this.#ask(credential, document)))
  }

  async #ask(credential: string, document: string | null): Promise<Verdict> {
    const { url, keys, clock } = this.#setup
    const body = JSON.stringify({ version: 1, credential, document })
    const { status, text } = await boundedFetch({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signatureOf(keys, body, Math.floor(clock.wallTime() / 1_000)),
      },
      body,
      agent: this.#agent,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
      clock,
    })
    if (status === 401) return 'not-authenticated'
    if (status === 403) return 'forbidden'
    if (status !== 200) throw new Error(`the webhook answered with status ${status}`)
    return webhookAnswer(text)
  }
}

/** Whether it gives a right, and does not refuse one. */
function isRight(verdict: Verdict): boolean {
  return typeof verdict === 'object'
}

/** Somebody of whom the application knows. Their credential is kept for the questions to come, where no log finds it. */
class Asked implements Identity {
  readonly subject: string
  readonly tokenId: string
  readonly expiresAt: number
  readonly grants: Grants
  readonly #credential: string

  constructor(credential: string, answer: WebhookAnswer, documentId: string | null) {
    this.subject = answer.subject
    this.tokenId = answer.tokenId
    this.expiresAt = answer.expiresAt
    const documents = new Map(documentId === null ? [] : [[documentId, answer.access]])
    this.grants = { documents, prefixes: new Map() }
    this.#credential = credential
  }

  askWith(question: (credential: string) => Promise<Verdict>): Promise<Verdict> {
    return question(this.#credential)
  }

  with(answer: WebhookAnswer, documentId: string): Asked {
    return new Asked(this.#credential, answer, documentId)
  }
}

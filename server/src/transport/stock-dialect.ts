import {
  decodeStockMessage,
  randomHex,
  type Access,
  type CloseName,
  type ErrorCode,
} from '@coscribe/shared'
import type { Identity } from '../auth/authenticator.js'
import { isGuest } from '../auth/links.js'
import type { Channel } from './channels.js'
import type { Connection } from './connection.js'
import { NO_CREDENTIALS, type Credential } from './credentials.js'
import type { Dialect } from './dialect.js'
import { encodeMessage, STOCK_FRAMING } from './encodings.js'
import type { Entry } from './entry.js'
import { frame } from './frames.js'
import { EXPIRED } from './gate.js'
import { guestPrincipal, STOCK_PRINCIPAL, subjectPrincipal } from './principal.js'
import { isRefusal, type Refusal } from './refusal.js'
import type { ReviewOwner } from './review.js'
import type { SessionRoom } from './session-room.js'
import { Session, type SessionVoice } from './session.js'
import type { Tenure } from './tenure.js'

/** An awareness update about nobody: the shortest message that a y-websocket client counts as a sign of life. */
const keepAlive = frame(Uint8Array.of(1, 1, 0))

/** Above the types of y-protocols: messages of an app's own, which mean nothing here and harm nothing. */
const FIRST_FOREIGN_TYPE = 4

/** Closings whose reason a person should see in the browser's console, the only place where these clients show it. */
const explained: ReadonlySet<CloseName> = new Set<CloseName>([
  'protocol-error',
  'not-authenticated',
  'forbidden',
  'deleted',
  'trashed',
  'too-large',
  'too-many-connections',
  'document-unavailable',
])

/**
 * The y-websocket dialect: one connection is one session, the document is the path of its address. A refused edit
 * cannot be taken back in these clients, so it is neither stored nor relayed, the person is told once, and the
 * connection goes on showing what others write.
 */
export class StockDialect implements Dialect, SessionVoice, ReviewOwner {
  readonly keepAlive = keepAlive
  readonly unreadKeepAlive = keepAlive
  readonly acknowledges = false
  readonly #connection: Connection
  readonly #entry: Entry
  readonly #documentId: string
  #credentials: readonly Credential[]
  #session: Session | null = null
  #tenure: Tenure | null = null
  #denied = false

  /** @param credentials what the request to connect brought */
  constructor(
    connection: Connection,
    entry: Entry,
    documentId: string,
    credentials: readonly Credential[],
  ) {
    this.#connection = connection
    this.#entry = entry
    this.#documentId = documentId
    this.#credentials = credentials
  }

  get expectsAnswer(): boolean {
    return this.#session?.expectsAnswer ?? false
  }

  opened(): void {
    this.#connection.pause()
    // Neither rejects: gate and door turn failures into refusals.
    void (this.#entry.gate.isOpen ? this.#join(null) : this.#arrive())
  }

  async #arrive(): Promise<void> {
    const credentials = this.#credentials
    this.#credentials = NO_CREDENTIALS
    const identity = await this.#entry.gate.verify(credentials)
    if (isRefusal(identity)) return this.#turnAway(identity)
    if (!this.#connection.isOpen || !this.#connection.identified(identity.subject)) return
    const consulted = await this.#entry.gate.consult(identity, this.#documentId)
    if (isRefusal(consulted)) return this.#turnAway(consulted, identity)
    if (this.#connection.isOpen) await this.#join(consulted)
  }

  async #join(identity: Identity | null): Promise<void> {
    const { gate, door } = this.#entry
    const before = gate.admit(identity, this.#documentId)
    if (isRefusal(before)) return this.#turnAway(before, identity)
    this.#connection.opens()
    const outcome = await door.enter(this.#documentId, null)
    if (isRefusal(outcome)) return this.#connection.close(outcome.name, outcome.reason)
    const access = gate.admit(identity, this.#documentId)
    if (isRefusal(access)) this.#turnAway(access, identity)
    if (isRefusal(access) || !this.#connection.isOpen) return door.leave(this.#documentId)
    if (identity !== null) this.#tenure = gate.tenure(this, identity, this.#documentId)
    this.#begin(outcome, identity, access)
  }

  #turnAway(refusal: Refusal, identity: Identity | null = null): void {
    this.#entry.gate.turnedAway(this.#connection.address, refusal, identity, this.#documentId)
    this.#connection.close(refusal.name, refusal.reason)
  }

  #begin(room: SessionRoom, identity: Identity | null, access: Access): void {
    const sessionId = randomHex(this.#connection.context.random, 8)
    const session = new Session({
      sessionId,
      tenure: this.#tenure,
      principal: principalOf(identity, sessionId),
      name: identity?.name ?? '',
      subject: identity?.subject ?? '',
      access,
      framing: STOCK_FRAMING,
      link: this.#connection,
      voice: this,
      messageBytes: this.#connection.context.messageBytes,
      echoes: this.#connection.context.echoes,
    })
    this.#session = session
    this.#entry.gate.letIn(this.#connection.address, identity, this.#documentId, access)
    session.join(room)
    session.greet()
    this.#connection.resume()
  }

  receive(bytes: Uint8Array): void {
    const message = decodeStockMessage(bytes)
    if (this.#tenure?.over === true) return this.tenureOver(this.#tenure)
    if (message.type !== 'fault') return this.#session?.receive(message)
    if (message.code === 'unknown-type' && (bytes[0] ?? 0) >= FIRST_FOREIGN_TYPE) return
    this.#connection.close('protocol-error', message.reason)
  }

  collect(): void {
    this.#session?.collect()
  }

  get sessions(): readonly Channel[] {
    const session = this.#session
    return session === null ? [] : [{ documentId: this.#documentId, session, tenure: this.#tenure }]
  }

  evict(_session: Session, { name, reason }: Refusal): void {
    this.#connection.close(name, reason)
  }

  goingAway(): void {
    // These clients have no such message; their own backoff brings them back.
  }

  parting(name: CloseName, reason: string): void {
    if (explained.has(name)) this.#deny(reason)
  }

  closed(): void {
    const session = this.#session
    this.#session = null
    if (session === null) return
    this.#tenure?.end()
    session.leave()
    this.#entry.door.leave(this.#documentId)
  }

  tenureOver({ identity }: Tenure): void {
    if (!this.#connection.isOpen) return
    this.#entry.gate.ranOut(this.#connection.address, identity, this.#documentId)
    this.#connection.close(EXPIRED.name, EXPIRED.reason)
  }

  reviewed(tenure: Tenure, verdict: Identity | Refusal): void {
    if (isRefusal(verdict)) return this.#turnAway(verdict, tenure.identity)
    const access = this.#entry.gate.admit(verdict, this.#documentId)
    if (isRefusal(access)) return this.#turnAway(access, verdict)
    tenure.renew(verdict)
    this.#session?.allow(access)
  }

  refused(_session: Session, _count: number, code: ErrorCode, message: string): void {
    this.#connection.context.metrics.rejected(code)
    if (this.#denied) return
    this.#denied = true
    this.#deny(message)
  }

  writable(): void {
    // Nothing to say it with: a refused edit will bring the reason.
  }

  ended(_session: Session, name: CloseName, reason: string): void {
    this.#connection.close(name, reason)
  }

  #deny(reason: string): void {
    for (const bytes of encodeMessage({ type: 'auth-denied', reason }, STOCK_FRAMING)) {
      this.#connection.queue.enqueue(bytes)
    }
  }
}

/** These clients have nothing to prove who they are with: a guest who returns is somebody new. */
function principalOf(identity: Identity | null, sessionId: string): string {
  if (identity === null) return STOCK_PRINCIPAL
  const { subject } = identity
  return isGuest(subject) ? guestPrincipal(subject, sessionId) : subjectPrincipal(subject)
}

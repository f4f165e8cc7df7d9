import {
  decodeStockMessage,
  randomHex,
  type Access,
  type CloseName,
  type ErrorCode,
} from '@coscribe/shared'
import type { Identity } from '../auth/authenticator.js'
import type { Connection, Dialect } from './connection.js'
import { NO_CREDENTIALS } from './credentials.js'
import { encodeMessage, STOCK_FRAMING } from './encodings.js'
import type { Entry } from './entry.js'
import { frame } from './frames.js'
import { EXPIRED } from './gate.js'
import { STOCK_PRINCIPAL, subjectPrincipal } from './principal.js'
import { isRefusal } from './refusal.js'
import type { SessionRoom } from './session-room.js'
import { Session, type SessionVoice } from './session.js'
import { Tenure, type TenureOwner } from './tenure.js'

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
  'too-large',
  'document-unavailable',
])

/**
 * The y-websocket dialect: one connection is one session, the document is the path of its address. A refused edit
 * cannot be taken back in these clients, so it is neither stored nor relayed, the person is told once, and the
 * connection goes on showing what others write.
 */
export class StockDialect implements Dialect, SessionVoice, TenureOwner {
  readonly keepAlive = keepAlive
  readonly acknowledges = false
  readonly #connection: Connection
  readonly #entry: Entry
  readonly #documentId: string
  #credentials: readonly string[]
  #session: Session | null = null
  #tenure: Tenure | null = null
  #denied = false

  /** @param credentials what the request to connect brought */
  constructor(
    connection: Connection,
    entry: Entry,
    documentId: string,
    credentials: readonly string[],
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
    if (isRefusal(identity)) return this.#connection.close(identity.name, identity.reason)
    if (this.#connection.isOpen) await this.#join(identity)
  }

  async #join(identity: Identity | null): Promise<void> {
    const { gate, door } = this.#entry
    const access = gate.admit(identity, this.#documentId)
    if (isRefusal(access)) return this.#connection.close(access.name, access.reason)
    const outcome = await door.enter(this.#documentId, null)
    if (isRefusal(outcome)) return this.#connection.close(outcome.name, outcome.reason)
    if (!this.#connection.isOpen) return door.leave(this.#documentId)
    if (identity !== null) this.#tenure = new Tenure(gate.expiries, this, identity)
    this.#begin(outcome, identity, access)
  }

  #begin(room: SessionRoom, identity: Identity | null, access: Access): void {
    const sessionId = randomHex(this.#connection.context.random, 8)
    const session = new Session({
      sessionId,
      principal: identity === null ? STOCK_PRINCIPAL : subjectPrincipal(identity.subject),
      name: identity?.name ?? '',
      access,
      framing: STOCK_FRAMING,
      link: this.#connection,
      voice: this,
      messageBytes: this.#connection.context.messageBytes,
      echoes: this.#connection.context.echoes,
    })
    this.#session = session
    session.join(room)
    session.greet()
    this.#connection.resume()
  }

  receive(bytes: Uint8Array): void {
    const message = decodeStockMessage(bytes)
    if (this.#tenure?.over === true) return this.tenureOver()
    if (message.type !== 'fault') return this.#session?.receive(message)
    if (message.code === 'unknown-type' && (bytes[0] ?? 0) >= FIRST_FOREIGN_TYPE) return
    this.#connection.close('protocol-error', message.reason)
  }

  collect(): void {
    this.#session?.collect()
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

  tenureOver(): void {
    this.#connection.close(EXPIRED.name, EXPIRED.reason)
  }

  refused(_session: Session, _count: number, _code: ErrorCode, message: string): void {
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

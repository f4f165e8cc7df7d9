import { decodeStockMessage, randomHex, type CloseName, type ErrorCode } from '@coscribe/shared'
import type { Connection, Dialect } from './connection.js'
import { encodeMessage, STOCK_FRAMING } from './encodings.js'
import { frame } from './frames.js'
import { STOCK_PRINCIPAL } from './principal.js'
import { isRefusal, type RoomDoor } from './room-door.js'
import { Session, type SessionVoice } from './session.js'

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
export class StockDialect implements Dialect, SessionVoice {
  readonly keepAlive = keepAlive
  readonly acknowledges = false
  readonly #connection: Connection
  readonly #door: RoomDoor
  readonly #documentId: string
  #session: Session | null = null
  #denied = false

  constructor(connection: Connection, door: RoomDoor, documentId: string) {
    this.#connection = connection
    this.#door = door
    this.#documentId = documentId
  }

  get expectsAnswer(): boolean {
    return this.#session?.expectsAnswer ?? false
  }

  opened(): void {
    this.#connection.pause()
    // Never rejects: the door turns failures into refusals.
    void this.#join()
  }

  async #join(): Promise<void> {
    const outcome = await this.#door.enter(this.#documentId, null)
    if (isRefusal(outcome)) return this.#connection.close(outcome.name, outcome.reason)
    if (!this.#connection.isOpen) return this.#door.leave(this.#documentId)
    const sessionId = randomHex(this.#connection.context.random, 8)
    const session = new Session({
      sessionId,
      principal: STOCK_PRINCIPAL,
      access: 'write',
      framing: STOCK_FRAMING,
      link: this.#connection,
      voice: this,
      messageBytes: this.#connection.context.messageBytes,
      echoes: this.#connection.context.echoes,
    })
    this.#session = session
    session.join(outcome)
    session.greet()
    this.#connection.resume()
  }

  receive(bytes: Uint8Array): void {
    const message = decodeStockMessage(bytes)
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
    session.leave()
    this.#door.leave(this.#documentId)
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

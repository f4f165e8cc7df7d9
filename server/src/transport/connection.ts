import type { Socket } from 'node:net'
import { closeCodes, type Clock, type CloseName, type Random } from '@coscribe/shared'
import type { Logger } from '../log.js'
import type { Channel } from './channels.js'
import { ArrivingMessage, type ArrivingHost } from './arriving-message.js'
import { pingFrame, pongFrame, pongId } from './frames.js'
import { Liveness, type Heartbeat, type Pulse } from './heartbeat.js'
import type { InboundBudget } from './inbound-budget.js'
import type { FlushTurn } from './flush-turn.js'
import { SendQueue, type SendBounds, type SendOwner } from './send-queue.js'
import type { Refusal } from './refusal.js'
import type { ServerSocket } from './server-socket.js'
import type { Session, SessionLink } from './session.js'
import { listen } from './socket-events.js'

/** What a connection says and understands. */
export interface Dialect {
  /** A frame for clients that take silence for death, or `null` if pings are enough. */
  readonly keepAlive: Uint8Array | null
  /** Whether a message above the usual size may be arriving. */
  readonly expectsAnswer: boolean
  /** The connection stands. */
  opened(): void
  /** One binary message. The bytes lie in memory that other messages share: what is kept of them is copied. */
  receive(bytes: Uint8Array): void
  /** Enqueue what is sent in its latest state only. */
  collect(): void
  /** Those that are there now. */
  readonly sessions: Iterable<Channel>
  /** Ends one of them, with the reason. */
  evict(session: Session, refusal: Refusal): void
  /** The server stops; reconnect after this delay. */
  goingAway(delayMs: number): void
  /** Last words before the socket closes. */
  parting(name: CloseName, reason: string): void
  /** The connection is over: leave every room. */
  closed(): void
}

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly heartbeat: Heartbeat
  readonly turn: FlushTurn
  readonly inbound: InboundBudget
  readonly bounds: SendBounds
  /** Largest message that does not answer a step 1 of ours, in bytes. */
  readonly messageBytes: number
  /** Whether y-websocket clients are sent their own updates back once these are on disk. */
  readonly echoes: boolean
  /** All connections whose socket is not closed yet. */
  readonly connections: Set<Connection>
  /** Called when one of them is gone. */
  closed(): void
}

/** Above this many unanswered questions whether somebody is there, the oldest is forgotten. */
const MAX_PROBES = 100

/**
 * One WebSocket.
 *
 *     open ──close()──▶ parting ──▶ closing ──socket closed──▶ closed
 *       └───────────────socket lost──────────────────────────────▲
 *
 * While parting, last words are written; afterwards nothing is read or written any more. ws receives; sending goes
 * to the raw socket in prepared frames.
 */
export class Connection implements SendOwner, Pulse, SessionLink, ArrivingHost {
  readonly context: ConnectionContext
  readonly queue: SendQueue
  readonly #ws: ServerSocket
  readonly #socket: Socket
  readonly #dialect: Dialect
  readonly #liveness = new Liveness()
  #state: 'open' | 'parting' | 'closing' | 'closed' = 'open'
  /** Reasons not to read at the moment. */
  #pauses = 0
  /** What had been read together with the message that stopped the reading: less than one read of the socket. */
  #inbox: Uint8Array[] | null = null
  readonly #arriving: ArrivingMessage
  #probes: Map<number, () => void> | null = null
  #nextPing = 1

  constructor(
    context: ConnectionContext,
    ws: ServerSocket,
    socket: Socket,
    dialectOf: (connection: Connection) => Dialect,
  ) {
    this.context = context
    this.#ws = ws
    this.#socket = socket
    this.#arriving = new ArrivingMessage(this, context.inbound, context.messageBytes)
    this.queue = new SendQueue(socket, context.bounds, context.turn, this)
    this.#dialect = dialectOf(this)
    // A view of what the socket read, which ws would copy into memory of its own for any other type.
    ws.binaryType = 'nodebuffer'
    listen(this, ws, socket)
    context.connections.add(this)
    context.heartbeat.add(this)
  }

  /** Begins the conversation. */
  open(): void {
    this.#guard(() => this.#dialect.opened())
  }

  get turn(): FlushTurn {
    return this.context.turn
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get writable(): boolean {
    return (
      (this.#state === 'open' || this.#state === 'parting') && this.#ws.readyState === this.#ws.OPEN
    )
  }

  soon(session: Session): void {
    this.context.heartbeat.once(session)
  }

  probe(alive: () => void): void {
    if (!this.writable) return
    this.#probes ??= new Map()
    const [oldest] = this.#probes.keys()
    if (oldest !== undefined && this.#probes.size >= MAX_PROBES) this.#probes.delete(oldest)
    this.#probes.set(this.#nextPing, alive)
    this.#ping()
  }

  /** Stops reading, so that TCP tells the client to wait; call {@link resume} as often. */
  pause(): void {
    this.#pauses++
    this.#ws.pause()
  }

  resume(): void {
    this.#pauses--
    while (this.#pauses === 0 && this.isOpen) {
      const bytes = this.#inbox?.shift()
      if (bytes === undefined) {
        this.#inbox = null
        return this.#ws.resume()
      }
      this.#dispatch(bytes)
    }
  }

  /** Says why and closes with the code of this name. Harmless when it is closing already. */
  close(name: CloseName, reason: string): void {
    if (this.#state !== 'open') return
    this.#state = 'parting'
    this.context.logger.debug({ close: name, reason }, 'closing a connection')
    this.#dialect.parting(name, reason)
    this.queue.flush()
    this.#state = 'closing'
    this.#inbox = null
    this.#ws.close(closeCodes[name].code, name)
    // The closing handshake has to be read, whatever the connection was waiting for.
    this.#ws.resume()
    this.#leave()
  }

  /** Those of documents that are open on it. */
  get sessions(): Iterable<Channel> {
    return this.#dialect.sessions
  }

  /** Ends one of {@link sessions}: what has not been read of it counts no more. */
  evict(session: Session, refusal: Refusal): void {
    this.#guard(() => this.#dialect.evict(session, refusal))
  }

  /** Where it comes from; empty when that is not known any more. */
  get address(): string {
    return this.#socket.remoteAddress ?? ''
  }

  goingAway(delayMs: number): void {
    if (this.isOpen) this.#dialect.goingAway(delayMs)
  }

  /** Ends the socket without a handshake. */
  terminate(): void {
    this.#ws.terminate()
  }

  // --- what the send queue asks

  collect(): void {
    try {
      this.#dialect.collect()
    } catch (error) {
      this.#failed(error)
    }
  }

  overflowed(): void {
    this.close('overloaded', 'reads too slowly')
  }

  giveUp(): void {
    this.context.logger.debug({}, 'dropping a connection: too much is unsent in all')
    this.terminate()
    // The socket keeps its bytes till it is closed: counted again, they would cost others their connections.
    this.queue.end()
  }

  // --- what the watch over an arriving message asks

  get received(): number {
    return this.#socket.bytesRead
  }

  get expectsAnswer(): boolean {
    return this.#dialect.expectsAnswer
  }

  tooLarge(): void {
    this.close('too-large', `a message takes at most ${this.context.messageBytes} bytes`)
  }

  // --- the heartbeat's visit

  visit(now: number): void {
    const activity = {
      received: this.received,
      enqueued: this.queue.enqueued,
      unsent: this.queue.unsent,
      paused: this.#pauses > 0,
    }
    const verdict = this.#liveness.look(now, activity)
    if (verdict === 'dead') return this.terminate()
    if (verdict === 'stuck') return this.overflowed()
    if (this.#arriving.holdsUp()) return this.close('overloaded', 'a large message took too long')
    if (!this.isOpen || !this.writable) return
    if (verdict === 'ping') this.#ping()
    const keepAlive = this.#dialect.keepAlive
    if (keepAlive !== null && this.#liveness.needsMessage(now)) this.queue.enqueue(keepAlive)
  }

  // --- the socket's events

  onMessage(data: unknown, isBinary: boolean): void {
    this.#arriving.end()
    if (!this.isOpen) return
    if (!isBinary || !(data instanceof Uint8Array)) {
      return this.close('protocol-error', 'messages are binary')
    }
    if (this.#pauses === 0) return this.#dispatch(data)
    this.#inbox ??= []
    this.#inbox.push(data)
  }

  onData(): void {
    this.#arriving.data()
  }

  onPing(payload: Uint8Array): void {
    this.#arriving.control(payload.length)
    // Who reads nothing gets no answers either: they would pile up, and its next ping means the same.
    if (this.writable && !this.queue.lagging) this.#socket.write(pongFrame(payload))
  }

  onPong(payload: Uint8Array): void {
    this.#arriving.control(payload.length)
    const id = pongId(payload)
    const alive = id === null ? undefined : this.#probes?.get(id)
    if (id === null || alive === undefined) return
    this.#probes?.delete(id)
    this.#guard(alive)
  }

  onDrain(): void {
    if (this.writable) this.queue.schedule()
  }

  /** A frame that breaks RFC 6455, or a lost connection: ws has chosen the close code, and `close` follows. */
  onError(error: Error): void {
    this.context.logger.debug({ err: error }, 'a socket failed')
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#inbox = null
    this.#leave()
  }

  onClose(): void {
    if (this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    this.#inbox = null
    this.queue.end()
    this.context.connections.delete(this)
    this.context.heartbeat.delete(this)
    if (wasOpen) this.#leave()
    this.context.closed()
  }

  /** Written past the queue: a ping is no message, and whole frames may stand in any order. */
  #ping(): void {
    this.#socket.write(pingFrame(this.#nextPing))
    this.#nextPing = (this.#nextPing + 1) % 2 ** 32
  }

  #dispatch(bytes: Uint8Array): void {
    try {
      this.#dialect.receive(bytes)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** A mistake of ours must cost one connection, not the process. */
  #guard(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.context.logger.error({ err: error }, 'a connection failed unexpectedly')
    this.close('internal', 'an unexpected error')
  }

  #leave(): void {
    this.#arriving.end()
    this.#probes = null
    this.#guard(() => this.#dialect.closed())
  }
}

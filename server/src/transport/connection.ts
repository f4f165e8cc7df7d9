import type { Socket } from 'node:net'
import { closeCodes, type Clock, type CloseName, type Random } from '@coscribe/shared'
import type { Logger } from '../log.js'
import type { LimitName, Metrics } from '../metrics/metrics.js'
import type { Channel } from './channels.js'
import { ArrivingMessage, type ArrivingHost } from './arriving-message.js'
import type { Dialect } from './dialect.js'
import { pingFrame, pongFrame, pongId } from './frames.js'
import { Liveness, type Heartbeat, type Pulse } from './heartbeat.js'
import type { InboundBudget } from './inbound-budget.js'
import type { FlushTurn } from './flush-turn.js'
import { SendQueue, type SendBounds, type SendOwner } from './send-queue.js'
import type { Refusal } from './refusal.js'
import { Sender, type SenderLine } from './sender.js'
import type { ServerSocket } from './server-socket.js'
import type { Session, SessionLink } from './session.js'
import { listen } from './socket-events.js'
import type { Traffic } from './traffic.js'

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
  /** Step 1s of one session that are answered at once in ten seconds. */
  readonly questions: number
  /** What is read of a connection before anybody has said whose it is, in bytes. */
  readonly strangerBytes: number
  readonly metrics: Metrics
  /** All connections whose socket is not closed yet. */
  readonly connections: Set<Connection>
  /** Called when one of them is gone. */
  closed(): void
}

/** When to come back who found no place: not before some have had the time to leave, and not all at once. */
const RETURN_FROM_MS = 5_000
const RETURN_SPREAD_MS = 10_000
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
export class Connection implements SendOwner, Pulse, SessionLink, ArrivingHost, SenderLine {
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
  /** Where somebody is asked who they are, or what they send is limited. */
  #sender: Sender | null = null
  /** Where it comes from, if a proxy is in between. */
  #forwardedFor: string | null = null
  #probes: Map<number, () => void> | null = null
  /** The answer to the last ping, until the other end reads it. */
  #pong: Uint8Array | null = null
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

  /** Has its traffic limited, and counted by this network unless that is empty. Call it before {@link open}. */
  limit(traffic: Traffic, network: string): void {
    this.#sender = new Sender(this, traffic, network)
  }

  /** Begins the conversation. */
  open(): void {
    this.#guard(() => this.#dialect.opened())
  }

  get turn(): FlushTurn {
    return this.context.turn
  }

  get questions(): number {
    return this.context.questions
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
    this.context.metrics.refused(name)
    this.#dialect.parting(name, reason)
    this.queue.flush()
    this.#state = 'closing'
    this.#inbox = null
    this.#ws.close(closeCodes[name].code, name)
    // The closing handshake has to be read, whatever the connection was waiting for.
    this.#ws.resume()
    this.#leave()
  }

  /** There is no place for it, for a reason that will pass: it is told when to come back. */
  turnAway(limit: LimitName, reason: string): void {
    this.hit(limit)
    this.goingAway(Math.round(RETURN_FROM_MS + this.context.random.fraction() * RETURN_SPREAD_MS))
    this.close('too-many-connections', `${reason}; try again in some seconds`)
  }

  hit(limit: LimitName): void {
    this.context.metrics.hit(limit)
  }

  // --- who it is, and what they may send

  /** Nobody has said whose it is: until then little is read. */
  unidentified(): void {
    this.#sender ??= new Sender(this, null, '')
    this.#sender.unidentified(this.context.strangerBytes)
  }

  /** As {@link Sender.identified}. */
  identified(subject: string): boolean {
    return this.isOpen && (this.#sender?.identified(subject) ?? true)
  }

  /** A document is opened on it. */
  opens(): void {
    this.#sender?.opens()
  }

  updated(): void {
    this.#sender?.updated()
  }

  brings(clients: number): string | null {
    return this.#sender?.brings(clients) ?? null
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
    return this.#forwardedFor ?? this.#socket.remoteAddress ?? ''
  }

  /** Somebody that is trusted says that it comes from there. */
  cameFrom(address: string): void {
    if (address !== this.#socket.remoteAddress) this.#forwardedFor = address
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
    if (this.#pong !== null) this.queue.enqueue(this.#pong)
    this.#pong = null
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
    this.#sender?.rest(now)
    if (!this.isOpen || !this.writable) return
    if (verdict === 'ping') this.#ping()
    const { keepAlive: usual, unreadKeepAlive } = this.#dialect
    const keepAlive = this.#pauses > 0 ? unreadKeepAlive : usual
    // Of a socket with much that is not read only writing tells that the other end is gone.
    const isHeld = this.#sender?.isHeld === true
    if (keepAlive === null || !(isHeld || this.#liveness.needsMessage(now))) return
    this.queue.enqueue(keepAlive)
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

  onData(bytes: Uint8Array): void {
    this.#arriving.data()
    this.#sender?.received(bytes)
  }

  onPing(payload: Uint8Array): void {
    this.#arriving.control(payload.length)
    // One answer to all that came together: each would cost a write, and the last means the same as all (RFC 6455, 5.5.3).
    this.#pong = pongFrame(payload)
    this.queue.schedule()
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
    this.#sender?.end()
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

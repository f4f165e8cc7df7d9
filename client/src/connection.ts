import {
  backoffDelayMs,
  closeCodeOf,
  decodeServerFrame,
  encodeClientFrame,
  shouldRetry,
  SUBPROTOCOL,
  type Cancel,
  type ClientMessage,
  type Clock,
  type Random,
  type ServerMessage,
} from '@coscribe/shared'
import type { RoomFault } from './room-error.js'
import type { Network, SocketClass, SocketClose, SocketLike, SocketMessage } from './websocket.js'
import type { ConnectionStatus } from './sync-status.js'

/** From the start of an attempt to the server's hello. */
const HANDSHAKE_MS = 15_000
/** Silence after which the server is asked for a sign of life. */
const QUIET_MS = 25_000
/** How long it has for one. */
const PONG_MS = 10_000
/** A session that lasted this long was good: the next reconnect begins with a short delay again. */
const GOOD_SESSION_MS = 10_000
/** The longest delay a server may ask for when it goes away. */
const MAX_GOING_AWAY_MS = 300_000
/** How long a socket has for its closing handshake. */
const CLOSING_MS = 2_000

/** Channel 0 is the socket's own; there is one document to a socket so far. */
const SOCKET_CHANNEL = 0
const DOCUMENT_CHANNEL = 1

/** What a connection tells its owner. */
export interface ConnectionListener {
  /** A socket is open; the owner opens its document and calls `established` at the server's hello. */
  opened(): void
  /** A message on the document's channel. */
  received(message: ServerMessage): void
  /** The socket `opened` told of is gone, and with it the session. */
  lost(): void
  /** `status`, `error` or `retryAt` may have changed. */
  changed(): void
}

export interface ConnectionOptions {
  readonly url: string
  readonly WebSocket: SocketClass
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
}

/**
 *     idle ──start──▶ opening ──hello──▶ up
 *      ▲                │ ▲               │
 *      │            lost│ │timer, online  │lost
 *     stop              ▼ │               ▼
 *   (from any)        waiting ◀───────────┘   or closed, when trying again is pointless
 */
type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'opening'; readonly socket: SocketLike; readonly cancel: Cancel }
  | { readonly kind: 'up'; readonly socket: SocketLike; readonly since: number; cancel: Cancel }
  | { readonly kind: 'waiting'; readonly retryAt: number; readonly cancel: Cancel }
  | { readonly kind: 'closed' }

/** One socket at a time to a server: opens it, notices when it is dead, and opens the next. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #listener: ConnectionListener
  #state: State = { kind: 'idle' }
  #error: RoomFault | null = null
  #attempt = 0
  #wasUp = false
  #heardAt = 0
  #answered = true
  #goingAwayMs: number | null = null
  #unsubscribe: Cancel | null = null

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options
    this.#listener = listener
  }

  get status(): ConnectionStatus {
    switch (this.#state.kind) {
      case 'up':
        return 'connected'
      case 'closed':
        return 'closed'
      case 'idle':
        return 'offline'
      default:
        if (!this.#options.network.online) return 'offline'
        return this.#wasUp || this.#attempt > 0 ? 'reconnecting' : 'connecting'
    }
  }

  /** Why the last session ended or the next may not begin; `null` again at the next hello. */
  get error(): RoomFault | null {
    return this.#error
  }

  /** Wall-clock milliseconds of the next attempt, or `null`. */
  get retryAt(): number | null {
    return this.#state.kind === 'waiting' ? this.#state.retryAt : null
  }

  /** Bytes given to the socket that have not left this machine. */
  get bufferedBytes(): number {
    return 'socket' in this.#state ? this.#state.socket.bufferedAmount : 0
  }

  /** Connects, at once even if an attempt is waiting. Harmless while a socket is open. */
  start(): void {
    if ('socket' in this.#state) return
    this.#unsubscribe ??= this.#options.network.subscribe(() => this.#networkChanged())
    this.#cancelTimer()
    this.#open()
    this.#listener.changed()
  }

  /** Gives up the session, if there is one, and connects anew at once. An attempt that is under way goes on. */
  restart(): void {
    if (this.#state.kind === 'up') this.#letGo({ kind: 'idle' })
    this.start()
  }

  /** Closes the socket, if any, and stays away until `start`. */
  stop(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = null
    this.#attempt = 0
    this.#error = null
    this.#end({ kind: 'idle' })
  }

  /** The server said hello: the session has begun. */
  established(): void {
    if (this.#state.kind !== 'opening') return
    const { socket, cancel } = this.#state
    cancel()
    this.#error = null
    this.#wasUp = true
    this.#state = { kind: 'up', socket, since: this.#options.clock.now(), cancel: () => undefined }
    this.#watch()
    this.#listener.changed()
  }

  /** Sends on the document's channel. Does nothing without an open socket: the next session starts over anyway. */
  send(message: ClientMessage): void {
    if ('socket' in this.#state) {
      this.#state.socket.send(encodeClientFrame(DOCUMENT_CHANNEL, message))
    }
  }

  /** The server closed the document's channel; `retryable` is whether another session can do better in any case. */
  channelClosed(code: number, reason: string, retryable: boolean): void {
    this.#closed(code, reason, retryable || shouldRetry(code))
  }

  /** This end gives up on the session: the other one does not keep to the protocol, or no session is possible. */
  fail(fault: RoomFault): void {
    this.#error = fault
    this.#after(fault.retryable)
  }

  #open(): void {
    const { WebSocket, url, clock } = this.#options
    this.#goingAwayMs = null
    let socket: SocketLike
    try {
      socket = new WebSocket(url, [SUBPROTOCOL])
    } catch (error) {
      // A page on https may not open ws:, and says so by throwing; asking again changes nothing.
      this.fail({ code: 'bad-option', message: String(error), retryable: false })
      return
    }
    socket.binaryType = 'arraybuffer'
    this.#listen(socket)
    const cancel = clock.after(HANDSHAKE_MS, () => this.#after(true))
    this.#state = { kind: 'opening', socket, cancel }
  }

  /** A socket that was given up still has events to tell of; they mean nothing any more. */
  #listen(socket: SocketLike): void {
    const current = () => 'socket' in this.#state && this.#state.socket === socket
    socket.addEventListener('open', () => {
      if (current()) this.#opened(socket)
    })
    socket.addEventListener('message', (event: SocketMessage) => {
      if (current()) this.#message(event.data)
    })
    socket.addEventListener('close', (event: SocketClose) => {
      if (current()) this.#closed(event.code, event.reason)
    })
    // The reason is not told to a page, and `close` always follows; but `ws` throws what nobody listens to.
    socket.addEventListener('error', () => undefined)
  }

  #opened(socket: SocketLike): void {
    if (socket.protocol !== SUBPROTOCOL) {
      this.fail(badMessage(`the server does not speak ${SUBPROTOCOL}`))
      return
    }
    this.#listener.opened()
  }

  #message(data: unknown): void {
    this.#heardAt = this.#options.clock.now()
    this.#answered = true
    if (!(data instanceof ArrayBuffer)) return this.fail(badMessage('a text frame'))
    const frame = decodeServerFrame(new Uint8Array(data))
    if (frame.type === 'fault') return this.fail(badMessage(frame.reason))
    if (frame.channel === DOCUMENT_CHANNEL) return this.#listener.received(frame.message)
    if (frame.channel !== SOCKET_CHANNEL) return this.fail(badMessage('an unknown channel'))
    if (frame.message.type === 'ping') this.#sendToSocket({ type: 'pong' })
    if (frame.message.type === 'going-away') {
      this.#goingAwayMs = Math.min(frame.message.delayMs, MAX_GOING_AWAY_MS)
    }
  }

  #sendToSocket(message: ClientMessage): void {
    if ('socket' in this.#state) {
      this.#state.socket.send(encodeClientFrame(SOCKET_CHANNEL, message))
    }
  }

  #closed(code: number, reason: string, retryable = shouldRetry(code)): void {
    const known = closeCodeOf(code)
    // A restart, or a line that broke, is nothing to be told about beyond "reconnecting".
    const silent = retryable && (known === undefined || known.name === 'restarting')
    this.#error = silent
      ? null
      : {
          code: known?.name ?? `close-${code}`,
          message: reason === '' || reason === known?.name ? (known?.meaning ?? '') : reason,
          retryable,
        }
    this.#after(retryable)
  }

  /** The socket is of no more use: waits for the next attempt, or for good. */
  #after(retry: boolean): void {
    if (!retry) return this.#end({ kind: 'closed' })
    const { clock, random } = this.#options
    if (this.#state.kind === 'up' && clock.now() - this.#state.since >= GOOD_SESSION_MS) {
      this.#attempt = 0
    }
    const delayMs = this.#goingAwayMs ?? backoffDelayMs(this.#attempt, random)
    this.#attempt++
    const cancel = clock.after(delayMs, () => this.start())
    this.#end({ kind: 'waiting', retryAt: clock.wallTime() + delayMs, cancel })
  }

  #end(next: State): void {
    this.#letGo(next)
    this.#listener.changed()
  }

  #letGo(next: State): void {
    this.#cancelTimer()
    const socket = 'socket' in this.#state ? this.#state.socket : null
    this.#state = next
    if (socket === null) return
    closeSocket(socket, this.#options.clock)
    this.#listener.lost()
  }

  #cancelTimer(): void {
    if ('cancel' in this.#state) this.#state.cancel()
  }

  /** Looks once per quiet period instead of setting a timer at every message. */
  #watch(): void {
    if (this.#state.kind !== 'up') return
    const { clock } = this.#options
    const quietMs = clock.now() - this.#heardAt
    if (quietMs < QUIET_MS) {
      this.#state.cancel = clock.after(QUIET_MS - quietMs, () => this.#watch())
      return
    }
    this.#answered = false
    this.#sendToSocket({ type: 'ping' })
    this.#state.cancel = clock.after(PONG_MS, () => {
      if (this.#answered) this.#watch()
      else this.#after(true)
    })
  }

  #networkChanged(): void {
    const { network } = this.#options
    if (network.online && this.#state.kind === 'waiting') return this.start()
    // The machine may be wrong about the network, and a server on this machine needs none: ask the server.
    if (!network.online && this.#state.kind === 'up') this.#sendToSocket({ type: 'ping' })
    this.#listener.changed()
  }
}

function badMessage(message: string): RoomFault {
  return { code: 'bad-message', message, retryable: true }
}

function closeSocket(socket: SocketLike, clock: Clock): void {
  // A server that does not answer must not keep the process of a `ws` user alive for its 30 s.
  const cancel = clock.after(CLOSING_MS, () => socket.terminate?.())
  socket.addEventListener('close', cancel)
  socket.close(1000)
}

import {
  decodeClientFrame,
  defaultLimits,
  encodeServerFrame,
  SUBPROTOCOL,
  type ClientMessage,
  type ServerMessage,
} from '@coscribe/shared'
import type { Network, SocketClass, SocketLike } from '@coscribe/client'

type Listener = (event: never) => void
type Hello = Extract<ServerMessage, { type: 'hello' }>

/** The client's end of a WebSocket whose other end is the test. */
export class ScriptedSocket implements SocketLike {
  binaryType = 'blob'
  protocol = ''
  bufferedAmount = 0
  /** Everything the client sent, oldest first. */
  readonly received: ClientMessage[] = []
  /** What the client closed it with, or `null`. */
  closedWith: number | null = null
  readonly #listeners = new Map<string, Listener[]>()
  readonly url: string
  readonly protocols: string[]

  constructor(url: string, protocols: string[]) {
    this.url = url
    this.protocols = protocols
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    const frame = decodeClientFrame(data)
    if (frame.type === 'fault') throw new Error(`the client sent nonsense: ${frame.reason}`)
    this.received.push(frame.message)
  }

  close(code?: number): void {
    if (this.closedWith !== null) return
    this.closedWith = code ?? 1005
    this.#emit('close', { code: this.closedWith, reason: '' })
  }

  // --- what the test does

  /** Opens the socket. */
  accept(protocol = SUBPROTOCOL): void {
    this.protocol = protocol
    this.#emit('open', {})
  }

  /** Opens the socket and begins a session. */
  welcome(overrides: Partial<Hello> = {}): void {
    this.accept()
    this.say(hello(overrides))
  }

  /** Sends a message of the server, on the channel where it belongs. */
  say(message: ServerMessage): void {
    const channel = ['ping', 'pong', 'going-away'].includes(message.type) ? 0 : 1
    this.raw(encodeServerFrame(channel, message).buffer)
  }

  /** Sends anything. */
  raw(data: unknown): void {
    this.#emit('message', { data })
  }

  /** The connection ends with this code; 1006 is a line that broke. */
  drop(code = 1006, reason = ''): void {
    this.closedWith ??= -1
    this.#emit('close', { code, reason })
  }

  /** Messages of one type the client sent. */
  of<Type extends ClientMessage['type']>(type: Type): Extract<ClientMessage, { type: Type }>[] {
    return this.received.filter((message) => message.type === type) as never
  }

  /** The updates the client sent, whichever way. */
  get updates(): Uint8Array[] {
    return this.received.flatMap((message) =>
      message.type === 'update' || message.type === 'sync-step-2' ? [message.update] : [],
    )
  }

  #emit(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never)
  }
}

/** A hello that allows everything, with the fields a test cares about. */
export function hello(overrides: Partial<Hello> = {}): Hello {
  return {
    type: 'hello',
    version: 1,
    sessionId: 's',
    secret: 'secret',
    historyId: 'h',
    incarnation: 'i',
    access: 'write',
    code: '',
    reason: '',
    resumed: false,
    limits: defaultLimits,
    ...overrides,
  }
}

/** All sockets a client under test opens. */
export class SocketFactory {
  readonly sockets: ScriptedSocket[] = []
  readonly WebSocket: SocketClass

  constructor() {
    const { sockets } = this
    this.WebSocket = class extends ScriptedSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols)
        sockets.push(this)
      }
    }
  }

  /** The newest socket. */
  get last(): ScriptedSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('no socket was opened')
    return socket
  }
}

/** A network that a test switches. */
export class ScriptedNetwork implements Network {
  online = true
  readonly listeners = new Set<() => void>()

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  set(online: boolean): void {
    this.online = online
    for (const listener of this.listeners) listener()
  }
}

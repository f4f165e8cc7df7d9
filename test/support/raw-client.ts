import {
  decodeServerFrame,
  decodeStockReply,
  encodeClientFrame,
  encodeStockMessage,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
  type CoscribeRequest,
  type ResumePoint,
  type ServerMessage,
  type SyncMessage,
} from '@coscribe/shared'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

export type DialectName = 'y-websocket' | 'coscribe.v1'
export const dialects: readonly DialectName[] = ['y-websocket', 'coscribe.v1']

/** How a connection or channel ended. */
export interface Ending {
  readonly code: number
  readonly reason: string
}

type OpenFields = Partial<Omit<Extract<CoscribeRequest, { type: 'open' }>, 'type'>>

const CHANNEL = 1

/** What a client brings with its request to connect. */
export interface Arrival {
  /** A token as one of the offered subprotocols. */
  readonly token?: string
  /** More subprotocols. */
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A client that says exactly what a test tells it to, in either dialect, and answers nothing by itself. It keeps a
 * replica of what the server sends, and every byte it received.
 */
export class RawClient {
  readonly dialect: DialectName
  readonly doc = new Y.Doc()
  /** Every message, in order. */
  readonly messages: ServerMessage[] = []
  /** Every binary frame, in order. */
  readonly frames: Uint8Array[] = []
  /** What yjs threw at an update from the server; the replica is not to be relied on then. */
  applyError: unknown = null
  /** How it ended, or `null` while it is open. A closed channel counts as an end. */
  ending: Ending | null = null
  readonly socket: WebSocket
  readonly #documentId: string
  readonly #waiting = new Set<() => void>()

  /** Connects; {@link open} or {@link join} says the first words. */
  constructor(
    url: string,
    documentId: string,
    dialect: DialectName,
    path?: string,
    { token, protocols = [], headers = {} }: Arrival = {},
  ) {
    this.dialect = dialect
    this.#documentId = documentId
    const base = url.replace(/^http/, 'ws').replace(/\/$/, '')
    const offered = [...protocols, ...(token === undefined ? [] : [`coscribe.token.${token}`])]
    if (dialect === 'coscribe.v1') offered.unshift(SUBPROTOCOL)
    // A client that offers some needs one that the server can choose.
    else if (offered.length > 0) offered.unshift('y-websocket')
    const address =
      dialect === 'coscribe.v1' ? base : `${base}/${path ?? encodeURIComponent(documentId)}`
    this.socket = new WebSocket(address, offered, { headers })
    this.socket.binaryType = 'nodebuffer'
    this.socket.on('message', (data: Buffer) => this.#receive(new Uint8Array(data)))
    this.socket.on('error', () => this.#changed())
    this.socket.on('close', (code, reason) => {
      this.ending ??= { code, reason: reason.toString() }
      this.#changed()
    })
    this.socket.on('open', () => this.#changed())
  }

  /** Connects, opens the document and waits until its content is here. */
  static async joined(
    url: string,
    documentId: string,
    dialect: DialectName,
    arrival?: Arrival,
  ): Promise<RawClient> {
    const client = new RawClient(url, documentId, dialect, undefined, arrival)
    await client.open()
    await client.sync()
    return client
  }

  /** Waits for the socket and, in `coscribe.v1`, opens the document. */
  async open(fields: OpenFields = {}): Promise<void> {
    await this.until(() => this.socket.readyState !== WebSocket.CONNECTING)
    if (this.dialect === 'y-websocket') return
    this.sendFrame(
      encodeClientFrame(CHANNEL, {
        type: 'open',
        version: PROTOCOL_VERSION,
        documentId: this.#documentId,
        secret: '',
        historyId: '',
        resume: null,
        ...fields,
      }),
    )
    await this.until(() => this.hello !== null)
  }

  /** The server's hello, in `coscribe.v1`. */
  get hello(): Extract<ServerMessage, { type: 'hello' }> | null {
    return this.last('hello')
  }

  /** The highest acknowledged count. */
  get acked(): number {
    return this.last('ack')?.count ?? 0
  }

  /** The last resume point the server announced, whole. */
  get resumePoint(): ResumePoint | null {
    const seq = this.last('resume-point')?.seq
    const hello = this.hello
    if (seq === undefined || hello === null) return null
    return { historyId: hello.historyId, incarnation: hello.incarnation, seq }
  }

  /** The latest message of a type. */
  last<Type extends ServerMessage['type']>(
    type: Type,
  ): Extract<ServerMessage, { type: Type }> | null {
    for (let i = this.messages.length - 1; i >= 0; i--) {
      const message = this.messages[i]
      if (message?.type === type) return message as Extract<ServerMessage, { type: Type }>
    }
    return null
  }

  count(type: ServerMessage['type']): number {
    return this.messages.filter((message) => message.type === type).length
  }

  /** Asks for what the replica lacks and waits for the whole answer, or for the end of the connection. */
  async sync(): Promise<void> {
    const before = this.count('sync-step-2')
    this.say({ type: 'sync-step-1', stateVector: Y.encodeStateVector(this.doc) })
    await this.until(() => this.count('sync-step-2') > before)
  }

  /** A credential in-band; only `coscribe.v1` has such a message. */
  auth(credential: string): void {
    this.sendFrame(encodeClientFrame(CHANNEL, { type: 'auth', credential }))
  }

  say(message: SyncMessage): void {
    this.sendFrame(
      this.dialect === 'coscribe.v1'
        ? encodeClientFrame(CHANNEL, message)
        : encodeStockMessage(message),
    )
  }

  /** A message in the bytes of the y-websocket dialect, with the channel before it where there is one. */
  sayBytes(bytes: Uint8Array): void {
    this.sendFrame(this.#framed(bytes))
  }

  /** As {@link sayBytes}, in `pieces` WebSocket fragments. */
  sayInPieces(bytes: Uint8Array, pieces: number): void {
    const frame = this.#framed(bytes)
    const size = Math.max(1, Math.ceil(frame.length / pieces))
    for (let at = 0; at < frame.length; at += size) {
      const fin = at + size >= frame.length
      this.#transmit(frame.subarray(at, at + size), fin)
    }
  }

  sendFrame(bytes: Uint8Array): void {
    this.#transmit(bytes, true)
  }

  /** Edits the replica and sends the update. */
  edit(change: (doc: Y.Doc) => void): Uint8Array {
    const before = Y.encodeStateVector(this.doc)
    this.doc.transact(() => change(this.doc))
    const update = Y.encodeStateAsUpdate(this.doc, before)
    this.say({ type: 'update', update })
    return update
  }

  /** Resolves when `condition` holds or the connection is over; rejects after the deadline. */
  until(condition: () => boolean, deadlineMs = 60_000): Promise<void> {
    const what = condition.toString()
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition() && this.ending === null) return
        clearTimeout(deadline)
        this.#waiting.delete(look)
        resolve()
      }
      const deadline = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`not after ${deadlineMs} ms: ${what}`))
      }, deadlineMs)
      this.#waiting.add(look)
      look()
    })
  }

  /** How it ended; waits for it. */
  async ended(deadlineMs?: number): Promise<Ending> {
    await this.until(() => false, deadlineMs)
    if (this.ending === null) throw new Error('still open')
    return this.ending
  }

  close(): void {
    this.socket.removeAllListeners('message')
    this.socket.terminate()
    this.doc.destroy()
  }

  #framed(bytes: Uint8Array): Uint8Array {
    return this.dialect === 'coscribe.v1' ? Buffer.concat([Uint8Array.of(CHANNEL), bytes]) : bytes
  }

  #transmit(bytes: Uint8Array, fin: boolean): void {
    if (this.socket.readyState !== WebSocket.OPEN) return
    // A connection that the server closes meanwhile is what many tests are about.
    this.socket.send(bytes, { binary: true, fin }, () => undefined)
  }

  #receive(bytes: Uint8Array): void {
    this.frames.push(bytes)
    const decoded =
      this.dialect === 'coscribe.v1' ? decodeServerFrame(bytes) : decodeStockReply(bytes)
    if (decoded.type === 'fault') throw new Error(`the server sent nonsense: ${decoded.reason}`)
    this.#take(decoded.type === 'frame' ? decoded.message : decoded)
    this.#changed()
  }

  #take(message: ServerMessage): void {
    this.messages.push(message)
    if (message.type === 'update' || message.type === 'sync-step-2') this.#apply(message.update)
    if (message.type === 'closed') this.ending ??= { code: message.code, reason: message.reason }
  }

  #apply(update: Uint8Array): void {
    try {
      Y.applyUpdate(this.doc, update, 'server')
    } catch (error) {
      this.applyError = error
    }
  }

  #changed(): void {
    for (const look of this.#waiting) look()
  }
}

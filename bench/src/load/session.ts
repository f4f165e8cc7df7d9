import { clientFrame } from './client-frames.js'
import {
  dialects,
  PRESENCE,
  STEP_1,
  STEP_2,
  SYNC,
  UPDATE,
  type Dialect,
  type DialectName,
} from './dialects.js'
import { RawSocket } from './raw-socket.js'
import { pushVarUint, WireCursor } from './wire.js'

/** What a load wants to know of its sessions. The cursor stands on the content and is valid during the call only. */
export interface SessionListener {
  /** An update of others, or a part of the document as it is. */
  update?(session: Session, cursor: WireCursor): void
  presence?(session: Session, cursor: WireCursor): void
  /** The first `count` of what this session sent is on disk. */
  acknowledged?(session: Session, count: number): void
  /** The socket is closed, and the load did not ask for it. */
  lost?(session: Session, reason: string): void
}

/** Where to find a document. */
export interface Address {
  readonly port: number
  readonly dialect: DialectName
  readonly documentId: string
  /** Headers of the request to connect, beside those that every one has. */
  readonly headers?: Readonly<Record<string, string>>
  /** What this client proves who it is by; only `coscribe.v1` is asked for it. */
  readonly token?: string
}

const EMPTY_STATE_VECTOR = Uint8Array.of(0)
const EMPTY_UPDATE = Uint8Array.of(0, 0)

/** One cursor for all: messages are taken one after another. */
const cursor = new WireCursor()

function offered({ subprotocol }: Dialect, token: string | undefined): string | null {
  return token === undefined ? subprotocol : `${subprotocol}, coscribe.token.${token}`
}

/** One client of one document. */
export class Session {
  /** Who this is, for whoever made it. */
  readonly index: number
  readonly #dialect: Dialect
  readonly #listener: SessionListener
  readonly #prefix: readonly number[]
  readonly #documentId: string
  readonly #stateVector: Uint8Array
  readonly #offer: Uint8Array
  readonly socket: RawSocket
  #settle: ((error: Error | null) => void) | null = null
  #asked = false
  #answered = false
  #closing = false
  /** Updates and steps 2 sent so far: what acknowledgements count. */
  sent = 0

  /**
   * @param stateVector what this client has already; nothing by default
   * @param offer what this client answers when the server asks for what it lacks; nothing by default
   */
  constructor(
    address: Address,
    listener: SessionListener,
    index = 0,
    stateVector: Uint8Array = EMPTY_STATE_VECTOR,
    offer: Uint8Array = EMPTY_UPDATE,
  ) {
    this.index = index
    this.#dialect = dialects[address.dialect]
    this.#listener = listener
    this.#documentId = address.documentId
    this.#prefix = this.#dialect.prefix(address.documentId)
    this.#stateVector = stateVector
    this.#offer = offer
    const path = this.#dialect.path(address.documentId)
    const { port, headers, token } = address
    this.socket = new RawSocket(this, port, path, offered(this.#dialect, token), headers)
    this.socket.onOpen(() => this.#greet())
  }

  /** Resolves when the state was exchanged in both directions. Rejects if the connection is lost before. */
  ready(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#settle = (error) => {
        this.#settle = null
        if (error === null) resolve(this)
        else reject(error)
      }
    })
  }

  /** Asks for the document; resolves with the answer, which comes when everything sent before was taken. */
  answered(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = false
      this.#settle = (error) => {
        this.#settle = null
        if (error === null) resolve()
        else reject(error)
      }
      this.socket.send(this.#syncMessage(STEP_1, this.#stateVector))
    })
  }

  sendUpdate(update: Uint8Array): void {
    this.sent++
    this.socket.sendFrames(this.updateFrame(update))
  }

  /** The frame of an update, to be sent as it is; whoever sends it counts it in `sent`. */
  updateFrame(update: Uint8Array): Buffer {
    return clientFrame(this.#syncMessage(UPDATE, update))
  }

  /** The frame of an awareness update. */
  presenceFrame(update: Uint8Array): Buffer {
    return clientFrame(this.#message([PRESENCE], update))
  }

  close(): void {
    this.#closing = true
    this.socket.destroy()
  }

  // --- the socket's calls

  message(bytes: Buffer, start: number, end: number): void {
    cursor.reset(bytes, start, end)
    this.#dialect.readPrefix(cursor)
    const type = cursor.varUint()
    if (type === SYNC) return this.#takeSync(cursor.varUint())
    if (type === PRESENCE) {
      cursor.varUint()
      return this.#listener.presence?.(this, cursor)
    }
    const count = this.#dialect.readAck(type, cursor)
    if (count !== null) this.#listener.acknowledged?.(this, count)
  }

  closed(reason: string): void {
    if (this.#closing) return
    const error = new Error(`${this.#documentId}: ${reason}`)
    if (this.#settle === null) this.#listener.lost?.(this, error.message)
    else this.#settle(error)
  }

  // --- inside

  #greet(): void {
    for (const bytes of this.#dialect.greeting(this.#documentId)) {
      this.socket.send(Uint8Array.from(bytes))
    }
    if (this.#dialect.syncs) this.socket.send(this.#syncMessage(STEP_1, this.#stateVector))
    else this.#settle?.(null)
  }

  #takeSync(step: number): void {
    if (step === STEP_1) {
      this.sent++
      this.socket.send(this.#syncMessage(STEP_2, this.#offer))
      this.#asked = true
    } else {
      cursor.varUint()
      this.#listener.update?.(this, cursor)
      if (step === STEP_2) this.#answered = true
    }
    if (this.#asked && this.#answered) this.#settle?.(null)
  }

  #syncMessage(step: number, content: Uint8Array): Uint8Array {
    return this.#message([SYNC, step], content)
  }

  #message(type: readonly number[], content: Uint8Array): Uint8Array {
    const head = [...this.#prefix, ...type]
    pushVarUint(head, content.length)
    const message = new Uint8Array(head.length + content.length)
    message.set(head)
    message.set(content, head.length)
    return message
  }
}

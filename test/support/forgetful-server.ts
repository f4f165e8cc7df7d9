import { defaultLimits, type ClientMessage } from '@coscribe/shared'
import * as Y from 'yjs'
import { hello, type ScriptedSocket } from './scripted-socket.js'

/** What a model server may do wrong, for controls. */
export interface ServerFlaws {
  /** Acknowledges what it received before that is on its disk. */
  readonly acksEarly?: boolean
}

/**
 * A model of a server with a memory and a disk: what it received is durable only after a commit, and a crash forgets
 * the rest. It works when told to, one step at a time.
 */
export class ForgetfulServer {
  readonly disk = new Y.Doc()
  #memory = new Y.Doc()
  #historyId = ''
  #incarnation = 0
  #seq = 0
  #durableSeq = 0
  #writable = true
  #refuseNext = false
  /** The session: the socket, how far its messages were read, and how many of them are settled. */
  #session: { socket: ScriptedSocket; read: number; count: number; acked: number } | null = null
  readonly #flaws: ServerFlaws

  constructor(flaws: ServerFlaws = {}) {
    this.#flaws = flaws
    this.#start()
  }

  /** Whether a connection stands; clients end them too. */
  get hasSession(): boolean {
    return this.#session !== null && this.#session.socket.closedWith === null
  }

  /** Takes a socket that was just opened. */
  accept(socket: ScriptedSocket): void {
    this.#session = { socket, read: 0, count: 0, acked: 0 }
    socket.accept()
  }

  /** Reads the next message of the client. Returns `false` when there is none. */
  readOne(): boolean {
    const message = this.#session?.socket.received[this.#session.read]
    if (this.#session === null || message === undefined) return false
    this.#session.read++
    this.#take(message, this.#session.socket)
    return true
  }

  /** Somebody else's edit arrives and is relayed. */
  edit(text: string): void {
    this.#memory.once('update', (update: Uint8Array) => {
      this.#seq++
      if (this.#inSession) this.#session?.socket.say({ type: 'update', update })
    })
    this.#memory.getText('content').insert(0, text)
  }

  /** Everything received reaches the disk, and is acknowledged. */
  commit(): void {
    Y.applyUpdate(this.disk, Y.encodeStateAsUpdate(this.#memory))
    this.#durableSeq = this.#seq
    this.#acknowledge()
  }

  /** What was not committed is gone, and so is the connection. */
  crash(): void {
    this.#session?.socket.drop()
    this.#session = null
    this.#start()
  }

  /** The line breaks; the server goes on. */
  cut(): void {
    this.#session?.socket.drop()
    this.#session = null
  }

  /** The disk fills up or has room again. */
  setWritable(writable: boolean): void {
    this.#writable = writable
    if (this.#inSession) this.#session?.socket.say({ type: 'access', ...this.#access })
  }

  /** The next edit of the client is refused. */
  refuseNext(): void {
    this.#refuseNext = true
  }

  get #inSession(): boolean {
    return (this.#session?.read ?? 0) > 0
  }

  get #access() {
    return this.#writable
      ? ({ access: 'write', code: '', reason: '' } as const)
      : ({ access: 'read', code: 'storage-unavailable', reason: 'full' } as const)
  }

  #start(): void {
    this.#memory = new Y.Doc()
    Y.applyUpdate(this.#memory, Y.encodeStateAsUpdate(this.disk))
    this.#seq = this.#durableSeq
    this.#incarnation++
    // What never reached the disk has no history there either.
    if (this.#durableSeq === 0) this.#historyId = `history ${this.#incarnation}`
  }

  #take(message: ClientMessage, socket: ScriptedSocket): void {
    switch (message.type) {
      case 'open':
        return this.#welcome(socket, message.resume?.incarnation ?? '', message.resume?.seq ?? -1)
      case 'sync-step-1':
        return this.#answer(socket, message.stateVector)
      case 'sync-step-2':
      case 'update':
        return this.#receive(socket, message.update)
      case 'ping':
        return socket.say({ type: 'pong' })
      default:
    }
  }

  #welcome(socket: ScriptedSocket, incarnation: string, seq: number): void {
    const resumed = incarnation === String(this.#incarnation) && seq === this.#seq
    const identity = { historyId: this.#historyId, incarnation: String(this.#incarnation) }
    const limits = { ...defaultLimits, messageBytes: 2_500 }
    socket.say(hello({ ...identity, ...this.#access, resumed, limits }))
    if (resumed) socket.say({ type: 'sync-step-2', update: Uint8Array.of(0, 0) })
    this.#ask(socket)
  }

  #ask(socket: ScriptedSocket): void {
    socket.say({ type: 'sync-step-1', stateVector: Y.encodeStateVector(this.#memory) })
  }

  #answer(socket: ScriptedSocket, stateVector: Uint8Array): void {
    const update = Y.encodeStateAsUpdate(this.#memory, stateVector)
    socket.say({ type: 'sync-step-2', update })
  }

  #receive(socket: ScriptedSocket, update: Uint8Array): void {
    if (this.#session === null) return
    this.#session.count++
    const { count } = this.#session
    if (!this.#writable || this.#refuseNext) {
      this.#refuseNext = false
      socket.say({ type: 'rejected', count, code: 'storage-unavailable', message: 'full' })
      return
    }
    Y.applyUpdate(this.#memory, update)
    this.#seq++
    if (this.#memory.store.pendingStructs !== null) this.#ask(socket)
    if (this.#flaws.acksEarly === true) this.#acknowledge()
  }

  #acknowledge(): void {
    if (this.#session === null) return
    const { socket, count, acked } = this.#session
    if (count === acked) return
    this.#session.acked = count
    socket.say({ type: 'ack', count })
    if (this.#durableSeq > 0) socket.say({ type: 'resume-point', seq: this.#durableSeq })
  }
}

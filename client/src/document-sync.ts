import {
  closeCodeOf,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type Access,
  type Clock,
  type Random,
  type ResumePoint,
  type ServerMessage,
  type SessionLimits,
} from '@coscribe/shared'
import * as Y from 'yjs'
import { applyTogether } from './apply-together.js'
import { Arriving } from './arriving.js'
import type { Connection } from './connection.js'
import { Naming } from './naming.js'
import type { RoomFault } from './room-error.js'
import { Credential, type TokenSource } from './credential.js'
import { canWrite } from './sync-status.js'
import { Uplink } from './uplink.js'

type Hello = Extract<ServerMessage, { type: 'hello' }>

/** What a document's synchronisation tells its owner. */
export interface SyncListener {
  /** The session began. Presence takes at most this many bytes. */
  joined(presenceBytes: number): void
  /** Others' presence. */
  presence(update: Uint8Array): void
  /** The server asks who is here. */
  presenceAsked(): void
  /** The document is called something else than was known. */
  named(): void
  /** These bytes of the server are in the document. */
  received(update: Uint8Array): void
  /** It turned out which history the document belongs to. */
  joinedHistory(historyId: string): void
  /** Something a status shows may have changed. */
  changed(): void
}

export interface SyncOptions {
  readonly ydoc: Y.Doc
  readonly documentId: string
  readonly token: TokenSource | undefined
  readonly clock: Clock
  readonly random: Random
  readonly connection: Connection
  /** A server's state vector, raised by what others of this device will send it. */
  raised(stateVector: Uint8Array): Uint8Array
  /** Marks transactions that apply what came from the server. */
  readonly origin: object
}

/** Keeps one document in step with the server, session after session. */
export class DocumentSync {
  readonly uplink: Uplink
  readonly naming: Naming
  readonly #options: SyncOptions
  readonly #listener: SyncListener
  readonly #credential: Credential | null
  readonly #arriving: Arriving
  #secret = ''
  /** The history this replica belongs to: empty until a server said that some of it is on its disk. */
  #historyId = ''
  #resume: ResumePoint | null = null
  #session: Hello | null = null
  #access: Access | null = null
  #limits: SessionLimits | null = null
  #readOnly: RoomFault | null = null
  #synced = false
  #everSynced = false

  constructor(options: SyncOptions, listener: SyncListener) {
    this.#options = options
    this.#listener = listener
    const { connection, ydoc, clock, random, token } = options
    this.#credential = token === undefined ? null : this.#credentialOf(token)
    this.#arriving = new Arriving(clock, () => void this.#apply(this.#arriving.take()))
    this.naming = new Naming((message) => connection.send(message))
    this.uplink = new Uplink({
      ydoc,
      clock,
      random,
      send: (message) => connection.send(message),
      bufferedBytes: () => connection.bufferedBytes,
      raised: (stateVector) => options.raised(stateVector),
      changed: () => listener.changed(),
    })
  }

  /** What the session may do, as the server said last. */
  get access(): Access | null {
    return this.#access
  }

  /** What the server takes, as it said last. */
  get limits(): SessionLimits | null {
    return this.#limits
  }

  /** Why the document cannot be written, or `null`. */
  get readOnly(): RoomFault | null {
    return this.#readOnly
  }

  get #writable(): boolean {
    return canWrite(this.#access)
  }

  /** Whether the whole document is here in this session. */
  get synced(): boolean {
    return this.#synced
  }

  /** Whether it was in any. */
  get everSynced(): boolean {
    return this.#everSynced
  }

  get historyId(): string {
    return this.#historyId
  }

  /** The history of an offline copy that was just put into the document. */
  set historyId(historyId: string) {
    this.#historyId = historyId
  }

  /**
   * Whether a session stands in which edits get nowhere, for a reason that only the server knows: no ack comes, or
   * the document may not be written at the moment.
   */
  get stuck(): boolean {
    const { pending, overdue } = this.uplink
    return this.#session !== null && (overdue !== null || (!pending.isEmpty && !this.#writable))
  }

  /**
   * The document takes content of this history in, in a session or not; empty is content that never met a server.
   * Returns `false`, and it may not, when the document here or on the server belongs to another one.
   */
  joinHistory(historyId: string): boolean {
    if (historyId === '') return true
    const own = [this.#historyId, this.#session?.historyId ?? '']
    if (own.some((known) => known !== '' && known !== historyId)) return false
    this.#historyId = historyId
    return true
  }

  /** The socket is open. */
  opened(): void {
    if (this.#credential === null) this.#open()
    else this.#credential.begin()
  }

  #credentialOf(token: TokenSource): Credential {
    const { connection, clock } = this.#options
    return new Credential({
      token,
      clock,
      present: (credential) => connection.send({ type: 'auth', credential }),
      ready: () => this.#open(),
      failed: (fault) => connection.fail(fault),
    })
  }

  #open(): void {
    this.#options.connection.send({
      type: 'open',
      version: PROTOCOL_VERSION,
      documentId: this.#options.documentId,
      secret: this.#secret,
      historyId: this.#historyId,
      resume: this.#resume,
    })
  }

  /** The socket is gone. */
  lost(): void {
    this.#credential?.end()
    // The next session goes on from what is here.
    this.#put(this.#arriving.take())
    this.#session = null
    this.#synced = false
    this.uplink.end()
    this.naming.end()
  }

  received(message: ServerMessage): void {
    if (message.type === 'closed') {
      this.#closed(message.code, message.reason)
    } else if (message.type === 'hello') {
      this.#hello(message)
    } else if (this.#session === null) {
      this.#broken(`${message.type} before hello`)
    } else {
      this.#inSession(message, this.#session)
    }
    this.#listener.changed()
  }

  #closed(code: number, reason: string): void {
    const name = closeCodeOf(code)?.name
    if (name === 'history-mismatch') this.#replaced()
    // A session was good before: its token has ended, and the next session brings another.
    const renewed = name === 'not-authenticated' && this.#session !== null
    if (renewed) this.#credential?.refused()
    const retryable = renewed && this.#credential?.renewable === true
    const refusal = this.#credential?.refusal ?? null
    if (renewed && refusal !== null) return this.#options.connection.fail(refusal)
    this.#options.connection.channelClosed(code, reason, retryable)
  }

  #hello(hello: Hello): void {
    const { connection } = this.#options
    if (this.#session !== null) return this.#broken('a second hello')
    if (hello.version > PROTOCOL_VERSION || hello.version < OLDEST_PROTOCOL_VERSION) {
      const message = `the server speaks version ${hello.version} of the protocol`
      return connection.fail({ code: 'unsupported-version', message, retryable: false })
    }
    // The server checks this too; a replica is too precious to rely on one check.
    if (this.#historyId !== '' && hello.historyId !== this.#historyId) {
      this.#replaced()
      const message = 'the document on the server was replaced by another; nothing was merged'
      return connection.fail({ code: 'history-mismatch', message, retryable: false })
    }
    this.#session = hello
    this.#secret = hello.secret
    this.#limits = hello.limits
    connection.established()
    this.uplink.begin(hello.limits.messageBytes)
    this.naming.begin(hello.version)
    this.#grant(hello)
    if (!hello.resumed) {
      this.#resume = null
      const stateVector = Y.encodeStateVector(this.#options.ydoc)
      connection.send({ type: 'sync-step-1', stateVector })
    }
    this.#listener.joined(hello.limits.presenceBytes)
  }

  /** The server's document is another one now: nothing of this replica is on its disk, whatever was acknowledged. */
  #replaced(): void {
    if (!this.uplink.pending.isEmpty) return
    this.uplink.found(Y.encodeStateAsUpdate(this.#options.ydoc).length)
  }

  #inSession(message: Exclude<ServerMessage, { type: 'hello' | 'closed' }>, hello: Hello): void {
    switch (message.type) {
      case 'sync-step-1':
        return this.#asked(message.stateVector)
      case 'update':
        if (this.#synced) this.#apply([message.update])
        else this.#arriving.add(message.update)
        return
      case 'sync-step-2':
        if (this.#apply([...this.#arriving.take(), message.update])) {
          this.#everSynced = this.#synced = true
        }
        return
      case 'ack':
        if (!this.uplink.ack(message.count)) this.#broken('an ack for what was not sent')
        return
      case 'rejected':
        if (!this.uplink.rejected(message.count, message.code, message.message)) {
          this.#broken('a refusal of what was not sent')
        }
        return
      case 'access':
        return this.#grant(message)
      case 'resume-point':
        return this.#resumePoint(hello, message.seq)
      case 'info':
        if (this.naming.told(message.title)) this.#listener.named()
        return
      case 'renamed':
        if (!this.naming.answered(message.count, message.code, message.message)) {
          this.#broken('an answer to what was not asked')
        }
        return
      case 'presence':
        return this.#listener.presence(message.update)
      case 'query-presence':
        return this.#listener.presenceAsked()
      case 'auth-denied':
        return this.#options.connection.fail({
          code: 'forbidden',
          message: message.reason,
          retryable: false,
        })
      default:
        // Heartbeats and going-away belong to the socket's own channel, which the codec checks.
        return this.#broken(`${message.type} on the document's channel`)
    }
  }

  #grant(to: { access: Access; code: string; reason: string }): void {
    this.#access = to.access
    this.#readOnly = to.code === '' ? null : { code: to.code, message: to.reason, retryable: true }
    this.uplink.setWritable(this.#writable)
  }

  #asked(stateVector: Uint8Array): void {
    try {
      Y.decodeStateVector(stateVector)
    } catch {
      // The one way to get here: bytes that are no state vector.
      return this.#broken('a malformed state vector')
    }
    this.uplink.asked(stateVector)
  }

  /** Only numbers on disk are announced, so from here on the history is one that a server cannot forget. */
  #resumePoint(hello: Hello, seq: number): void {
    const { historyId, incarnation } = hello
    if (seq > 0 && historyId !== this.#historyId) {
      this.#historyId = historyId
      this.#listener.joinedHistory(historyId)
    }
    this.#resume = { historyId, incarnation, seq }
  }

  #apply(updates: readonly Uint8Array[]): boolean {
    const fault = this.#put(updates)
    if (fault !== null) this.#options.connection.fail(fault)
    return fault === null
  }

  /** Puts what came from the server into the document, or says why that is not possible. */
  #put(updates: readonly Uint8Array[]): RoomFault | null {
    if (updates.length === 0) return null
    const { ydoc, origin } = this.#options
    try {
      applyTogether(ydoc, updates, origin)
      for (const update of updates) this.#listener.received(update)
      return null
    } catch (error) {
      // Damaged bytes, or an observer of the application that threw: either way the document may lack something, so
      // the next session compares state vectors instead of numbers.
      this.#resume = null
      const message = `an update could not be applied: ${String(error)}`
      return { code: 'bad-update', message, retryable: true }
    }
  }

  #broken(message: string): void {
    this.#options.connection.fail({ code: 'bad-message', message, retryable: true })
  }
}

import {
  closeCodes,
  commonVersion,
  decodeClientFrame,
  randomHex,
  unreachable,
  type Access,
  type ClientMessage,
  type CloseName,
  type CoscribeRequest,
  type ErrorCode,
  type ServerMessage,
  type SessionLimits,
} from '@coscribe/shared'
import type { ReadOnlyReason } from '../rooms/peer.js'
import { Channels, type Channel } from './channels.js'
import type { Connection, Dialect } from './connection.js'
import { encodeMessage } from './encodings.js'
import { anonymousPrincipal } from './principal.js'
import { isRefusal, type RoomDoor } from './room-door.js'
import type { SessionRoom } from './session-room.js'
import { Session, type SessionVoice } from './session.js'

type Open = Extract<CoscribeRequest, { type: 'open' }>

/** The socket's own channel. */
const SOCKET = 0

export interface CoscribeLimits {
  readonly session: SessionLimits
  readonly maxChannels: number
}

/** `coscribe.v1`: each channel is a session with one document; channel 0 is the socket itself. */
export class CoscribeDialect implements Dialect, SessionVoice {
  readonly keepAlive = null
  readonly acknowledges = true
  readonly #connection: Connection
  readonly #door: RoomDoor
  readonly #limits: CoscribeLimits
  readonly #channels = new Channels()

  constructor(connection: Connection, door: RoomDoor, limits: CoscribeLimits) {
    this.#connection = connection
    this.#door = door
    this.#limits = limits
  }

  get expectsAnswer(): boolean {
    for (const { session } of this.#channels) if (session.expectsAnswer) return true
    return false
  }

  opened(): void {
    // The client speaks first.
  }

  receive(bytes: Uint8Array): void {
    const frame = decodeClientFrame(bytes)
    if (frame.type === 'fault') return this.#connection.close('protocol-error', frame.reason)
    this.#take(frame.channel, frame.message)
  }

  #take(channel: number, message: ClientMessage): void {
    switch (message.type) {
      case 'ping':
        return this.#say(SOCKET, { type: 'pong' })
      case 'pong':
        return
      case 'open':
        return this.#open(channel, message)
      case 'leave':
        return this.#leave(channel)
      case 'auth':
        // Without an authenticator every session is anonymous, and a credential changes nothing.
        return
      case 'sync-step-1':
      case 'sync-step-2':
      case 'update':
      case 'presence':
      case 'query-presence':
        // A message for a channel that was just closed by this side may still be on its way: it is ignored.
        return this.#channels.get(channel)?.session.receive(message)
      default:
        return unreachable(message)
    }
  }

  // --- opening and leaving

  #open(channel: number, open: Open): void {
    if (this.#channels.get(channel) !== undefined) {
      return this.#connection.close('protocol-error', `channel ${channel} is in use`)
    }
    const version = commonVersion(open.version)
    if (version === null) {
      return this.#end(channel, 'unsupported-version', 'this client is too old for this server')
    }
    if (this.#channels.size >= this.#limits.maxChannels) {
      return this.#end(channel, 'too-many-connections', 'too many documents on one connection')
    }
    // One document is opened at a time: what was pipelined behind it keeps its order.
    this.#connection.pause()
    // Never rejects: the door turns failures into refusals.
    void this.#join(channel, open, version)
  }

  async #join(channel: number, open: Open, version: number): Promise<void> {
    const outcome = await this.#door.enter(open.documentId, open.resume)
    if (isRefusal(outcome)) this.#end(channel, outcome.name, outcome.reason)
    else if (this.#connection.isOpen) this.#welcome(channel, open, version, outcome)
    else this.#door.leave(open.documentId)
    this.#connection.resume()
  }

  #welcome(channel: number, open: Open, version: number, room: SessionRoom): void {
    if (open.historyId !== '' && open.historyId !== room.historyId) {
      this.#door.leave(open.documentId)
      return this.#end(channel, 'history-mismatch', 'the document was replaced by another')
    }
    const { secret, principal } = anonymousPrincipal(open.secret, this.#connection.context.random)
    const session = this.#newSession(channel, principal)
    this.#channels.add({ documentId: open.documentId, session })
    session.join(room)
    if (!session.open) return
    const resumed = open.resume !== null && session.resume(open.resume)
    this.#say(channel, {
      type: 'hello',
      version,
      sessionId: session.sessionId,
      secret,
      historyId: room.historyId,
      incarnation: room.incarnation,
      ...accessUnder(session.access, room.readOnly),
      resumed,
      limits: this.#limits.session,
    })
    session.greet()
  }

  #newSession(channel: number, principal: string): Session {
    const context = this.#connection.context
    return new Session({
      sessionId: randomHex(context.random, 8),
      principal,
      access: 'write',
      framing: channel,
      link: this.#connection,
      voice: this,
      messageBytes: context.messageBytes,
    })
  }

  #leave(channel: number): void {
    const open = this.#channels.get(channel)
    if (open === undefined) return
    open.session.leave()
    this.#forget(channel)
    this.#end(channel, 'normal', 'left')
  }

  #forget(channel: number): void {
    const open = this.#channels.delete(channel)
    if (open !== undefined) this.#door.leave(open.documentId)
  }

  #end(channel: number, name: CloseName, reason: string): void {
    this.#say(channel, { type: 'closed', code: closeCodes[name].code, reason })
  }

  // --- the connection's calls

  collect(): void {
    for (const open of this.#channels) {
      open.session.collect()
      if (this.#connection.queue.lagging) return this.#goesLast(open)
    }
  }

  /** Who filled the socket lets the others go before it when that has drained. */
  #goesLast(open: Channel): void {
    if (this.#channels.delete(open.session.framing) === open) this.#channels.add(open)
  }

  goingAway(delayMs: number): void {
    this.#say(SOCKET, { type: 'going-away', delayMs })
  }

  parting(): void {
    // The close code says it.
  }

  closed(): void {
    for (const { session } of this.#channels) {
      session.leave()
      this.#forget(session.framing)
    }
  }

  // --- the sessions' calls

  refused(session: Session, count: number, code: ErrorCode, message: string): void {
    this.#say(session.framing, { type: 'rejected', count, code, message })
  }

  writable(session: Session, reason: ReadOnlyReason | null): void {
    this.#say(session.framing, { type: 'access', ...accessUnder(session.access, reason) })
  }

  ended(session: Session, name: CloseName, reason: string): void {
    this.#forget(session.framing)
    this.#end(session.framing, name, reason)
  }

  #say(channel: number, message: ServerMessage): void {
    for (const bytes of encodeMessage(message, channel)) this.#connection.queue.enqueue(bytes)
  }
}

/** What a session may do while the document is read-only for everybody, and why. */
function accessUnder(
  access: Access,
  readOnly: ReadOnlyReason | null,
): { access: Access; code: string; reason: string } {
  if (readOnly === null) return { access, code: '', reason: '' }
  return { access: 'read', code: readOnly.code, reason: readOnly.message }
}

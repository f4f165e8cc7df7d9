import {
  closeCodes,
  commonVersion,
  decodeClientFrame,
  encodeServerFrame,
  randomHex,
  TITLES_VERSION,
  unreachable,
  type Access,
  type ClientMessage,
  type CloseName,
  type CoscribeRequest,
  type ErrorCode,
  type ServerMessage,
  type SessionLimits,
  type SyncMessage,
} from '@coscribe/shared'
import type { Identity } from '../auth/authenticator.js'
import { isGuest } from '../auth/links.js'
import type { ReadOnlyReason } from '../rooms/peer.js'
import type { Credential } from './credentials.js'
import {
  ChannelCredentials,
  type CredentialLimits,
  type CredentialOwner,
} from './channel-credentials.js'
import { ChannelTitles, type TitleOwner } from './channel-titles.js'
import { Channels, type Channel } from './channels.js'
import type { Connection } from './connection.js'
import type { Dialect } from './dialect.js'
import { encodeMessage } from './encodings.js'
import type { Entry } from './entry.js'
import { frame as framed } from './frames.js'
import { EXPIRED } from './gate.js'
import { anonymousPrincipal, guestPrincipal, subjectPrincipal } from './principal.js'
import { isRefusal, type Refusal } from './refusal.js'
import type { RenameVerdict } from './renames.js'
import type { ReviewOwner } from './review.js'
import type { SessionRoom } from './session-room.js'
import { Session, type SessionVoice } from './session.js'
import type { Tenure } from './tenure.js'

type Open = Extract<CoscribeRequest, { type: 'open' }>

/** The socket's own channel. */
const SOCKET = 0

/** What keeps a client company that asks and is left unread. */
const unreadKeepAlive = framed(encodeServerFrame(SOCKET, { type: 'pong' }))

export interface CoscribeLimits extends CredentialLimits {
  readonly session: SessionLimits
}

/** What is known of somebody who may open a document. */
interface Entrant {
  readonly identity: Identity | null
  readonly access: Access
  readonly version: number
}

/**
 * `coscribe.v1`: each channel is a session with one document; channel 0 is the socket itself. A credential comes with
 * the request to connect, and is good for all channels, or in an `auth` message before `open`, and is the channel's own.
 * Until there is one, nothing but `auth` has any effect.
 */
export class CoscribeDialect
  implements Dialect, SessionVoice, ReviewOwner, CredentialOwner, TitleOwner
{
  readonly keepAlive = null
  readonly unreadKeepAlive = unreadKeepAlive
  readonly acknowledges = true
  readonly #connection: Connection
  readonly #entry: Entry
  readonly #limits: CoscribeLimits
  readonly channels = new Channels()
  /** From the first time that somebody gives a document another one. */
  #titles: ChannelTitles | null = null
  /** Where nobody is asked who they are, `null`. */
  readonly #credentials: ChannelCredentials | null

  /** @param credentials what the request to connect brought */
  constructor(
    connection: Connection,
    entry: Entry,
    limits: CoscribeLimits,
    credentials: readonly Credential[],
  ) {
    this.#connection = connection
    this.#entry = entry
    this.#limits = limits
    const { gate } = entry
    this.#credentials = gate.isOpen
      ? null
      : new ChannelCredentials(gate, connection, limits, this, credentials)
  }

  get expectsAnswer(): boolean {
    for (const { session } of this.channels) if (session.expectsAnswer) return true
    return false
  }

  opened(): void {
    // The client speaks first.
    this.#credentials?.opened()
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
        // Where nobody is asked, a credential changes nothing.
        return this.#credentials?.brought(channel, message.credential)
      case 'rename':
        return this.#rename(channel, message.title)
      case 'sync-step-1':
      case 'sync-step-2':
      case 'update':
      case 'presence':
      case 'query-presence':
        return this.#inSession(channel, message)
      default:
        return unreachable(message)
    }
  }

  #inSession(channel: number, message: SyncMessage): void {
    const open = this.channels.get(channel)
    // A message for a channel that was just closed by this side may still be on its way: it is ignored.
    if (open === undefined) return
    if (open.tenure?.over === true) return this.#ranOut(open, open.tenure)
    open.session.receive(message)
  }

  // --- titles

  #rename(channel: number, title: string): void {
    const open = this.channels.get(channel)
    if (open === undefined) return
    const { session, tenure } = open
    if (tenure?.over === true) return this.#ranOut(open, tenure)
    if (!session.hearsTitle) {
      return this.#connection.close('protocol-error', 'this version knows no titles')
    }
    this.#titles ??= new ChannelTitles(this.#connection, this.#entry.titles, this)
    this.#titles.rename(open, title)
  }

  // --- the credentials' calls

  turnAway(
    channel: number,
    refusal: Refusal,
    identity: Identity | null = null,
    documentId?: string,
  ): void {
    this.#entry.gate.turnedAway(this.#connection.address, refusal, identity, documentId)
    this.#refuse(channel, refusal)
  }

  /** Ends whatever there is on the channel. */
  #refuse(channel: number, { name, reason }: Refusal): void {
    this.#credentials?.delete(channel)
    this.channels.get(channel)?.session.leave()
    this.#forget(channel)
    this.#end(channel, name, reason)
  }

  tenureOver(tenure: Tenure): void {
    for (const open of this.channels) {
      if (open.tenure === tenure) return this.#ranOut(open, tenure)
    }
  }

  reviewed(tenure: Tenure, verdict: Identity | Refusal): void {
    for (const open of this.channels) {
      if (open.tenure === tenure) return this.#credentials?.decided(open, verdict)
    }
  }

  #ranOut({ documentId, session }: Channel, { identity }: Tenure): void {
    this.#entry.gate.ranOut(this.#connection.address, identity, documentId)
    this.#refuse(session.framing, EXPIRED)
  }

  // --- opening and leaving

  #open(channel: number, open: Open): void {
    if (this.channels.get(channel) !== undefined) {
      return this.#connection.close('protocol-error', `channel ${channel} is in use`)
    }
    const version = commonVersion(open.version)
    if (version === null) {
      return this.#end(channel, 'unsupported-version', 'this client is too old for this server')
    }
    const identity = this.#credentials?.take(channel) ?? null
    // One document is opened at a time: what was pipelined behind it keeps its order.
    this.#connection.pause()
    // Never rejects: gate and door turn failures into refusals.
    void this.#admit(channel, open, identity, version)
  }

  async #admit(
    channel: number,
    open: Open,
    identity: Identity | null,
    version: number,
  ): Promise<void> {
    const entrant = await this.#entrant(identity, open.documentId, version)
    if (isRefusal(entrant)) this.turnAway(channel, entrant, identity, open.documentId)
    else if (this.channels.size >= this.#limits.maxChannels) this.tooMany(channel)
    else if (this.#connection.isOpen) {
      this.#connection.opens()
      await this.#join(channel, open, entrant)
    }
    this.#connection.resume()
  }

  async #entrant(
    identity: Identity | null,
    documentId: string,
    version: number,
  ): Promise<Entrant | Refusal> {
    const { gate } = this.#entry
    const known = identity === null ? null : await gate.consult(identity, documentId)
    if (isRefusal(known)) return known
    const access = gate.admit(known, documentId)
    return isRefusal(access) ? access : { identity: known, access, version }
  }

  tooMany(channel: number): void {
    this.#connection.hit('channels')
    this.#end(channel, 'too-many-connections', 'too many documents on one connection')
  }

  async #join(channel: number, open: Open, entrant: Entrant): Promise<void> {
    const { door } = this.#entry
    const outcome = await door.enter(open.documentId, open.resume)
    if (isRefusal(outcome)) this.#end(channel, outcome.name, outcome.reason)
    else this.#entered(channel, open, entrant, outcome)
  }

  #entered(channel: number, open: Open, entrant: Entrant, room: SessionRoom): void {
    const access = this.#entry.gate.admit(entrant.identity, open.documentId)
    if (!isRefusal(access) && this.#connection.isOpen) {
      return this.#welcome(channel, open, { ...entrant, access }, room)
    }
    this.#entry.door.leave(open.documentId)
    if (isRefusal(access)) this.turnAway(channel, access, entrant.identity, open.documentId)
  }

  #welcome(channel: number, open: Open, entrant: Entrant, room: SessionRoom): void {
    if (open.historyId !== '' && open.historyId !== room.historyId) {
      this.#entry.door.leave(open.documentId)
      return this.#end(channel, 'history-mismatch', 'the document was replaced by another')
    }
    const { secret, principal } = this.#principal(open, entrant)
    const tenure = this.#newTenure(entrant, open.documentId)
    const session = this.#newSession(channel, principal, entrant, tenure)
    this.channels.add({ documentId: open.documentId, session, tenure })
    this.#entry.gate.letIn(
      this.#connection.address,
      entrant.identity,
      open.documentId,
      entrant.access,
    )
    session.join(room)
    if (!session.open) return
    const resumed = open.resume !== null && session.resume(open.resume)
    this.#say(channel, {
      type: 'hello',
      version: entrant.version,
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

  #principal({ secret }: Open, { identity }: Entrant): { secret: string; principal: string } {
    const subject = identity?.subject ?? null
    if (subject !== null && !isGuest(subject)) {
      return { secret: '', principal: subjectPrincipal(subject) }
    }
    const anonymous = anonymousPrincipal(secret, this.#connection.context.random)
    if (subject === null) return anonymous
    return { ...anonymous, principal: guestPrincipal(subject, anonymous.principal) }
  }

  #newTenure({ identity }: Entrant, documentId: string): Tenure | null {
    return identity === null ? null : this.#entry.gate.tenure(this, identity, documentId)
  }

  #newSession(
    channel: number,
    principal: string,
    { identity, access, version }: Entrant,
    tenure: Tenure | null,
  ): Session {
    const context = this.#connection.context
    return new Session({
      sessionId: randomHex(context.random, 8),
      principal,
      name: identity?.name ?? '',
      subject: identity?.subject ?? '',
      hearsTitle: version >= TITLES_VERSION,
      access,
      tenure,
      framing: channel,
      link: this.#connection,
      voice: this,
      messageBytes: context.messageBytes,
    })
  }

  #leave(channel: number): void {
    const open = this.channels.get(channel)
    if (open === undefined) return
    open.session.leave()
    this.#forget(channel)
    this.#end(channel, 'normal', 'left')
  }

  #forget(channel: number): void {
    const open = this.channels.delete(channel)
    if (open === undefined) return
    open.tenure?.end()
    this.#entry.door.leave(open.documentId)
  }

  #end(channel: number, name: CloseName, reason: string): void {
    if (name !== 'normal') this.#connection.context.metrics.refused(name)
    this.#say(channel, { type: 'closed', code: closeCodes[name].code, reason })
  }

  // --- the connection's calls

  collect(): void {
    for (const open of this.channels) {
      open.session.collect()
      if (this.#connection.queue.lagging) return this.#goesLast(open)
    }
  }

  /** Who filled the socket lets the others go before it when that has drained. */
  #goesLast(open: Channel): void {
    if (this.channels.delete(open.session.framing) === open) this.channels.add(open)
  }

  get sessions(): Iterable<Channel> {
    return this.channels
  }

  evict(session: Session, refusal: Refusal): void {
    this.#refuse(session.framing, refusal)
  }

  goingAway(delayMs: number): void {
    this.#say(SOCKET, { type: 'going-away', delayMs })
  }

  parting(): void {
    // The close code says it.
  }

  closed(): void {
    this.#credentials?.awaitNoMore()
    for (const { session } of this.channels) {
      session.leave()
      this.#forget(session.framing)
    }
  }

  // --- the sessions' calls

  refused(session: Session, count: number, code: ErrorCode, message: string): void {
    this.#connection.context.metrics.rejected(code)
    this.#say(session.framing, { type: 'rejected', count, code, message })
  }

  writable(session: Session, reason: ReadOnlyReason | null): void {
    this.#say(session.framing, { type: 'access', ...accessUnder(session.access, reason) })
  }

  renamed({ framing }: Session, verdict: RenameVerdict): void {
    this.#say(framing, { type: 'renamed', ...verdict })
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

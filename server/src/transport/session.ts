import { unreachable } from '@coscribe/shared'
import type {
  Access,
  CloseName,
  ErrorCode,
  ResumePoint,
  ServerMessage,
  SyncMessage,
} from '@coscribe/shared'
import type { LimitName } from '../metrics/metrics.js'
import { canWrite } from '../rooms/access.js'
import type { HeldMessage, Peer, PresenceSource, ReadOnlyReason, Receipt } from '../rooms/peer.js'
import type { CatchUp, UpdateBatch } from '../rooms/update-batch.js'
import { batchFor, encodeMessage, type Framing } from './encodings.js'
import { Echo } from './echo.js'
import { LogReader } from './log-reader.js'
import { PresenceFrame } from './presence-frame.js'
import { lastingIdOf, userIdOf } from './principal.js'
import { Progress } from './progress.js'
import { keptQuestion, QuestionRate } from './question-rate.js'
import type { FlushTurn } from './flush-turn.js'
import type { SendQueue } from './send-queue.js'
import type { SessionRoom } from './session-room.js'

/** What a session needs of its connection. */
export interface SessionLink {
  readonly queue: SendQueue
  readonly turn: FlushTurn
  /** Stops reading; call {@link resume} as often. */
  pause(): void
  /** Reads on, if nothing else keeps it from that. */
  resume(): void
  /** Visits `session` once, within a second. */
  soon(session: Session): void
  /** Calls `alive` once when the other end has answered a ping that is sent now. */
  probe(alive: () => void): void
  /** Step 1s of one session that are answered at once in ten seconds. */
  readonly questions: number
  /** An update came; how fast they may come is the connection's. */
  updated(): void
  /** Whether whose it is may bring clients that a document has not seen, which count if so; if not, why. */
  brings(clients: number): string | null
  /** Something met a limit. */
  hit(limit: LimitName): void
  /** Closes the whole socket. */
  close(name: CloseName, reason: string): void
}

/** How the two dialects differ once a session stands. */
export interface SessionVoice {
  /** Whether the other side wants acks and resume points. */
  readonly acknowledges: boolean
  /** Message number `count` was refused. */
  refused(session: Session, count: number, code: ErrorCode, message: string): void
  /** The document became read-only for everybody, or writable again (`null`). */
  writable(session: Session, reason: ReadOnlyReason | null): void
  /** The session is over; the room has let it go. */
  ended(session: Session, name: CloseName, reason: string): void
}

/** How long a session has. */
export interface SessionTenure {
  /** Whether it is over now. */
  readonly over: boolean
  /** Ends the session. */
  expired(): void
}

export interface SessionSetup {
  readonly sessionId: string
  readonly principal: string
  /** Whose credential it came by; empty or absent where nobody is asked. */
  readonly subject?: string
  /** The name that its credential gives it; when absent it has what it calls itself. */
  readonly name?: string
  readonly access: Access
  /** Where credentials are asked for. */
  readonly tenure?: SessionTenure | null
  readonly framing: Framing
  readonly link: SessionLink
  readonly voice: SessionVoice
  /** Largest message that does not answer a step 1 of ours, in bytes. */
  readonly messageBytes: number
  /** Whether its own updates are sent back to it once they are on disk; not by default. */
  readonly echoes?: boolean
  /** Whether the other end knows of titles; not by default. */
  readonly hearsTitle?: boolean
}

const EMPTY_UPDATE: Uint8Array = new Uint8Array([0, 0])
/** While edits of others come at least this often, in milliseconds, acks and resume points travel with them. */
const COMPANY_MS = 50

/**
 * One connection's membership of one document. While it keeps up it is handed each batch of the room. Once it reads too
 * slowly only its position in the log is kept; when its socket has drained it takes what it missed from the log, piece
 * by piece as it reads. The answer to a step 1 goes the same way.
 */
export class Session implements Peer {
  readonly sessionId: string
  readonly principal: string
  readonly name: string
  readonly subject: string
  /** Whether the other end knows of titles. */
  readonly hearsTitle: boolean
  access: Access
  readonly framing: Framing
  readonly #link: SessionLink
  readonly #tenure: SessionTenure | null
  readonly #voice: SessionVoice
  readonly #messageBytes: number
  /** Only for peers that want to hear of it. */
  readonly #progress: Progress | null
  readonly #echo: Echo | null
  #room: SessionRoom | null = null
  /** Step 1s of ours that have no answer yet. */
  #asked = 0
  #laterStateVector: Uint8Array | null = null
  #questions: QuestionRate | null = null
  readonly #reader: LogReader
  #fetching = false
  /** Whether the heartbeat was asked to come by. */
  #expectsVisit = false
  /** The title is another than the other end was told last. */
  #owesTitle = false
  #deliveredAt = -Infinity
  #presence: PresenceSource | null = null
  #presenceOwn: number | null = null
  #presenceIds: readonly number[] | Set<number> | null = null

  constructor(setup: SessionSetup) {
    this.sessionId = setup.sessionId
    this.principal = setup.principal
    this.name = setup.name ?? ''
    this.subject = setup.subject ?? ''
    this.hearsTitle = setup.hearsTitle ?? false
    this.access = setup.access
    this.framing = setup.framing
    this.#reader = new LogReader(setup.framing)
    this.#link = setup.link
    this.#tenure = setup.tenure ?? null
    this.#voice = setup.voice
    this.#progress = setup.voice.acknowledges ? new Progress() : null
    this.#messageBytes = setup.messageBytes
    this.#echo = setup.echoes === true ? new Echo() : null
  }

  /** Whether a message above the usual limit may be on its way: the answer to a step 1 of ours. */
  get expectsAnswer(): boolean {
    return this.#asked > 0
  }

  /** Whether the session has not ended. */
  get open(): boolean {
    return this.#room !== null
  }

  /** Made when it is asked for: a session at rest holds nothing that can be made of what it holds. */
  get userId(): string {
    return userIdOf(this.principal)
  }

  get authorId(): string {
    return lastingIdOf(this.principal)
  }

  // --- joining and leaving

  /** Becomes a member of the room. */
  join(room: SessionRoom): void {
    this.#room = room
    this.#reader.begin(room.headSeq)
    this.#progress?.durable(room.durableSeq)
    room.add(this)
  }

  /** Says what the document is called, asks what the server lacks and shows who is there. */
  greet(): void {
    this.retitled()
    this.#ask()
    this.#room?.presence.sendAll(this)
  }

  #ask(): void {
    if (this.#room === null) return
    this.send({ type: 'sync-step-1', stateVector: this.#room.stateVector() })
  }

  /** Tries to go on from `point`. Returns whether it does; what the peer missed is sent at the end of this turn. */
  resume(point: ResumePoint): boolean {
    const missed = this.#room?.resume(point) ?? null
    if (missed === null) return false
    this.#progress?.resumed(point.seq)
    this.#follow(missed)
    return true
  }

  /** What it may do changed, from now on. */
  allow(access: Access): void {
    if (access === this.access) return
    const mayWriteNow = canWrite(access) && !canWrite(this.access)
    this.access = access
    this.writable(this.#room?.readOnly ?? null)
    // What was refused till now is still in the other end, and would be in the way of all it writes.
    if (mayWriteNow && !this.#voice.acknowledges) this.#ask()
  }

  /** Leaves the room without a word: the connection is gone, or the client asked. */
  leave(): void {
    const room = this.#room
    this.#end()
    room?.remove(this)
  }

  #end(): void {
    this.#room = null
    this.#presence = null
    this.#presenceIds = null
    this.#laterStateVector = null
  }

  // --- what the client says

  receive(message: SyncMessage): void {
    switch (message.type) {
      case 'sync-step-1':
        if (this.#fits(message.stateVector)) this.#step1(message.stateVector)
        return
      case 'sync-step-2':
      case 'update':
        return this.#edit(message.update, message.type === 'sync-step-2')
      case 'presence':
        if (this.#fits(message.update)) this.#takePresence(message.update)
        return
      case 'query-presence':
        return this.#room?.presence.sendAll(this)
      default:
        return unreachable(message)
    }
  }

  /** Closes the connection for a payload above the limit: while one was asked for, any size comes this far. */
  #fits(payload: Uint8Array): boolean {
    if (payload.length <= this.#messageBytes) return true
    this.#link.close('too-large', `a message takes at most ${this.#messageBytes} bytes`)
    return false
  }

  /** A peer that has an answer to read, or asks too often, waits for the next one; it answers all questions till then. */
  #step1(stateVector: Uint8Array): void {
    this.#laterStateVector = stateVector
    if (this.#link.queue.lagging) this.#answerLater(stateVector)
    else this.#answerIfDue()
  }

  #answerLater(stateVector: Uint8Array): void {
    this.#laterStateVector = keptQuestion(stateVector)
    this.#visitSoon()
  }

  #answerIfDue(): void {
    const stateVector = this.#laterStateVector
    if (stateVector === null || this.#fetching) return
    this.#questions ??= new QuestionRate()
    if (!this.#questions.takes(this.#link.turn.now(), this.#link.questions)) {
      this.#link.hit('questions')
      return this.#answerLater(stateVector)
    }
    this.#laterStateVector = null
    this.#answer(stateVector)
  }

  #answer(stateVector: Uint8Array): void {
    if (this.#room === null) return
    const answer = this.#room.answer(stateVector)
    if (answer === null) {
      this.#laterStateVector = stateVector
      return this.#fetch(this.#room)
    }
    if ('fault' in answer) return this.#link.close('protocol-error', answer.fault)
    this.#follow(answer)
  }

  /** Has what the peer misses read from disk, and goes on when it is here. */
  #fetch(room: SessionRoom): void {
    this.#fetching = true
    // Never rejects.
    void room.fetch().then((here) => {
      this.#fetching = false
      if (this.#room !== room) return
      if (here) return this.#link.queue.schedule()
      this.leave()
      this.#voice.ended(this, 'document-unavailable', 'the document cannot be read')
    })
  }

  #follow(catchUp: CatchUp): void {
    this.#reader.follow(catchUp)
    this.#link.queue.schedule()
  }

  #edit(update: Uint8Array, isStep2: boolean): void {
    const solicited = isStep2 && this.#asked > 0
    if (solicited) this.#asked--
    if (!solicited && !this.#fits(update)) return
    if (this.#room === null) return
    this.#link.updated()
    this.#progress?.durable(this.#room.durableSeq)
    const { headSeq } = this.#room
    const receipt = this.#room.receive(this, update, solicited)
    const taken = this.#room?.headSeq ?? headSeq
    if (taken > headSeq) this.#echo?.wrote(taken)
    this.#settle(receipt)
  }

  #settle(receipt: Receipt): void {
    switch (receipt.outcome) {
      case 'accepted':
        this.#progress?.accepted(receipt.seq)
        return this.#announceAck()
      case 'refused': {
        const count = this.#progress?.refused() ?? 0
        this.#voice.refused(this, count, receipt.code, receipt.message)
        return this.#announceAck()
      }
      case 'held':
        receipt.message.count = this.#progress?.held() ?? 0
        return
      case 'malformed':
        return this.#link.close('protocol-error', receipt.message)
      default:
        return unreachable(receipt)
    }
  }

  #takePresence(update: Uint8Array): void {
    const refusal = this.#room?.presence.receive(this, update) ?? null
    if (refusal?.kind === 'malformed') this.#link.close('protocol-error', refusal.message)
  }

  // --- what the room says

  deliver(batch: UpdateBatch): void {
    if (this.#lapsed()) return
    if (!this.#reader.takes(batch)) return
    // The log does not say who wrote what: who had to take this from there would be sent its own.
    if (batch.onlyAuthor === this.sessionId) return this.#reached(batch.lastSeq)
    const { queue } = this.#link
    if (queue.lagging || LogReader.isLarge(batch)) {
      this.#reader.fallBehind()
      return queue.schedule()
    }
    for (const bytes of batchFor(batch, this.framing, this.sessionId)) queue.enqueue(bytes)
    if (this.#progress !== null) this.#deliveredAt = this.#link.turn.now()
    this.#reached(batch.lastSeq)
  }

  /** Ends it, if its time is over: the heartbeat would a little later, and nothing is told to it meanwhile. */
  #lapsed(): boolean {
    if (this.#tenure?.over !== true) return false
    this.#tenure.expired()
    return true
  }

  #reached(seq: number): void {
    this.#reader.reached(seq)
    if (this.#progress === null) return
    this.#progress.delivered(seq)
    this.#visitSoon()
  }

  /** Asks for a {@link visit}; said with each batch, so that asking again must cost nothing. */
  #visitSoon(): void {
    if (this.#expectsVisit) return
    this.#expectsVisit = true
    this.#link.soon(this)
  }

  send(message: ServerMessage): void {
    const { queue } = this.#link
    const isStep1 = message.type === 'sync-step-1'
    // Who may not write may answer too, but with nothing large: it would be kept until it is refused.
    if (isStep1 && canWrite(this.access)) this.#asked++
    // All are sent the same state vector, as large as the document has clients.
    const shared = isStep1 && !queue.lagging
    for (const bytes of encodeMessage(message, this.framing)) queue.enqueue(bytes, shared)
  }

  presenceChanged(clientIds: readonly number[], own: number | null, source: PresenceSource): void {
    this.#presence = source
    this.#presenceOwn = own
    // The array of a first change is kept as it is: sessions told of the same change share one encoding.
    if (this.#presenceIds === null) this.#presenceIds = clientIds
    else this.#presenceIds = joined(this.#presenceIds, clientIds)
    this.#link.queue.schedule()
  }

  durable(seq: number): void {
    this.#progress?.durable(seq)
    if (this.#echo?.durable(seq) === true) this.#link.queue.schedule()
    this.#announceAck()
  }

  decided({ count }: HeldMessage, receipt: Receipt): void {
    if (this.#room === null) return
    if (receipt.outcome === 'refused') {
      this.#voice.refused(this, count, receipt.code, receipt.message)
    } else if (receipt.outcome === 'accepted') this.#echo?.wrote(receipt.seq)
    this.#progress?.durable(this.#room.durableSeq)
    this.#progress?.decided(this.#room.headSeq)
    this.#announceAck()
  }

  writable(reason: ReadOnlyReason | null): void {
    this.#voice.writable(this, reason)
  }

  /** Who cannot keep up is told of the last title only. */
  retitled(): void {
    if (!this.hearsTitle || this.#lapsed()) return
    this.#owesTitle = true
    if (this.#link.queue.lagging) this.#link.queue.schedule()
    else this.tellTitle()
  }

  /** Says what the document is called, if the other end has not heard it. */
  tellTitle(): void {
    if (!this.#owesTitle || this.#room === null) return
    this.#owesTitle = false
    this.send({ type: 'info', title: this.#room.title })
  }

  hold(): void {
    this.#link.pause()
  }

  letOn(): void {
    this.#link.resume()
  }

  brings(clients: number): string | null {
    return this.#link.brings(clients)
  }

  probe(alive: () => void): void {
    this.#link.probe(alive)
  }

  close(name: CloseName, reason: string): void {
    this.#end()
    this.#voice.ended(this, name, reason)
  }

  // --- what is sent in its latest state only, when the peer keeps up

  /** The heartbeat's visit, within a second of something new: how far the peer has come is told this often. */
  visit(): void {
    this.#expectsVisit = false
    if (this.#laterStateVector !== null) this.#link.queue.schedule()
    if (this.#progress === null || this.#room === null) return
    this.#progress.durable(this.#room.durableSeq)
    this.#progress.wantResumePoint()
    if (this.#progress.hasAck || this.#progress.hasResumePoint) this.#announce()
    // What was delivered may not be on disk yet.
    if (this.#reader.position > this.#room.durableSeq) this.#visitSoon()
  }

  /** Enqueues what waited for the peer to keep up; called once per flush. */
  collect(): void {
    // Another session on this socket may just have been given a large answer.
    if (this.#room === null || this.#link.queue.lagging || this.#lapsed()) return
    this.tellTitle()
    this.#answerIfDue()
    // However long it takes to catch up, the rest comes with each piece.
    this.#pull()
    if (this.#echo !== null) this.#collectEcho(this.#echo, this.#room)
    this.#collectPresence()
    if (this.#progress !== null) this.#collectNews(this.#progress)
  }

  /** Takes what the peer misses from the log, as much as its socket takes now. */
  #pull(): void {
    while (this.#room !== null && !this.#fetching) {
      // That all is sent costs a few bytes and needs no turn of its own.
      if (this.#link.queue.lagging && !this.#reader.atEnd) return
      const step = this.#reader.next(this.#room)
      if (step.kind === 'live') return
      if (step.kind === 'fetch') return this.#fetch(this.#room)
      if (step.kind === 'reached') this.#caughtUp(step.seq, step.answers)
      // These bytes are the document's own, shared by all who read them.
      else for (const piece of step.chunk.pieces) this.#link.queue.enqueue(piece, true)
    }
  }

  #caughtUp(seq: number, answers: boolean): void {
    if (answers) {
      // A stock client counts as synced from here: it comes last, when everything else was sent.
      this.send({ type: 'sync-step-2', update: EMPTY_UPDATE })
      this.#progress?.current(seq)
    }
    this.#reached(seq)
  }

  #announceAck(): void {
    if (this.#progress?.hasAck === true) this.#announce()
  }

  /** Acks and resume points travel with what is sent next, if something can be expected soon. */
  #announce(): void {
    const { queue, turn } = this.#link
    if (turn.now() - this.#deliveredAt >= COMPANY_MS) queue.schedule()
    else queue.scheduleLater()
  }

  /** As much as its socket takes now. The bytes are the log's, as those of a feed are. */
  #collectEcho(echo: Echo, room: SessionRoom): void {
    while (!this.#link.queue.lagging) {
      const update = echo.next(room)
      if (update === null) return
      for (const bytes of encodeMessage({ type: 'update', update }, this.framing)) {
        this.#link.queue.enqueue(bytes, true)
      }
    }
  }

  #collectPresence(): void {
    const ids = this.#presenceIds
    const source = this.#presence
    if (ids === null || source === null) return
    this.#presenceIds = null
    const { queue, turn } = this.#link
    const frame = turn.encodedOnce(
      ids,
      this.framing,
      () => new PresenceFrame(source.states(ids), this.framing),
    )
    for (const bytes of frame.without(this.#presenceOwn)) queue.enqueue(bytes)
  }

  #collectNews(progress: Progress): void {
    const count = progress.takeAck()
    if (count > 0) this.send({ type: 'ack', count })
    const seq = progress.takeResumePoint()
    if (seq >= 0) this.send({ type: 'resume-point', seq })
  }
}

/** Grown in place: what a session that lags is told of is bounded by the clients there are, and so is the work. */
function joined(ids: readonly number[] | Set<number>, more: readonly number[]): Set<number> {
  const all = ids instanceof Set ? ids : new Set(ids)
  for (const id of more) all.add(id)
  return all
}

import {
  decodeStateVector,
  randomHex,
  storedWalkLimits,
  walkUpdate,
  type CloseName,
  type ResumePoint,
} from '@coscribe/shared'
import type { Author, Snapshot } from '@coscribe/storage'
import type { InfoOwner, OpenInfo } from '../persistence/open-info.js'
import { canWrite } from './access.js'
import { Authorship, type AuthorshipRoom } from './authorship.js'
import { cutToNew } from './cut.js'
import type { DocumentIndex } from './document-index.js'
import { GapRequests, type GapRoom } from './gap-requests.js'
import type { HeldMessage, Peer, ReadOnlyReason, Receipt, Refused } from './peer.js'
import type { SnapshotHolder } from './held-snapshots.js'
import { Outbox, type OutboxRoom } from './outbox.js'
import { RoomPresence, type PresenceRoom } from './presence.js'
import { RepeatedAnswer } from './repeated-answer.js'
import { MAY_ONLY_READ, IN_TRASH, refused } from './refusals.js'
import { RefusedReply } from './refused-reply.js'
import { RepeatedReply } from './repeated-reply.js'
import { RoomDisk, type DiskRoom } from './room-disk.js'
import type { RoomLog } from './room-log.js'
import { RoomMembers, type MembersRoom } from './room-members.js'
import type { RoomContext, RoomStart } from './room-setup.js'
import type { CatchUp } from './update-batch.js'

/** What an answer to a step 1 consists of, or why the state vector is none. */
export type AnswerResult = CatchUp | { readonly fault: string }

/** Above this an answer that brought nothing new, or was refused, is not kept for comparison; bytes of each per room. */
const REPEATED_REPLY_BYTES = 1024 * 1024
/** Answers from smaller documents are sooner made again than they are worth being remembered; bytes. */
const REPEATED_ANSWER_FROM_BYTES = 4 * 1024
/** So many clients make every edit of a Yjs replica slow; an operator may want to know. */
const MANY_CLIENTS = 20_000
/** Deletions go on above the size limit, but not for ever: this many times the limit is the end. */
const DELETE_ONLY_FACTOR = 2

/**
 * A document that is open in this process: its bytes, an index of what they contain, and the sessions that have it
 * open. There is no live Y.Doc; an update is checked and placed by one walk over its bytes, whatever the size and age
 * of the document.
 *
 *     receive → walk → new? → log and index → queued for disk ┬→ flush: every member gets one batch per turn
 *                                                             └→ on disk: durable(seq) to who waits for it
 *
 * What was *received* is in the log and in the index and may be relayed; only what is *durable* may be acknowledged.
 * An update that brings nothing new is accepted at the head of the log, since what it repeats may not be on disk yet.
 */
export class Room
  implements
    SnapshotHolder,
    DiskRoom,
    InfoOwner,
    GapRoom,
    MembersRoom,
    PresenceRoom,
    AuthorshipRoom,
    OutboxRoom
{
  readonly documentId: string
  readonly historyId: string
  /** Random, new each time a document is opened: log numbers of another incarnation mean nothing here. */
  readonly incarnation: string
  readonly presence: RoomPresence
  /** Its title and what else is known of it; `null` where nobody keeps that. */
  readonly info: OpenInfo | null
  readonly #context: RoomContext
  readonly #log: RoomLog
  readonly #index: DocumentIndex
  readonly #disk: RoomDisk
  readonly #members: RoomMembers
  /** Once something was missing. */
  #gaps: GapRequests | null
  readonly #outbox: Outbox
  // Each once it is needed.
  #repeatedReply: RepeatedReply | null = null
  #refusedReply: RefusedReply | null = null
  #repeatedAnswer: RepeatedAnswer | null = null
  /** Once somebody wrote, or where it is on disk who did. */
  #authorship: Authorship | null
  /** What the index had counted as deleted when the snapshot was made. */
  #deletedBefore: number
  #over = false

  constructor(context: RoomContext, documentId: string, document: RoomStart) {
    const { clock, logger } = context
    this.#context = context
    this.documentId = documentId
    this.historyId = document.historyId
    this.info = document.info
    this.incarnation = randomHex(context.random, 16)
    this.#log = document.log
    this.#index = document.index
    this.#deletedBefore = this.#index.deletedUnits
    this.#members = new RoomMembers(this, logger)
    this.#outbox = new Outbox(this, this.#members, context)
    this.#gaps = this.#index.hasPending ? new GapRequests(clock, this) : null
    this.presence = new RoomPresence(this, this.#members, clock, context)
    this.#disk = new RoomDisk(this, this.#members, context.writer, document.readOnlyReason)
    const { authors } = document
    this.#authorship = authors && new Authorship(this, this.#index, context, authors)
    if (this.info !== null) this.info.owner = this
  }

  /** What the document is called, as it is on disk; empty for nothing. */
  get title(): string {
    return this.info?.title ?? ''
  }

  /** Number of the last update received. */
  get headSeq(): number {
    return this.#log.headSeq
  }

  /** Everything up to this number is on disk. */
  get durableSeq(): number {
    return this.#disk.durableSeq
  }

  /** Why nobody can write at the moment, or `null`. A session that joins reads it; changes are told. */
  get readOnly(): ReadOnlyReason | null {
    return this.#disk.readOnly
  }

  /** How much was deleted since the snapshot, in units of text or more; known of what was received here. */
  get deletedUnits(): number {
    return this.#index.deletedUnits - this.#deletedBefore
  }

  get memberCount(): number {
    return this.#members.size
  }

  /** Bytes of the log, and where its snapshot ends: what decides about compaction. And what it holds, to compare. */
  get log(): Pick<
    RoomLog,
    | 'snapshotBytes'
    | 'tailBytes'
    | 'tailCount'
    | 'snapshotSeq'
    | 'complete'
    | 'newestFirst'
    | 'offsetsOf'
  > {
    return this.#log
  }

  /** Not yet durable bytes. */
  get queuedBytes(): number {
    return this.#disk.queuedBytes
  }

  /** Lets a session in. It learns the document from {@link answer} or {@link resume}. */
  add(peer: Peer): void {
    if (this.#over) {
      peer.close('document-unavailable', 'the document was set aside')
      return
    }
    // Whoever was on the way in when it was put there.
    if (this.#context.refuses(this.documentId)) return peer.close('trashed', IN_TRASH)
    this.#members.add(peer)
  }

  remove(peer: Peer): void {
    const member = this.#members.delete(peer)
    if (member === undefined) return
    this.#gaps?.left(peer)
    this.#disk.left(peer)
    this.#authorship?.left(peer, member.own)
    this.presence.leave(member)
    if (this.#members.size > 0) return
    this.#refusedReply = null
    this.#context.events.emptied(this)
  }

  /**
   * Takes an update from a session. The bytes are kept: hand over an exact-size array that is not used again.
   * `solicited` says that it answers a step 1 of ours.
   */
  receive(peer: Peer, update: Uint8Array, solicited: boolean): Receipt {
    // Nobody will store it and so nobody may acknowledge it: this number is never reached. The sender has it still.
    if (this.#over) return { outcome: 'accepted', seq: this.headSeq + 1 }
    if (!solicited) return this.#judge(peer, update, false)
    const before = this.#repeated(peer, update)
    if (before !== null) return before
    const { headSeq } = this
    const receipt = this.#judge(peer, update, true)
    if (receipt.outcome === 'refused' && receipt.code !== 'rate-limited') {
      this.#refusedReply ??= new RefusedReply(REPEATED_REPLY_BYTES)
      this.#refusedReply.remember(update, this.#log, receipt)
    } else if (receipt.outcome === 'accepted' && headSeq === this.headSeq && !this.#skipped) {
      // Accepted, and nothing of it was taken: it is known.
      this.#repeatedReply ??= new RepeatedReply(REPEATED_REPLY_BYTES)
      this.#repeatedReply.remember(update)
    }
    return receipt
  }

  get #skipped(): boolean {
    return this.#authorship?.skipped === true
  }

  /** What became of an equal answer to a step 1, if that would be said of this one too. */
  #repeated(peer: Peer, update: Uint8Array): Receipt | null {
    if (this.#repeatedReply?.matches(update) === true) return this.#disk.promise(peer)
    if (this.#refusedReply?.matches(update, this.#log) !== true) return null
    return this.#refusal(peer) ?? this.#refusedReply.receipt
  }

  #judge(peer: Peer, update: Uint8Array, answers: boolean): Receipt {
    const { scan, limits } = this.#context
    const fault = walkUpdate(update, scan, limits)
    if (fault?.kind === 'limit') return refused('bad-update', fault.message)
    if (fault !== null) return { outcome: 'malformed', message: fault.message }
    const judgement = this.#index.judge(scan)
    // Who wrote something else than the document has must not be told that it is saved.
    const differs = this.#index.repeats ? this.#authorshipNow().compared(peer, update) : null
    if (differs !== null) return differs
    if (judgement.kind === 'known') return this.#disk.promise(peer)
    const refusal = this.#refusal(peer)
    if (refusal !== null) return refusal
    if (judgement.kind === 'refused') return refused(judgement.code, judgement.message)
    const isOwn = judgement.newStructs === 0 || this.#authorship?.isTyping(peer) === true
    const authorship = isOwn ? null : this.#authorshipNow()
    if (authorship?.allows(peer) === false) {
      return authorship.takeApart(peer, update) ?? this.#disk.promise(peer)
    }
    const fresh = judgement.wholly ? update : cutToNew(update, scan, this.#index)
    const tooMuch =
      this.#tooMuch(fresh.length, judgement.newStructs > 0, judgement.waits) ??
      this.#tooManyClients(peer, judgement.newClients)
    if (tooMuch === null) {
      if (fresh !== update) walkUpdate(fresh, scan, storedWalkLimits)
      this.#take(peer, fresh, authorship?.wrote(peer, answers) ?? null)
      authorship?.passedOn(peer)
    }
    if (judgement.waits) this.#noticeGap(peer)
    return tooMuch ?? this.#disk.promise(peer)
  }

  /** Everything that a replica with this state vector lacks; `null` when it is on disk and {@link fetch} brings it. */
  answer(stateVector: Uint8Array): AnswerResult | null {
    const vector = decodeStateVector(stateVector)
    if (!(vector instanceof Map)) return { fault: vector.message }
    if (!this.#log.complete) return null
    this.#context.snapshots.used(this)
    this.flush()
    const make = (): CatchUp => this.#log.missing(vector, this.#context.slices)
    if (this.#log.snapshotBytes + this.#log.tailBytes < REPEATED_ANSWER_FROM_BYTES) return make()
    this.#repeatedAnswer ??= new RepeatedAnswer()
    return this.#repeatedAnswer.get(stateVector, this.#log, make)
  }

  /** What came after a resume point; `null` when the point is not one of this room's. */
  resume(point: ResumePoint): CatchUp | null {
    if (point.historyId !== this.historyId || point.incarnation !== this.incarnation) return null
    if (point.seq > this.durableSeq) return null
    this.flush()
    return this.#log.since(point.seq)
  }

  /**
   * What brings a session up to date that was sent everything up to `seq`: what came since, or all there is; `null` when
   * that is on disk and {@link fetch} brings it.
   */
  after(seq: number): CatchUp | null {
    return this.#log.after(seq)
  }

  /** Reads the snapshot again if it was let go. Resolves with whether it is in memory then; never rejects. */
  fetch(): Promise<boolean> {
    return this.#log.complete ? Promise.resolve(true) : this.#context.snapshots.fetch(this)
  }

  restoreSnapshot(snapshot: Snapshot | null): boolean {
    this.#log.restore(snapshot)
    if (!this.#over) this.#context.snapshots.used(this)
    return this.#log.complete
  }

  releaseSnapshot(): void {
    this.#log.release()
  }

  /** What this server has, for its own step 1. */
  stateVector(): Uint8Array {
    return this.#index.stateVector()
  }

  /** The update of this number, or `undefined` when it is in the snapshot, or none. */
  updateAt(seq: number): Uint8Array | undefined {
    return this.#log.updateAt(seq)
  }

  /** As {@link DocumentLog.settled}, of everything received till now; never, while the storage fails. */
  settled(): Promise<boolean> {
    return this.#disk.settled()
  }

  /** Every durable record and the number they reach to, for compaction; {@link fetch} first. */
  durableRecords(): { readonly records: Uint8Array[]; readonly upToSeq: number } {
    const { durableSeq } = this
    return { records: this.#log.records(durableSeq), upToSeq: durableSeq }
  }

  /**
   * Puts a snapshot in place of what it stands for, in one turn. `derived` are deletions in it that no update ever named,
   * because yjs derived them.
   */
  fold(snapshot: Snapshot, derived: Uint8Array | null): void {
    const { scan } = this.#context
    if (derived !== null && walkUpdate(derived, scan, storedWalkLimits) === null) {
      this.#index.add(scan)
    }
    this.#log.fold(snapshot)
    this.#deletedBefore = this.#index.deletedUnits
    if (!this.#over) this.#context.snapshots.replaced(this)
  }

  /** Nobody may write any more until an operator decides. */
  setReadOnly(message: string): void {
    this.#disk.setReadOnly(message)
  }

  /** Sends what waits for the next flush now. */
  flush(): void {
    this.#outbox.flush()
  }

  /** Puts everybody out: nothing more is taken from them. */
  expel(name: CloseName, reason: string): void {
    for (const peer of this.#members) {
      this.remove(peer)
      this.#members.isolate(peer, () => peer.close(name, reason))
    }
  }

  /** Ends the room: its timers and its place in the writer. Only for a room that is empty or has failed. */
  end(): void {
    this.#over = true
    this.#context.snapshots.forget(this)
    this.#outbox.stop()
    this.#gaps?.stop()
    this.#authorship?.stop()
    this.presence.stop()
    this.#disk.close()
    this.#members.clear()
  }

  // --- what the side of the disk says

  stored(): void {
    this.#context.events.stored(this)
  }

  lost(cause: unknown): void {
    const { documentId } = this
    this.#context.logger.error({ error: cause, documentId }, 'the document was set aside')
    this.#over = true
    this.#members.each((peer) => peer.close('document-unavailable', 'the document was set aside'))
    this.#context.events.failed(this)
  }

  // --- what the info says

  retitled(): void {
    this.#members.each((peer) => peer.retitled?.())
  }

  // --- what the parts of the room ask

  get members(): Iterable<Peer> {
    return this.#members
  }

  /** Whether updates wait for something that is missing. */
  get hasGap(): boolean {
    return this.#index.hasPending
  }

  ask(peer: Peer): void {
    const stateVector = this.stateVector()
    this.#members.isolate(peer, () => peer.send({ type: 'sync-step-1', stateVector }))
  }

  askAbout(peer: Peer, client: number): void {
    if (this.#members.get(peer) === undefined) return
    const stateVector = this.#index.stateVectorWithout(client)
    this.#members.isolate(peer, () => peer.send({ type: 'sync-step-1', stateVector }))
  }

  spoke(peer: Peer, client: number): void {
    if (this.#index.stateOf(client) > 0) this.#authorshipNow().spoke(peer, client)
  }

  hasStructs(client: number, from: number, to: number): boolean {
    return this.#index.hasStructs(client, from, to)
  }

  retake(peer: Peer, update: Uint8Array): Receipt {
    return this.#judge(peer, update, true)
  }

  decide(peer: Peer, message: HeldMessage, refusal: Refused | null): void {
    const { documentId } = this
    const { principal, sessionId } = peer
    if (refusal?.code === 'forged') {
      const who = { documentId, principal, sessionId }
      this.#context.logger.warn(who, 'an edit in the name of somebody else was refused')
    }
    // Also what it sent meanwhile waits for the disk from here on.
    const known = this.#disk.promise(peer)
    this.#members.isolate(peer, () => peer.decided(message, refusal ?? known))
  }

  presenceTouched(): void {
    this.#outbox.presenceTouched()
  }

  isolate(peer: Peer, action: () => void): void {
    this.#members.isolate(peer, action)
  }

  #noticeGap(peer: Peer): void {
    this.#gaps ??= new GapRequests(this.#context.clock, this)
    this.#gaps.noticed(peer)
  }

  #refusal(peer: Peer): Receipt | null {
    if (!canWrite(peer.access)) {
      return refused('read-only', MAY_ONLY_READ)
    }
    return this.#disk.refusal()
  }

  #tooMuch(bytes: number, hasStructs: boolean, waits: boolean): Receipt | null {
    const { documentBytes, pendingBytes } = this.#context.limits
    const stored = this.#log.snapshotBytes + this.#log.tailBytes + bytes
    if (stored > documentBytes * (hasStructs ? 1 : DELETE_ONLY_FACTOR)) {
      this.#context.events.full(this)
      return refused('document-full', `the document may hold ${documentBytes} bytes`)
    }
    // Counted only after somebody was asked for what is missing: most gaps close by themselves.
    if (waits && this.#gaps?.wasAsked === true && this.#index.pendingBytes + bytes > pendingBytes) {
      return refused('pending-full', 'too much waits for edits that the server has not received')
    }
    return null
  }

  #tooManyClients(peer: Peer, newClients: number): Receipt | null {
    const message = newClients === 0 ? null : (peer.brings?.(newClients) ?? null)
    return message === null ? null : refused('rate-limited', message)
  }

  #authorshipNow(): Authorship {
    this.#authorship ??= new Authorship(this, this.#index, this.#context, null)
    return this.#authorship
  }

  /** @param author whom this walked update makes the author of a client for good, if anybody */
  #take(peer: Peer, update: Uint8Array, author: Author | null): void {
    const { scan } = this.#context
    const clients = this.#index.clientCount
    this.#index.add(scan)
    if (clients < MANY_CLIENTS) this.#noticeClients()
    const seq = this.#log.append(update)
    this.#disk.append(update, author)
    this.info?.wrote(peer.subject)
    this.#outbox.add({ seq, author: peer.sessionId, update })
    this.#gaps?.settled()
    this.#authorship?.taken()
    this.#disk.appended(peer)
  }

  #noticeClients(): void {
    const { clientCount } = this.#index
    if (clientCount < MANY_CLIENTS) return
    const { documentId } = this
    this.#context.logger.warn({ documentId, clientCount }, 'a document has very many client ids')
  }
}

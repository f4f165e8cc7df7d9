import type { Author } from '@coscribe/storage'
import type { DocumentLog, LogOwner } from '../persistence/write-queue.js'
import { canWrite } from './access.js'
import { DurablePromises } from './durable-promises.js'
import { HeldWriters } from './held-writers.js'
import type { Peer, ReadOnlyReason, Receipt, Refused } from './peer.js'
import { refused, setAside, STORAGE_UNAVAILABLE } from './refusals.js'
import type { RoomMembers } from './room-members.js'
import type { RoomContext } from './room-setup.js'

/** What the side of the disk needs of its room. */
export interface DiskRoom {
  readonly documentId: string
  readonly historyId: string
  /** Number of the last update received. */
  readonly headSeq: number
  /** Asks for what a session has and the room has not. */
  ask(peer: Peer): void
  /** More of the log is on disk. */
  stored(): void
  /** Nothing more of it will ever be. */
  lost(cause: unknown): void
}

/**
 * How much of a room is on disk, who waits for that, and whether anybody may write: nobody may while the disk takes
 * nothing, or once an operator has to decide.
 */
export class RoomDisk implements LogOwner {
  readonly #room: DiskRoom
  readonly #members: RoomMembers
  readonly #queue: DocumentLog
  /** Once somebody waited for word. */
  #promises: DurablePromises | null = null
  #durableSeq: number
  /** Once somebody had to wait for the disk. */
  #held: HeldWriters | null = null
  #mark: ReadOnlyReason | null
  #blocked = false

  /** @param mark why an operator has to decide, or `null` */
  constructor(
    room: DiskRoom,
    members: RoomMembers,
    writer: RoomContext['writer'],
    mark: string | null,
  ) {
    this.#room = room
    this.#members = members
    this.#mark = mark === null ? null : setAside(mark)
    this.#durableSeq = room.headSeq
    this.#queue = writer.open(this, room.headSeq)
  }

  get documentId(): string {
    return this.#room.documentId
  }

  get historyId(): string {
    return this.#room.historyId
  }

  get durableSeq(): number {
    return this.#durableSeq
  }

  /** Not yet durable bytes. */
  get queuedBytes(): number {
    return this.#queue.queuedBytes
  }

  /** Why nobody can write at the moment, or `null`. */
  get readOnly(): ReadOnlyReason | null {
    return this.#mark ?? (this.#blocked ? STORAGE_UNAVAILABLE : null)
  }

  /** Nobody may write any more until an operator decides. */
  setReadOnly(message: string): void {
    if (this.#mark !== null) return
    this.#mark = setAside(message)
    this.#tellWritable()
  }

  /** Why nothing is taken from anybody now, or `null`. */
  refusal(): Refused | null {
    if (this.#mark !== null) return refused(this.#mark.code, this.#mark.message)
    if (!this.#queue.full) return null
    this.#block()
    return refused(STORAGE_UNAVAILABLE.code, STORAGE_UNAVAILABLE.message)
  }

  /** The next update of the log, and the author that became known with it. */
  append(update: Uint8Array, author: Author | null): void {
    this.#queue.append(update, author)
  }

  /** Something of this session was appended: it waits, and everybody does, when too much does. */
  appended(peer: Peer): void {
    if (this.#queue.crowded) this.#hold(peer)
    if (this.#queue.full) this.#block()
  }

  /** All that was received till now is acknowledged to a session when it is on disk. */
  promise(peer: Peer): Receipt {
    const seq = this.#room.headSeq
    if (seq > this.#durableSeq) (this.#promises ??= new DurablePromises()).promise(peer, seq)
    return { outcome: 'accepted', seq }
  }

  /** A session left. */
  left(peer: Peer): void {
    this.#held?.letOn(peer)
    this.#promises?.left(peer)
  }

  /** As {@link DocumentLog.settled}. */
  settled(): Promise<boolean> {
    return this.#queue.settled()
  }

  /** Leaves the writer. */
  close(): void {
    // Their connections may have other documents open.
    this.#held?.letAllOn()
    this.#queue.close()
  }

  // --- what the writer says

  committed(seq: number): void {
    this.#durableSeq = seq
    this.#promises?.reached(seq, (peer) => this.#members.isolate(peer, () => peer.durable(seq)))
    this.#room.stored()
  }

  relieved(): void {
    this.#held?.letAllOn()
  }

  drained(): void {
    this.#blocked = false
    this.#tellWritable()
    // What was refused meanwhile is still in the clients; their answers bring it up.
    this.#members.each((peer) => {
      if (canWrite(peer.access)) this.#room.ask(peer)
    })
  }

  unwritable(cause: unknown): void {
    this.#room.lost(cause)
  }

  #hold(peer: Peer): void {
    this.#queue.awaitRelief()
    const held = (this.#held ??= new HeldWriters())
    this.#members.isolate(peer, () => held.hold(peer))
  }

  #block(): void {
    if (this.#blocked) return
    this.#blocked = true
    this.#queue.awaitDrain()
    this.#tellWritable()
  }

  #tellWritable(): void {
    const reason = this.readOnly
    this.#members.each((peer) => peer.writable(reason))
  }
}

import type { ResumePoint } from '@coscribe/shared'
import type { Peer, ReadOnlyReason, Receipt } from '../rooms/peer.js'
import type { PresenceFault } from '../rooms/presence.js'
import type { AnswerResult } from '../rooms/room.js'
import type { CatchUp } from '../rooms/update-batch.js'

/** The few members a session needs of a room. */
export interface SessionRoom {
  readonly documentId: string
  readonly historyId: string
  readonly incarnation: string
  readonly headSeq: number
  readonly durableSeq: number
  readonly readOnly: ReadOnlyReason | null
  /** What the document is called; empty for nothing. */
  readonly title: string
  readonly presence: {
    receive(peer: Peer, update: Uint8Array): PresenceFault | null
    sendAll(peer: Peer): void
  }
  add(peer: Peer): void
  remove(peer: Peer): void
  receive(peer: Peer, update: Uint8Array, solicited: boolean): Receipt
  answer(stateVector: Uint8Array): AnswerResult | null
  resume(point: ResumePoint): CatchUp | null
  after(seq: number): CatchUp | null
  /** Brings what `answer` and `after` had not in memory; resolves with whether it is there. Never rejects. */
  fetch(): Promise<boolean>
  stateVector(): Uint8Array
  /** The update of this number, or `undefined` when it is in the snapshot, or none. */
  updateAt(seq: number): Uint8Array | undefined
}

/** A room as it is opened: it says how much a session will be sent. */
export interface SizedRoom extends SessionRoom {
  readonly log: {
    readonly snapshotBytes: number
    readonly tailBytes: number
    /** The number up to which its snapshot goes. */
    readonly snapshotSeq: number
  }
}

/** Where sessions find rooms. */
export interface SessionRooms {
  /** @throws CoscribeError `document-unavailable` or `bad-document-id` */
  open(documentId: string): Promise<SizedRoom>
}

import type { Clock, Limits, Random, UpdateScan } from '@coscribe/shared'
import type { Logger } from '../log.js'
import type { OpenInfo } from '../persistence/open-info.js'
import type { DocumentLog, LogOwner } from '../persistence/write-queue.js'
import type { DocumentIndex } from './document-index.js'
import type { KnownAuthors } from './known-authors.js'
import type { PresencePace } from './presence.js'
import type { HeldSnapshots } from './held-snapshots.js'
import type { RoomLog } from './room-log.js'
import type { Room } from './room.js'
import type { SliceAllowance } from './slice-allowance.js'
import type { TurnEnd } from './turn-end.js'

/** A document as it was loaded. */
export interface OpenDocument {
  readonly historyId: string
  readonly log: RoomLog
  /** Of exactly the updates in `log`. */
  readonly index: DocumentIndex
  readonly readOnlyReason: string | null
  /** Whose its clients are; `null` where that is known of none. */
  readonly authors: KnownAuthors | null
}

/** What a room is given to begin with. */
export interface RoomStart extends OpenDocument {
  /** Its title and what else is known of it; `null` where nobody keeps that. */
  readonly info: OpenInfo | null
}

/** What the registry wants to hear from its rooms. */
export interface RoomEvents {
  /** The last session left. */
  emptied(room: Room): void
  /** More of the log is on disk. */
  stored(room: Room): void
  /** An edit was refused because the document is at its limit. */
  full(room: Room): void
  /** The room is over: its document was set aside. */
  failed(room: Room): void
}

/** What all rooms of a process share. */
export interface RoomContext {
  readonly clock: Clock
  readonly turnEnd: TurnEnd
  readonly random: Random
  readonly logger: Logger
  readonly limits: Limits
  readonly pace: PresencePace
  /** Columns for walking updates, shared by all rooms: nothing is kept in them from one call to the next. */
  readonly scan: UpdateScan
  readonly writer: { open(owner: LogOwner, lastSeq: number): DocumentLog }
  readonly events: RoomEvents
  /** Whether nobody may enter a document, whoever they are. */
  readonly refuses: (documentId: string) => boolean
  readonly snapshots: HeldSnapshots
  readonly slices: SliceAllowance
}

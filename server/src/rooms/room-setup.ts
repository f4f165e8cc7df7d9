import type { Clock, Limits, Random, UpdateScan } from '@coscribe/shared'
import type { Logger } from '../log.js'
import type { LogOwner } from '../persistence/write-queue.js'
import type { DocumentLog } from '../persistence/writer.js'
import type { DocumentIndex } from './document-index.js'
import type { RoomLog } from './room-log.js'

/** A document as it was loaded. */
export interface OpenDocument {
  readonly historyId: string
  readonly log: RoomLog
  /** Of exactly the updates in `log`. */
  readonly index: DocumentIndex
  readonly readOnlyReason: string | null
}

/** What the registry wants to hear from a room. */
interface RoomEvents {
  /** The last session left. */
  emptied(): void
  /** The log grew. */
  grew(): void
  /** An edit was refused because the document is at its limit. */
  full(): void
  /** The room is over: its document was set aside. */
  failed(): void
}

export interface RoomSetup {
  readonly documentId: string
  readonly document: OpenDocument
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly limits: Limits
  /** Columns for walking updates, shared by all rooms: nothing is kept in them from one call to the next. */
  readonly scan: UpdateScan
  readonly openLog: (owner: LogOwner, lastSeq: number) => DocumentLog
  readonly events: RoomEvents
}

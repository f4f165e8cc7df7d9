import type { Access } from '@coscribe/shared'
import type * as Y from 'yjs'
import type { RoomFault } from './room-error.js'
import type { ConnectionStatus } from './sync-status.js'

/**
 * The contract between a room and whatever keeps a copy of its document on this device, so that who keeps none loads
 * no code for it. Stores extend `OfflineStore` of `@coscribe/client/offline` and have all of this from there.
 */
export interface CopyMaker {
  /** Begins to keep a copy for a room. */
  copyFor(room: CopiedRoom): RoomCopy
}

/** The copy of one room's document. */
export interface RoomCopy {
  /** Why there is no copy of what happens now, or `null`. */
  readonly error: RoomFault | null
  /** Whether everything that was written here is in it. */
  readonly keepsAll: boolean
  /** Puts what it holds into the document, once. Never rejects. */
  load(): Promise<void>
  /** The document was updated; `isOwn` says that it was edited here. */
  record(update: Uint8Array, origin: unknown, isOwn: boolean): void
  /** Whether a transaction of this origin brought what nobody has to send: it is in the copy, or another's to send. */
  brought(origin: unknown): boolean
  /** The document belongs to this history. */
  belongsTo(historyId: string): void
  /** How the room stands has changed. */
  changed(): void
  /** A server's state vector, raised by what others of this device will send it. */
  raised(stateVector: Uint8Array): Uint8Array
  /** Tries again to keep a copy, if that has failed. Never rejects. */
  retry(): Promise<void>
  /** Ends; what was recorded is still written. */
  destroy(): void
  /** Ends, and leaves nothing behind. */
  forget(): Promise<void>
}

/** What a copy needs of its room. */
export interface CopiedRoom {
  readonly ydoc: Y.Doc
  /** Whether it says to a server who it is. */
  readonly hasToken: boolean
  /** The history the document belongs to, or empty. */
  readonly historyId: string
  readonly connection: ConnectionStatus
  readonly access: Access | null
  /** Whether what is written here will never be taken. */
  readonly isRefused: boolean
  /** Whether something written here is not on the server's disk. */
  readonly hasPending: boolean
  /** The copy was put into the document before the room met a server. */
  restored(bytes: number, historyId: string): void
  /** Whether content of this history may be put into the document, which may be in a session by now. */
  mayJoin(historyId: string): boolean
  /** So many bytes that came in by another way are this room's to send. */
  inherit(bytes: number): void
  /** Something a status shows may have changed. */
  changed(): void
}

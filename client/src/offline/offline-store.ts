import type { CopiedRoom, CopyMaker, RoomCopy } from '../copy.js'
import type { OtherTabs } from './other-tabs.js'
import { StoredCopy } from './stored-copy.js'

/**
 * The contract of an optional copy of one document on this device. Implementations own their storage and may merge
 * what they were given; the room never asks for less than everything.
 */
export abstract class OfflineStore implements CopyMaker {
  /** How this document's tabs in one browser talk to each other; `null` where they do not. */
  readonly tabs: OtherTabs | null = null

  /** Everything kept so far; an empty list when there is nothing. */
  abstract load(): Promise<OfflineCopy>

  /**
   * Adds Yjs V1 updates, local and remote ones, in order; none when only the history became known. When the promise
   * resolves they survive the end of this process; when it rejects nothing may be relied upon. Never called while a
   * call is running.
   *
   * @param historyId the history the document belongs to, or empty while it has never met a server
   */
  abstract append(updates: readonly Uint8Array[], historyId: string): Promise<void>

  /** Where a store can lose what it has: calls `lost` when that may have happened, for example by the user's hand. */
  onLost?(lost: (error: Error) => void): void

  /** Takes away everything that was kept of this document; afterwards `load` finds nothing. */
  forget?(): Promise<void>

  /** Something is in this store and nowhere else: it is to be kept also when the device runs short of space. */
  onlyHere?(): void

  /** Lets go of what a store holds open, when its room has ended and nothing is being written. */
  close?(): void

  copyFor(room: CopiedRoom): RoomCopy {
    return new StoredCopy(this, room)
  }
}

/** What an {@link OfflineStore} holds. */
export interface OfflineCopy {
  /** As given with the last append, or empty. */
  readonly historyId: string
  readonly updates: readonly Uint8Array[]
}

import type { ErrorCode } from '@coscribe/shared'
import type { ReadOnlyReason, Refused } from './peer.js'

/** Why nobody can write while edits cannot be brought to disk. */
export const STORAGE_UNAVAILABLE: ReadOnlyReason = Object.freeze({
  code: 'storage-unavailable',
  message: 'the server cannot save edits at the moment',
})

/** Why nobody may enter. */
export const IN_TRASH = 'the document is in the trash'

/** Why nobody can write before an operator has decided. */
export function setAside(message: string): ReadOnlyReason {
  return { code: 'read-only', message }
}

/** Why somebody who is in a document cannot change it. */
export const MAY_ONLY_READ = 'this session may only read'

/** What the sender of an update is told that is neither stored nor relayed. */
export function refused(code: ErrorCode, message: string): Refused {
  return { outcome: 'refused', code, message }
}

import type { Access } from '@coscribe/shared'
import type { PendingSummary } from './pending.js'
import type { RoomFault } from './room-error.js'

/**
 * Where the connection stands. `offline`: not connected and not expecting to be, because there is no network or
 * `disconnect()` was called. `closed`: over, either destroyed or refused for a lasting reason.
 */
export type ConnectionStatus = 'connecting' | 'connected' | 'reconnecting' | 'offline' | 'closed'

/**
 * Where this replica's own edits are. `loading`: nothing pending, but the document was not here in full yet.
 * `saved`: on the server's disk. `saving`: on their way. `local`: only in this device's offline copy. `unsaved`: only
 * in memory.
 */
export type SaveStatus = 'loading' | 'saved' | 'saving' | 'local' | 'unsaved'

/** Everything a person or program needs to know about a room at one moment; never changes once given out. */
export interface RoomStatus {
  readonly connection: ConnectionStatus
  readonly save: SaveStatus
  /** What this session may do, as the server said last; `null` before it said anything. */
  readonly access: Access | null
  readonly pending: PendingSummary
  /** Whether everything here is in this device's offline copy; `false` without one. */
  readonly keptLocally: boolean
  /** What is wrong, the gravest first; `null` when nothing is. A network that comes and goes is not an error. */
  readonly error: RoomFault | null
  /** Wall-clock milliseconds of the next attempt to connect, or `null` when none is waiting. */
  readonly retryAt: number | null
  /** Wall-clock milliseconds when the last pending edit was acknowledged; `null` before there was one. */
  readonly lastSavedAt: number | null
}

/** What a status is made of. */
export interface StatusFacts {
  readonly connection: ConnectionStatus
  readonly access: Access | null
  readonly pending: PendingSummary
  /** Whether the whole document was here once. */
  readonly everSynced: boolean
  /** Whether everything here is in the offline copy. */
  readonly keptLocally: boolean
  /** The server refused edits, or they can never be sent: nothing more is uploaded. */
  readonly refusal: RoomFault | null
  /** Edits were sent, and no ack comes. */
  readonly overdue: RoomFault | null
  /** The server says why the document cannot be written. */
  readonly readOnly: RoomFault | null
  readonly connectionError: RoomFault | null
  readonly offlineCopyError: RoomFault | null
  readonly retryAt: number | null
  readonly lastSavedAt: number | null
}

/** The status that follows from the facts. */
export function statusOf(facts: StatusFacts): RoomStatus {
  return Object.freeze({
    connection: facts.connection,
    save: saveOf(facts),
    access: facts.access,
    pending: Object.freeze(facts.pending),
    keptLocally: facts.keptLocally,
    error: errorOf(facts),
    retryAt: facts.retryAt,
    lastSavedAt: facts.lastSavedAt,
  })
}

function saveOf(facts: StatusFacts): SaveStatus {
  if (facts.pending.updates === 0) return facts.everSynced ? 'saved' : 'loading'
  const moving = facts.connection === 'connected' && canWrite(facts.access)
  const trouble = facts.refusal ?? facts.readOnly ?? facts.overdue
  if (moving && trouble === null) return 'saving'
  // What was refused for good is on this device, but calling it kept would promise that it arrives one day.
  if (facts.refusal !== null && !facts.refusal.retryable) return 'unsaved'
  return facts.keptLocally ? 'local' : 'unsaved'
}

function errorOf(facts: StatusFacts): RoomFault | null {
  // A viewer who has written nothing is not in trouble.
  const viewing = facts.readOnly?.code === 'read-only' && facts.pending.updates === 0
  return (
    facts.refusal ??
    facts.connectionError ??
    (viewing ? null : facts.readOnly) ??
    facts.overdue ??
    facts.offlineCopyError
  )
}

/** Whether this access allows edits. */
export function canWrite(access: Access | null): boolean {
  return access === 'write' || access === 'admin'
}

/** Whether two statuses, or two faults, say the same. */
export function isSame<Value>(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  return (Object.keys(a) as (keyof Value)[]).every((name) => isSame(a[name], b[name]))
}

import type { CloseName, ErrorCode } from '@coscribe/shared'
import type { RoomFault } from '../room-error.js'

/** Codes that no person at an editor comes to see. */
type Unseen =
  'normal' | 'store-locked' | 'store-foreign' | 'store-newer' | 'store-damaged' | 'timeout'

/** Codes of faults that a person is told of; see the tables in SPEC.md. */
export type ReasonCode = Exclude<ErrorCode | CloseName, Unseen>

/**
 * What is said instead of a fault's own, English words, by its code: the middle of a sentence, without a full stop.
 * A code that is not in it is told in the fault's words.
 */
export type Reasons = Readonly<Partial<Record<ReasonCode, string>>>

/** What is told in a language's words if it has any, or in its own. */
export type Fault = Pick<RoomFault, 'code' | 'message'>

/** Why something is as it is, for people. The code may be anything: it is what a server said. */
export function reasonOf({ code, message }: Fault, reasons: Reasons): string {
  const own = Object.hasOwn(reasons, code) ? reasons[code as ReasonCode] : undefined
  return own ?? (message === '' ? code : message)
}

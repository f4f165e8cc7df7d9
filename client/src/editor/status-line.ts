import { englishElements } from '../phrases/en/elements.js'
import type { ElementPhrases } from '../phrases/phrases.js'
import { reasonOf as reasonFor } from '../phrases/reasons.js'
import { canWrite, type RoomStatus } from '../sync-status.js'

type StatusPhrases = ElementPhrases['status']

/** How much attention a line asks for: none, a little, some, or all of it. */
export type StatusTone = 'calm' | 'busy' | 'away' | 'bad'

/** What a person is told about their work, in one line at one place. */
export interface StatusLine {
  readonly tone: StatusTone
  /** Empty when there is nothing true to say yet. */
  readonly text: string
  /** One more sentence for who asks; may be empty. */
  readonly detail: string
}

/** What the line depends on beside the room's status. */
export interface StatusMoment {
  /** Wall-clock milliseconds. */
  readonly wallTime: number
  /** For how many milliseconds the room has not been connected; 0 while it is. */
  readonly awayMs: number
  /** Whether the machine believes that it has a network. */
  readonly online: boolean
  /** The most bytes that were pending since everything was saved last; 0 by default. */
  readonly mostPending?: number
}

/** Being saved is worth a word only when it takes this long. */
const BUSY_AFTER_MS = 600
/**
 * "Saved" is said when nothing was pending for this long. While somebody types, each edit is on disk a few
 * milliseconds after it was made: the word would be a lie in between, and a flicker if it were not.
 */
const SETTLED_AFTER_MS = 500
/** From this size on, and when it takes this long, it is said how far it has come. */
const LARGE_BYTES = 256 * 1024
const PROGRESS_AFTER_MS = 1_000
/** Being without a connection is, after this long; a blip is not. */
const AWAY_AFTER_MS = 5_000

/** The one line that says where a person's work is. */
export function statusLine(
  status: RoomStatus,
  moment: StatusMoment,
  phrases: StatusPhrases = englishElements.status,
): StatusLine {
  if (status.save === 'unsaved' && isLasting(status, moment)) {
    return { tone: 'bad', text: phrases.notSaved(reasonOf(status, phrases)), detail: '' }
  }
  if (isDemoted(status)) {
    const isTold = status.error?.code === 'read-only'
    const detail = isTold ? reasonOf(status, phrases) : phrases.sentWhenAllowed
    return { tone: 'bad', text: phrases.readOnlyNow, detail }
  }
  if (status.connection === 'closed') return closedLine(status, phrases)
  if (isAway(status, moment)) return awayLine(status, phrases)
  if (status.save === 'loading') return openingLine(moment, phrases)
  if (status.pending.updates > 0) return pendingLine(status, moment, phrases)
  return savedLine(status, moment, phrases)
}

/** Milliseconds after which the line may be another one although nothing happened, or `null`. */
export function nextLookMs(status: RoomStatus, moment: StatusMoment): number | null {
  const connected = status.connection === 'connected'
  const waits = [
    status.pending.updates > 0 ? BUSY_AFTER_MS - pendingMs(status, moment) : 0,
    isLarge(status, moment) ? PROGRESS_AFTER_MS - pendingMs(status, moment) : 0,
    isSettling(status, moment) ? SETTLED_AFTER_MS - savedMs(status, moment) : 0,
    connected ? 0 : BUSY_AFTER_MS - moment.awayMs,
    connected ? 0 : AWAY_AFTER_MS - moment.awayMs,
  ].filter((wait) => wait > 0)
  return waits.length === 0 ? null : Math.min(...waits)
}

/** Whether it is worth saying how much of what is pending has been saved. */
function isLarge({ pending }: RoomStatus, { mostPending = 0 }: StatusMoment): boolean {
  return pending.updates > 0 && mostPending >= LARGE_BYTES
}

/** Whether somebody wrote what they may not write any more. */
function isDemoted({ connection, access, pending, error }: RoomStatus): boolean {
  if (connection !== 'connected' || access === null || canWrite(access)) return false
  const other = error !== null && error.code !== OWN_COPY && error.code !== 'read-only'
  return pending.updates > 0 && !other
}

function isAway({ connection }: RoomStatus, { awayMs, online }: StatusMoment): boolean {
  return connection !== 'connected' && (!online || awayMs >= AWAY_AFTER_MS)
}

/** Not a blip, and not the moment that the copy on this device takes to be written. */
function isLasting(status: RoomStatus, moment: StatusMoment): boolean {
  if (status.error !== null && !status.error.retryable && status.error.code !== OWN_COPY)
    return true
  const settled = status.connection === 'connected' || isAway(status, moment)
  return settled && pendingMs(status, moment) >= BUSY_AFTER_MS
}

/** For how long the oldest pending edit has been pending. */
function pendingMs({ pending }: RoomStatus, { wallTime }: StatusMoment): number {
  return pending.since === null ? 0 : Math.max(0, wallTime - pending.since)
}

/** Whether the last edit has only just been saved, so that the next one may be under somebody's fingers. */
function isSettling(status: RoomStatus, moment: StatusMoment): boolean {
  const ms = savedMs(status, moment)
  return status.pending.updates === 0 && ms >= 0 && ms < SETTLED_AFTER_MS
}

/** For how long everything has been saved; negative when the machine's clock was set back meanwhile. */
function savedMs({ lastSavedAt }: RoomStatus, { wallTime }: StatusMoment): number {
  return lastSavedAt === null ? Infinity : wallTime - lastSavedAt
}

const OWN_COPY = 'offline-copy-failed'

function reasonOf({ error, connection }: RoomStatus, phrases: StatusPhrases): string {
  if (error === null || error.code === OWN_COPY) {
    return connection === 'connected' ? phrases.notConfirmed : phrases.noCopyOffline
  }
  return reasonFor(error, phrases.reasons)
}

/** Nothing is wrong with anybody's work: somebody has to show that they may come in, or nobody may for now. */
const doors: ReadonlyMap<string, 'notSignedIn' | 'noAccess' | 'inTrash'> = new Map([
  ['not-authenticated', 'notSignedIn'],
  ['forbidden', 'noAccess'],
  ['trashed', 'inTrash'],
])

function closedLine(status: RoomStatus, phrases: StatusPhrases): StatusLine {
  const door = doors.get(status.error?.code ?? '')
  if (door !== undefined && status.pending.updates === 0) {
    return { tone: 'away', text: phrases[door], detail: reasonOf(status, phrases) }
  }
  const why = status.error === null ? phrases.closedHere : reasonOf(status, phrases)
  const say = status.pending.updates > 0 ? phrases.notConnectedKept : phrases.notConnected
  return { tone: 'bad', text: say(why), detail: '' }
}

function awayLine(status: RoomStatus, phrases: StatusPhrases): StatusLine {
  return status.save === 'loading' ? absentLine(status, phrases) : keptLine(status, phrases)
}

/** There is nothing here that could be kept, and nothing that could be written in. */
function absentLine({ error }: RoomStatus, phrases: StatusPhrases): StatusLine {
  const isOurs = error === null || error.code === OWN_COPY
  const text = isOurs
    ? phrases.offlineAbsent
    : phrases.notOpenYet(reasonFor(error, phrases.reasons))
  return { tone: 'away', text, detail: phrases.notWritable }
}

function keptLine({ keptLocally }: RoomStatus, phrases: StatusPhrases): StatusLine {
  const text = keptLocally ? phrases.offlineKept : phrases.offlineOnlyHere
  return { tone: 'away', text, detail: phrases.sentLater }
}

function openingLine({ awayMs }: StatusMoment, phrases: StatusPhrases): StatusLine {
  return { tone: 'busy', text: awayMs >= BUSY_AFTER_MS ? phrases.opening : '', detail: '' }
}

function pendingLine(status: RoomStatus, moment: StatusMoment, phrases: StatusPhrases): StatusLine {
  if (status.connection === 'connected' && status.save === 'local') {
    return {
      tone: 'away',
      text: phrases.serverNotSaving,
      detail: status.error === null ? '' : reasonOf(status, phrases),
    }
  }
  if (status.connection === 'connecting') {
    const text = moment.awayMs >= BUSY_AFTER_MS ? phrases.connecting : ''
    return { tone: 'busy', text, detail: '' }
  }
  const isBlink = status.connection === 'connected' && pendingMs(status, moment) < BUSY_AFTER_MS
  return { tone: 'busy', text: isBlink ? '' : savingText(status, moment, phrases), detail: '' }
}

function savingText(status: RoomStatus, moment: StatusMoment, phrases: StatusPhrases): string {
  const { mostPending = 0 } = moment
  const isLong = status.save === 'saving' && pendingMs(status, moment) >= PROGRESS_AFTER_MS
  if (!isLong || !isLarge(status, moment)) return phrases.saving
  return phrases.savingPart(mostPending - status.pending.bytes, mostPending)
}

function savedLine(status: RoomStatus, moment: StatusMoment, phrases: StatusPhrases): StatusLine {
  if (isSettling(status, moment)) return { tone: 'busy', text: '', detail: '' }
  if (status.access === 'read') return { tone: 'calm', text: phrases.viewOnly, detail: '' }
  if (status.error?.code === OWN_COPY) {
    const detail = reasonFor(status.error, phrases.reasons)
    return { tone: 'calm', text: phrases.savedWithoutCopy, detail }
  }
  return { tone: 'calm', text: phrases.saved, detail: phrases.onDisk }
}

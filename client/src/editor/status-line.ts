import { canWrite, type RoomStatus } from '../sync-status.js'

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
}

/** Being saved is worth a word only when it takes this long. */
const BUSY_AFTER_MS = 600
/**
 * "Saved" is said when nothing was pending for this long. While somebody types, each edit is on disk a few
 * milliseconds after it was made: the word would be a lie in between, and a flicker if it were not.
 */
const SETTLED_AFTER_MS = 500
/** Being without a connection is, after this long; a blip is not. */
const AWAY_AFTER_MS = 5_000

/** The one line that says where a person's work is. */
export function statusLine(status: RoomStatus, moment: StatusMoment): StatusLine {
  if (status.save === 'unsaved' && isLasting(status, moment)) {
    return { tone: 'bad', text: `Not saved: ${reasonOf(status)}`, detail: '' }
  }
  if (isDemoted(status)) {
    const detail = status.error?.code === 'read-only' ? reasonOf(status) : KEPT
    return { tone: 'bad', text: 'Not saved: you may only read this document now', detail }
  }
  if (status.connection === 'closed') return closedLine(status)
  if (isAway(status, moment)) return awayLine(status)
  if (status.save === 'loading') return openingLine(moment)
  if (status.pending.updates > 0) return pendingLine(status, moment)
  return savedLine(status, moment)
}

/** Milliseconds after which the line may be another one although nothing happened, or `null`. */
export function nextLookMs(status: RoomStatus, moment: StatusMoment): number | null {
  const connected = status.connection === 'connected'
  const waits = [
    status.pending.updates > 0 ? BUSY_AFTER_MS - pendingMs(status, moment) : 0,
    isSettling(status, moment) ? SETTLED_AFTER_MS - savedMs(status, moment) : 0,
    connected ? 0 : BUSY_AFTER_MS - moment.awayMs,
    connected ? 0 : AWAY_AFTER_MS - moment.awayMs,
  ].filter((wait) => wait > 0)
  return waits.length === 0 ? null : Math.min(...waits)
}

const KEPT = 'It is sent when you may write again.'

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

function reasonOf({ error, connection }: RoomStatus): string {
  const offline = 'you are offline, and this browser keeps no copy'
  if (error === null || error.code === OWN_COPY) {
    return connection === 'connected' ? 'the server has not confirmed it' : offline
  }
  return error.message === '' ? error.code : error.message
}

/** Nothing is wrong with anybody's work: somebody has to show that they may come in. */
const doors: ReadonlyMap<string, string> = new Map([
  ['not-authenticated', 'Not signed in'],
  ['forbidden', 'No access'],
])

function closedLine(status: RoomStatus): StatusLine {
  const door = doors.get(status.error?.code ?? '')
  if (door !== undefined && status.pending.updates === 0) {
    return { tone: 'away', text: door, detail: reasonOf(status) }
  }
  const why = status.error === null ? 'this document was closed here' : reasonOf(status)
  const kept = status.pending.updates > 0 ? ' — your changes are kept on this device' : ''
  return { tone: 'bad', text: `Not connected: ${why}${kept}`, detail: '' }
}

function awayLine(status: RoomStatus): StatusLine {
  return status.save === 'loading' ? absentLine(status) : keptLine(status)
}

/** There is nothing here that could be kept, and nothing that could be written in. */
function absentLine({ error }: RoomStatus): StatusLine {
  const isOurs = error === null || error.code === OWN_COPY
  const text = isOurs
    ? 'Offline — this document is not on this device: it opens as soon as the server can be reached'
    : `Not open yet: ${error.message === '' ? error.code : error.message}`
  return { tone: 'away', text, detail: 'Until then nothing can be written in it.' }
}

function keptLine({ keptLocally }: RoomStatus): StatusLine {
  const text = keptLocally
    ? 'Offline — your changes are kept on this device'
    : 'Offline — this browser keeps no copy: your changes live only in this tab'
  return { tone: 'away', text, detail: 'They are sent as soon as the server can be reached.' }
}

function openingLine({ awayMs }: StatusMoment): StatusLine {
  return { tone: 'busy', text: awayMs >= BUSY_AFTER_MS ? 'Opening…' : '', detail: '' }
}

function pendingLine(status: RoomStatus, moment: StatusMoment): StatusLine {
  if (status.connection === 'connected' && status.save === 'local') {
    return {
      tone: 'away',
      text: 'The server is not saving — your changes are kept on this device',
      detail: status.error === null ? '' : reasonOf(status),
    }
  }
  if (status.connection === 'connecting') {
    const text = moment.awayMs >= BUSY_AFTER_MS ? 'Connecting…' : ''
    return { tone: 'busy', text, detail: '' }
  }
  const isBlink = status.connection === 'connected' && pendingMs(status, moment) < BUSY_AFTER_MS
  return { tone: 'busy', text: isBlink ? '' : 'Saving…', detail: '' }
}

function savedLine(status: RoomStatus, moment: StatusMoment): StatusLine {
  if (isSettling(status, moment)) return { tone: 'busy', text: '', detail: '' }
  const detail = 'Everything is on the disk of the server.'
  if (status.access === 'read') return { tone: 'calm', text: 'View only', detail: '' }
  if (status.error?.code === OWN_COPY) {
    return { tone: 'calm', text: 'Saved — no copy on this device', detail: status.error.message }
  }
  return { tone: 'calm', text: 'Saved', detail }
}

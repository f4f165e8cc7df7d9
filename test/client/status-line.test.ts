import { describe, expect, it } from 'vitest'
import { nextLookMs, statusLine, type StatusMoment } from '../../client/src/editor/status-line.js'
import { german } from '../../client/src/phrases/de/index.js'
import type { RoomStatus } from '../../client/src/sync-status.js'

const well: RoomStatus = {
  connection: 'connected',
  save: 'saved',
  access: 'write',
  pending: { updates: 0, bytes: 0, since: null },
  keptLocally: true,
  error: null,
  retryAt: null,
  lastSavedAt: 1,
}
const now: StatusMoment = { wallTime: 100_000, awayMs: 0, online: true }

function pendingFor(ms: number): Pick<RoomStatus, 'pending'> {
  return { pending: { updates: 1, bytes: 10, since: now.wallTime - ms } }
}

function line(status: Partial<RoomStatus>, moment: Partial<StatusMoment> = {}): string {
  const { tone, text } = statusLine({ ...well, ...status }, { ...now, ...moment })
  return `${tone}: ${text}`
}

const noCopy = {
  keptLocally: false,
  error: { code: 'offline-copy-failed', message: 'no database', retryable: false },
} as const

describe('the line about where work is', () => {
  it('[E32] is silent when all is well, and does not flicker with every key', () => {
    expect(line({})).toBe('calm: Saved')
    expect(line({ save: 'saving', ...pendingFor(599) })).toBe('busy: ')
    expect(line({ save: 'saving', ...pendingFor(600) })).toBe('busy: Saving…')
  })

  it('[E60] says saved when nothing was pending for half a second', () => {
    const { wallTime } = now
    expect(line({ save: 'saving', ...pendingFor(0) })).toBe('busy: ')
    const justSaved = { lastSavedAt: wallTime - 499 }
    expect(line(justSaved)).toBe('busy: ')
    expect(nextLookMs({ ...well, ...justSaved }, now)).toBe(1)
    expect(line({ lastSavedAt: wallTime - 500 })).toBe('calm: Saved')
    // The machine's clock was set back.
    expect(line({ lastSavedAt: wallTime + 3_600_000 })).toBe('calm: Saved')
  })

  it('[E32] never says saved of what is pending and not on its way', () => {
    const away = { connection: 'reconnecting', save: 'local' } as const
    expect(line({ ...away, ...pendingFor(1) }, { awayMs: 1 })).toBe('busy: Saving…')
    expect(line({ save: 'saving', lastSavedAt: null, ...pendingFor(1) })).toBe('busy: ')
    expect(line({ ...away, save: 'saved' }, { awayMs: 4_999 })).toBe('calm: Saved')
  })

  it('[E32] says offline at once when the machine knows, and else when it lasts', () => {
    const away = { connection: 'reconnecting', save: 'local', ...pendingFor(2_000) } as const
    const offline = 'away: Offline — your changes are kept on this device'
    expect(line(away, { awayMs: 10, online: false })).toBe(offline)
    expect(line(away, { awayMs: 4_999 })).toBe('busy: Saving…')
    expect(line(away, { awayMs: 5_000 })).toBe(offline)
    expect(line({ connection: 'offline', save: 'saved' }, { awayMs: 5_000 })).toBe(offline)
  })

  it('[E32] promises to keep nothing of a document that is not here yet, and says what it waits for', () => {
    const absent = { connection: 'reconnecting', save: 'loading', access: null } as const
    const waiting = /^away: Offline — this document is not on this device: it opens as soon as/
    expect(line(absent, { awayMs: 5_000 })).toMatch(waiting)
    expect(line({ ...absent, connection: 'offline' }, { online: false })).toMatch(waiting)
    expect(line({ ...absent, ...noCopy }, { awayMs: 5_000 })).toMatch(waiting)
    const damaged = { code: 'document-unavailable', message: 'it is damaged', retryable: true }
    expect(line({ ...absent, error: damaged }, { awayMs: 5_000 })).toBe(
      'away: Not open yet: it is damaged',
    )
  })

  it('[E34] promises no copy where there is none', () => {
    expect(line(noCopy)).toBe('calm: Saved — no copy on this device')
    const away = { ...noCopy, connection: 'reconnecting' } as const
    expect(line({ ...away, save: 'saved' }, { awayMs: 5_000 })).toMatch(/^away: .*no copy/)
    const unsaved = { ...away, save: 'unsaved', ...pendingFor(700) } as const
    expect(line(unsaved, { awayMs: 700 })).toBe('busy: Saving…')
    expect(line(unsaved, { awayMs: 5_000 })).toMatch(/^bad: Not saved: .*keeps no copy/)
    expect(line(unsaved, { awayMs: 10, online: false })).toMatch(/^bad: Not saved/)
  })

  it('[E32] is loud only about what is not saved, with the reason', () => {
    const refused = { code: 'too-large', message: 'too large', retryable: false }
    expect(line({ save: 'unsaved', error: refused, ...pendingFor(1) })).toBe(
      'bad: Not saved: too large',
    )
    const full = { code: 'storage-unavailable', message: 'disk full', retryable: true }
    expect(line({ save: 'unsaved', error: full, ...pendingFor(100) })).not.toMatch(/^bad/)
    expect(line({ save: 'unsaved', error: full, ...pendingFor(600) })).toBe(
      'bad: Not saved: disk full',
    )
    expect(line({ save: 'local', error: full, ...pendingFor(600) })).toMatch(
      /^away: .*kept on this device/,
    )
  })

  it.each([
    ['not-authenticated', 'away: Not signed in'],
    ['forbidden', 'away: No access'],
  ])('[E62] %s is nothing to be alarmed about while nothing is pending', (code, calm) => {
    const error = { code, message: 'no', retryable: false }
    const closed = { connection: 'closed', error } as const
    expect(line({ ...closed, save: 'loading' })).toBe(calm)
    expect(line({ ...closed, save: 'unsaved', ...pendingFor(9) })).toBe('bad: Not saved: no')
  })

  it('[E67] what somebody may not write any more is not saved, and they are told', () => {
    const demoted = { access: 'read', save: 'local', ...pendingFor(1) } as const
    const told = 'bad: Not saved: you may only read this document now'
    expect(line(demoted)).toBe(told)
    expect(line({ ...demoted, ...noCopy, save: 'unsaved' })).toBe(told)
    const refused = { code: 'read-only', message: 'no', retryable: true }
    expect(line({ ...demoted, error: refused })).toBe(told)
    expect(line({ ...demoted, pending: well.pending, save: 'saved' })).toBe('calm: View only')
    const full = { code: 'storage-unavailable', message: 'full', retryable: true }
    expect(line({ ...demoted, error: full })).toMatch(/^away: The server is not saving/)
  })

  it('[E32] a document that is closed for good says why, and where the work is', () => {
    const gone = { code: 'history-mismatch', message: 'it was replaced', retryable: false }
    const closed = { connection: 'closed', error: gone } as const
    expect(line(closed)).toBe('bad: Not connected: it was replaced')
    expect(line({ ...closed, save: 'local', ...pendingFor(9) })).toMatch(/kept on this device$/)
    expect(line({ ...closed, save: 'unsaved', ...pendingFor(9) })).toBe(
      'bad: Not saved: it was replaced',
    )
  })

  it('[E32] says nothing before there is something to say', () => {
    const opening = { connection: 'connecting', save: 'loading', access: null } as const
    expect(line(opening, { awayMs: 10 })).toBe('busy: ')
    expect(line(opening, { awayMs: 600 })).toBe('busy: Opening…')
    expect(line({ ...opening, save: 'local', ...pendingFor(10) }, { awayMs: 10 })).toBe('busy: ')
    expect(line({ access: 'read' })).toBe('calm: View only')
  })

  it('[E32] is looked at again exactly when time alone can change it', () => {
    expect(nextLookMs(well, now)).toBeNull()
    expect(nextLookMs({ ...well, ...pendingFor(200), save: 'saving' }, now)).toBe(400)
    expect(nextLookMs({ ...well, connection: 'reconnecting' }, { ...now, awayMs: 100 })).toBe(500)
    expect(nextLookMs({ ...well, connection: 'reconnecting' }, { ...now, awayMs: 700 })).toBe(4_300)
    expect(
      nextLookMs({ ...well, connection: 'reconnecting' }, { ...now, awayMs: 6_000 }),
    ).toBeNull()
  })

  it('[E110] says how far it has come with what is large and takes more than a second', () => {
    const pending = { updates: 1, bytes: 2_900_000, since: now.wallTime - 1_000 }
    const large = { mostPending: 5_000_000 }
    expect(line({ save: 'saving', pending }, large)).toBe('busy: Saving… 2.1 of 5.0 MB')
    expect(line({ save: 'saving', ...pendingFor(999) }, large)).toBe('busy: Saving…')
    expect(nextLookMs({ ...well, save: 'saving', ...pendingFor(700) }, { ...now, ...large })).toBe(
      300,
    )
    expect(line({ save: 'saving', pending }, { mostPending: 10_000 })).toBe('busy: Saving…')
    const told = statusLine(
      { ...well, save: 'saving', pending },
      { ...now, ...large },
      german.status,
    )
    expect(told.text).toBe('Wird gespeichert … 2,1 von 5,0 MB')
  })
})

import { CoscribeError } from '@coscribe/shared'
import { LevelStore, unknownInfo, type StoredDocument } from '@coscribe/storage'
import { expect, it, onTestFinished } from 'vitest'
import type { AuditEvent } from '../../server/src/audit.js'
import { Documents } from '../../server/src/documents.js'
import { silentLogger } from '../../server/src/log.js'
import { DocumentTurns } from '../../server/src/persistence/document-turns.js'
import { InfoBook } from '../../server/src/persistence/info-book.js'
import { TrashSweep } from '../../server/src/trash-sweep.js'
import { ManualClock } from '../support/manual-clock.js'
import { folderForTest } from '../support/test-server.js'

const DAY_MS = 24 * 3_600_000
const NOW = 100 * DAY_MS

/** One document cannot be read. */
class HurtStore extends LevelStore {
  override load(documentId: string): Promise<StoredDocument | undefined> {
    if (documentId !== 'hurt') return super.load(documentId)
    return Promise.reject(new CoscribeError('document-unavailable', 'damaged'))
  }
}

function content(documentId: string) {
  const historyId = '0123456789abcdef0123456789abcdef'
  return { documentId, historyId, firstSeq: 1, updates: [Uint8Array.of(0, 0)] }
}

const SINCE = { old: 31, hurt: 40, open: 40, resurfaced: 40, young: 29, kept: null, bare: 50 }

/** Documents in the trash since so many days, and a sweep that removes them after `days`. */
async function world(days: number) {
  const store = new HurtStore({ path: folderForTest(), durability: 'os' })
  await store.open()
  onTestFinished(() => store.close())
  await store.append(['old', 'hurt', 'open', 'resurfaced', 'young', 'kept'].map(content))
  const batch = Object.entries(SINCE).map(([documentId, age]) => {
    const trashedAt = age === null ? null : NOW - age * DAY_MS
    return { documentId, info: { ...unknownInfo, trashedAt } }
  })
  await store.writeInfo(batch)
  const clock = new ManualClock()
  clock.advance(NOW)
  const events: AuditEvent[] = []
  const audit = { record: (event: AuditEvent) => void events.push(event), drained: async () => {} }
  const turns = new DocumentTurns()
  const infos = new InfoBook({ store, turns, clock, logger: silentLogger })
  const read = infos.read.bind(infos)
  // An older info than the document's own records.
  infos.read = async (id) => {
    const info = await read(id)
    return id === 'resurfaced' && info ? { ...info, trashedAt: NOW - 41 * DAY_MS } : info
  }
  const rooms = {
    expel: () => {},
    has: (id: string) => id === 'open',
    settled: () => Promise.resolve(true),
  }
  const documents = new Documents({ store, infos, rooms, turns, audit, clock })
  const sweep = new TrashSweep({ documents, days, clock, logger: silentLogger })
  onTestFinished(() => sweep.stop())
  const left = async (): Promise<string[]> => {
    const pages = await Promise.all([true, false].map((trashed) => store.listInfo({ trashed })))
    return pages.flatMap(({ entries }) => entries.map(({ documentId }) => documentId)).toSorted()
  }
  return { sweep, clock, events, left, store }
}

it('[A95] what has been in the trash for longer is removed for good, but nothing that is damaged, open, or says otherwise', async () => {
  const { sweep, clock, events, left, store } = await world(30)
  sweep.start()
  clock.advance(60_000)
  // The next one is planned when this one is over.
  await expect.poll(() => clock.waiting).toBe(1)
  expect(await left()).toEqual(['hurt', 'kept', 'open', 'resurfaced', 'young'])
  expect(await store.load('old')).toBeUndefined()
  expect(events.map(({ event, documentId }) => `${event} ${documentId}`).toSorted()).toEqual([
    'document-purged bare',
    'document-purged old',
  ])
  clock.advance(2 * DAY_MS)
  await expect.poll(() => clock.waiting).toBe(1)
  clock.advance(3_600_000)
  await expect.poll(left).toEqual(['hurt', 'kept', 'open', 'resurfaced'])
  await sweep.stop()
  expect(clock.waiting).toBe(0)
})

it('[A95] with 0 days nothing ever is', async () => {
  const { sweep, clock, left } = await world(0)
  sweep.start()
  expect(clock.waiting).toBe(0)
  clock.advance(1_000 * DAY_MS)
  expect((await left()).length).toBe(Object.keys(SINCE).length)
})

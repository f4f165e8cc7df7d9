import { CoscribeError } from '@coscribe/shared'
import { MemoryStore, unknownInfo, type InfoEntry } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../server/src/log.js'
import { DocumentTurns } from '../../server/src/persistence/document-turns.js'
import { InfoBook } from '../../server/src/persistence/info-book.js'
import { FaultyStore } from '../support/faulty-store.js'
import { VirtualClock } from '../support/virtual-clock.js'

/** Counts what is written, and refuses what a test names. */
class NotedStore extends MemoryStore {
  readonly batches: string[][] = []
  readonly damaged = new Set<string>()

  override writeInfo(batch: readonly InfoEntry[]): Promise<void> {
    if (batch.some(({ documentId }) => this.damaged.has(documentId))) {
      return Promise.reject(new CoscribeError('document-unavailable', 'damaged'))
    }
    this.batches.push(batch.map(({ documentId }) => documentId))
    return super.writeInfo(batch)
  }
}

async function world() {
  const clock = new VirtualClock()
  await clock.advance(5_000)
  const inner = new NotedStore()
  const store = new FaultyStore(inner)
  await store.open()
  const turns = new DocumentTurns()
  const book = new InfoBook({ store, turns, clock, logger: silentLogger })
  return { clock, store, turns, book, batches: inner.batches, damaged: inner.damaged }
}

describe('[R106] when a document was edited', () => {
  it('is written a second after the first edit, of all together, and then once a minute', async () => {
    const { clock, store, book, batches } = await world()
    const a = await book.open('a')
    const b = await book.open('b')
    a.wrote('ada')
    book.edited(a)
    book.edited(b)
    await clock.advance(999)
    expect(batches).toEqual([])
    await clock.advance(1)
    expect(batches).toEqual([['a', 'b']])
    const first = clock.wallTime() - 1_000
    const made = { ...unknownInfo, createdAt: first, createdBy: 'ada', updatedAt: first }
    expect(await store.readInfo('a')).toEqual(made)
    for (let i = 0; i < 300; i++) {
      book.edited(a)
      await clock.advance(100)
    }
    expect(batches.length).toBe(1)
    expect((await book.read('a'))?.updatedAt).toBe(clock.wallTime() - 100)
    await clock.advance(30_000)
    expect(batches.slice(1)).toEqual([['a']])
    await clock.advance(3_600_000)
    expect(batches.length).toBe(2)
    book.edited(b)
    await clock.advance(1_000)
    expect(batches.slice(2)).toEqual([['b']])
  })

  it('is written when nobody has it open any more, and when the server stops', async () => {
    const { clock, store, book, batches } = await world()
    const a = await book.open('a')
    book.edited(a)
    await clock.advance(2_000)
    await clock.advance(1_000)
    book.edited(a)
    book.close(a)
    await clock.advance(1_000)
    expect(batches).toEqual([['a'], ['a']])
    expect((await store.readInfo('a'))?.updatedAt).toBe(clock.wallTime() - 1_000)
    const b = await book.open('b')
    book.edited(b)
    await book.finish()
    expect(batches.slice(2)).toEqual([['b']])
    book.edited(b)
    await clock.advance(120_000)
    expect(batches.length).toBe(3)
  })

  it('is tried again when the disk has failed, and one damaged document keeps no other back', async () => {
    const { clock, store, book, batches, damaged } = await world()
    const [a, b] = [await book.open('a'), await book.open('b')]
    store.fail()
    book.edited(a)
    await clock.advance(4_000)
    store.heal()
    await clock.advance(5_000)
    expect(batches).toEqual([['a']])
    damaged.add('b')
    await clock.advance(60_000)
    book.edited(a)
    book.edited(b)
    await clock.advance(1_000)
    expect(batches.slice(1)).toEqual([['a']])
    await clock.advance(600_000)
    expect(batches.length).toBe(2)
  })

  it('is given up of a document whose info cannot be stored, and the others are written', async () => {
    const { clock, store, book, batches } = await world()
    const [a, b] = [await book.open('a'), await book.open('b')]
    a.wrote('x'.repeat(1_001))
    book.edited(a)
    book.edited(b)
    await clock.advance(1_000)
    expect(batches).toEqual([['a', 'b'], ['a'], ['b']])
    expect((await store.readInfo('b'))?.updatedAt).toBe(clock.wallTime() - 1_000)
    await clock.advance(600_000)
    expect(batches.length).toBe(3)
  })

  it('never takes a title back that was given meanwhile, whoever has the document open', async () => {
    const { clock, store, book } = await world()
    const a = await book.open('a')
    book.edited(a)
    book.close(a)
    await book.change('a', (before = unknownInfo) => ({ ...before, title: 'Old' }))
    expect(book.size).toBe(0)
    const again = await book.open('a')
    await book.change('a', (before = unknownInfo) => ({ ...before, title: 'New' }))
    expect(again.title).toBe('New')
    await clock.advance(120_000)
    book.edited(again)
    await clock.advance(1_000)
    expect(await store.readInfo('a')).toMatchObject({ title: 'New', createdAt: expect.any(Number) })
    const other = await world()
    const opening = other.book.open('a')
    const changing = other.book.change('a', () => ({ ...unknownInfo, title: 'First' }))
    const late = other.book.open('a')
    await Promise.all([opening, changing, late])
    expect([(await opening).title, await late]).toEqual(['First', await opening])
  })

  it('is remembered of a thousand documents that nobody has open, and of no more', async () => {
    const { clock, store, book, batches } = await world()
    store.fail()
    for (let i = 0; i < 1_200; i++) {
      const info = await book.open(`d${i}`)
      book.edited(info)
      book.close(info)
    }
    store.heal()
    await clock.advance(10_000)
    const written = new Set(batches.flat())
    expect(written.size).toBe(1_000)
    expect(written.has('d1199')).toBe(true)
    expect(book.size).toBe(0)
  })
})

import { CoscribeError } from '@coscribe/shared'
import { MemoryStore, type Append, type DocumentStore } from '@coscribe/storage'
import { expect, it } from 'vitest'
import { silentLogger } from '../../server/src/log.js'
import { DocumentTurns } from '../../server/src/persistence/document-turns.js'
import { GroupWriter, type WriterSetup } from '../../server/src/persistence/writer.js'
import type { LogOwner } from '../../server/src/persistence/write-queue.js'
import { FakePeer } from '../support/fake-peer.js'
import { FaultyStore, storedUpdates } from '../support/faulty-store.js'
import { SeededRandom } from '../support/random.js'
import { Author, RoomWorld, textOf } from '../support/room-world.js'
import { VirtualClock } from '../support/virtual-clock.js'

class Owner implements LogOwner {
  readonly documentId: string
  readonly historyId = 'a'.repeat(32)
  readonly commits: number[] = []
  readonly causes: unknown[] = []
  drains = 0

  constructor(documentId: string) {
    this.documentId = documentId
  }

  committed(seq: number): void {
    this.commits.push(seq)
  }

  drained(): void {
    this.drains += 1
  }

  relieved(): void {}

  unwritable(cause: unknown): void {
    this.causes.push(cause)
  }
}

async function setUp(store: FaultyStore, more: Partial<WriterSetup> = {}) {
  const clock = new VirtualClock()
  const turns = new DocumentTurns()
  const random = new SeededRandom(1)
  await store.open()
  const writer = new GroupWriter({ store, turns, clock, random, logger: silentLogger, ...more })
  return { clock, turns, writer }
}

const bytes = (length: number) => new Uint8Array(length)

it('[R11] all documents that were written to within a window share one append', async () => {
  const store = new FaultyStore(new MemoryStore())
  const { clock, writer } = await setUp(store)
  const owners = ['a', 'b', 'c'].map((id) => new Owner(id))
  for (const owner of owners) {
    const log = writer.open(owner, 0)
    log.append(bytes(3))
    log.append(bytes(4))
  }
  await clock.advance(1)
  expect(store.appends).toBe(0)
  await clock.advance(1)
  expect(store.appends).toBe(1)
  expect(owners.map((owner) => owner.commits)).toEqual([[2], [2], [2]])
})

it('[R11] one append is in flight at a time, and the next takes all that came meanwhile', async () => {
  const store = new FaultyStore(new MemoryStore())
  const { clock, writer } = await setUp(store)
  const owner = new Owner('a')
  const log = writer.open(owner, 0)
  log.append(bytes(1))
  await clock.advance(2)
  store.hang()
  for (let i = 0; i < 10; i++) {
    log.append(bytes(1))
    await clock.advance(5)
  }
  expect(owner.commits).toEqual([1])
  store.heal()
  await clock.advance(32)
  expect(owner.commits).toEqual([1, 8, 11])
  expect(store.appends).toBe(3)
})

it('[R11] commits that follow each other begin sixteen windows apart', async () => {
  const store = new FaultyStore(new MemoryStore())
  const { clock, writer } = await setUp(store)
  const owner = new Owner('a')
  const log = writer.open(owner, 0)
  const begin = clock.now()
  const begun: number[] = []
  for (let ms = 0; ms < 70; ms++) {
    log.append(bytes(1))
    const before = store.appends
    await clock.advance(1)
    if (store.appends > before) begun.push(clock.now() - begin)
  }
  expect(begun).toEqual([2, 34, 66])
})

it('[R12] a failed append is repeated with the same numbers until the disk takes it', async () => {
  const store = new FaultyStore(new MemoryStore())
  const { clock, writer } = await setUp(store)
  const attempts: Append[] = []
  const append = store.append.bind(store)
  store.append = (batch) => {
    attempts.push(...batch)
    return append(batch)
  }
  const owner = new Owner('a')
  const log = writer.open(owner, 0)
  store.fail()
  log.append(bytes(1))
  await clock.advance(20_000)
  expect(attempts.length).toBeGreaterThan(3)
  expect(attempts.length).toBeLessThan(60)
  expect(owner.commits).toEqual([])
  log.append(bytes(2))
  store.heal()
  await clock.advance(10_000)
  expect(attempts.every(({ firstSeq }) => firstSeq === 1)).toBe(true)
  expect(attempts.at(-1)?.updates).toEqual([bytes(1), bytes(2)])
  expect(owner.commits).toEqual([2])
})

it("[R13] an append that contradicts the log is its document's affair", async () => {
  const store = new FaultyStore(new MemoryStore())
  const { clock, writer } = await setUp(store)
  const [fine, ahead] = [new Owner('fine'), new Owner('ahead')]
  writer.open(fine, 0).append(bytes(1))
  writer.open(ahead, 7).append(bytes(1))
  await clock.advance(100)
  expect(fine.commits).toEqual([1])
  expect(ahead.commits).toEqual([])
  expect(ahead.causes).toHaveLength(1)
})

it('[R12] while the disk fails, edits are relayed and bounded; then the document is read-only and says why', async () => {
  const world = await RoomWorld.open({ writer: { documentBytes: 1_000 } })
  const room = await world.room()
  const [writer, reader] = [new FakePeer(), new FakePeer()]
  room.add(writer)
  room.add(reader)
  world.store.fail()
  const author = new Author()
  room.receive(writer, author.type('a'.repeat(600)), false)
  await world.clock.advance(100)
  expect(reader.delivered).toHaveLength(1)
  expect(room.readOnly).toBeNull()
  room.receive(writer, author.type('b'.repeat(600)), false)
  expect(room.readOnly?.code).toBe('storage-unavailable')
  expect(reader.writableReasons).toEqual([room.readOnly])
  const refused = room.receive(writer, author.type('refused'), false)
  expect(refused).toMatchObject({ outcome: 'refused', code: 'storage-unavailable' })
  expect(room.queuedBytes).toBeLessThan(1_400)
  await world.clock.advance(60_000)
  expect(writer.durableSeqs).toEqual([])
  expect(textOf(await world.stored())).toBe('')

  world.store.heal()
  await world.clock.advance(6_000)
  expect(room.readOnly).toBeNull()
  expect(reader.writableReasons.at(-1)).toBeNull()
  expect(writer.durableSeq).toBe(2)
  // Everybody is asked, so that what was refused comes up by itself.
  const asked = writer.sentOf('sync-step-1').at(-1)
  room.receive(writer, author.answer(asked?.stateVector), true)
  await world.clock.advance(100)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R12] the bound on what is not durable holds for the whole process', async () => {
  const world = await RoomWorld.open({ writer: { processBytes: 1_000 } })
  const [one, other] = [await world.room('one'), await world.room('other')]
  const [peer, neighbour] = [new FakePeer(), new FakePeer()]
  one.add(peer)
  other.add(neighbour)
  world.store.hang()
  one.receive(peer, new Author().type('a'.repeat(1_200)), false)
  const receipt = other.receive(neighbour, new Author().type('b'), false)
  expect(receipt).toMatchObject({ outcome: 'refused', code: 'storage-unavailable' })
  world.store.heal()
  await world.clock.advance(1_000)
  expect(other.readOnly).toBeNull()
  expect(neighbour.writableReasons.map((reason) => reason?.code)).toEqual([
    'storage-unavailable',
    undefined,
  ])
})

/** Refuses every batch that contains one of these documents. */
class PartlyDamagedStore extends FaultyStore {
  readonly damaged = new Set<string>()

  override async append(batch: readonly Append[]): Promise<void> {
    if (batch.some(({ documentId }) => this.damaged.has(documentId))) {
      throw new CoscribeError('document-unavailable', 'a record failed its check')
    }
    await super.append(batch)
  }
}

it('[R13] a damaged document in a batch does not keep the others from being saved', async () => {
  const store = new PartlyDamagedStore(new MemoryStore())
  const { clock, writer } = await setUp(store)
  store.damaged.add('doc-5').add('doc-11')
  const owners = Array.from({ length: 16 }, (_, index) => new Owner(`doc-${index}`))
  for (const owner of owners) writer.open(owner, 0).append(bytes(1))
  await clock.advance(100)
  for (const owner of owners) {
    const damaged = store.damaged.has(owner.documentId)
    expect(owner.commits).toEqual(damaged ? [] : [1])
    expect(owner.causes).toHaveLength(damaged ? 1 : 0)
  }
  expect(writer.queuedBytes).toBe(0)
})

it('[R13] a room whose log the store refuses is over: its sessions are told and nothing is acknowledged', async () => {
  const store = new PartlyDamagedStore(new MemoryStore())
  const world = await RoomWorld.open({ store })
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  store.damaged.add('doc')
  const author = new Author()
  room.receive(peer, author.type('a'), false)
  await world.clock.advance(100)
  expect(peer.closed).toEqual(['document-unavailable'])
  expect(peer.durableSeqs).toEqual([])
  expect(world.rooms.size).toBe(0)
  room.remove(peer)
  await world.clock.settle()
  expect(world.clock.waiting).toBe(0)
  const late = room.receive(peer, author.type('b'), false)
  expect(late).toMatchObject({ outcome: 'accepted' })
  expect(late.outcome === 'accepted' && late.seq > room.durableSeq).toBe(true)
})

it('[R13] a room that fails reads on from the connections it held back, which may have other documents open', async () => {
  const store = new PartlyDamagedStore(new MemoryStore())
  const world = await RoomWorld.open({ store, writer: { documentBytes: 1_000 } })
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  store.damaged.add('doc')
  room.receive(peer, new Author().type('a'.repeat(600)), false)
  expect(peer.held).toBe(true)
  await world.clock.advance(100)
  expect(peer.closed).toEqual(['document-unavailable'])
  expect(peer.held).toBe(false)
})

it('[R2] control: a store that resolves before it is durable loses what was acknowledged, and this shows', async () => {
  const disk = new MemoryStore()
  const liar = new FaultyStore(disk)
  const honest: DocumentStore['append'] = liar.append.bind(liar)
  liar.append = async (batch) => {
    void honest(batch).catch(() => {
      // The process "dies" before this write happens.
    })
  }
  const lost = async (store: FaultyStore) => {
    const world = await RoomWorld.open({ store })
    store.hang()
    const room = await world.room()
    const peer = new FakePeer()
    room.add(peer)
    room.receive(peer, new Author().type('a'), false)
    await world.clock.advance(1_000)
    store.fail()
    return peer.durableSeq > (await storedUpdates(disk, 'doc')).length
  }
  expect(await lost(liar)).toBe(true)
  expect(await lost(new FaultyStore(disk))).toBe(false)
})

it('[B12] who writes faster than the disk is read again when it has caught up, or fails', async () => {
  const world = await RoomWorld.open({
    writer: { documentBytes: 4_000, retry: { firstMs: 1, maxMs: 2 } },
  })
  const room = await world.room()
  const [fast, slow] = [new FakePeer({ principal: 'ada' }), new FakePeer({ principal: 'ada' })]
  room.add(fast)
  room.add(slow)
  const author = new Author()
  world.store.hang()
  room.receive(slow, author.type('a'), false)
  expect(slow.held).toBe(false)
  room.receive(fast, author.type('b'.repeat(2_000)), false)
  expect([fast.held, slow.held]).toEqual([true, false])
  world.store.heal()
  await world.clock.advance(100)
  expect(fast.held).toBe(false)

  world.store.hang()
  room.receive(fast, author.type('c'.repeat(2_000)), false)
  expect(fast.held).toBe(true)
  room.remove(fast)
  expect(fast.held).toBe(false)
  room.add(fast)
  room.receive(fast, author.type('d'), false)
  expect(fast.held).toBe(true)
  // Nobody is to be kept from hearing that nothing can be saved.
  world.store.fail()
  await world.clock.advance(100)
  expect(fast.held).toBe(false)
  room.receive(fast, author.type('e'), false)
  expect(fast.held).toBe(false)
})

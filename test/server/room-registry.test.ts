import { CoscribeError } from '@coscribe/shared'
import { MemoryStore, type StoredDocument } from '@coscribe/storage'
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { expect, it } from 'vitest'
import type { FoldResult } from '../../server/src/persistence/fold.js'
import type { FoldRunner } from '../../server/src/persistence/fold-runner.js'
import { FakePeer } from '../support/fake-peer.js'
import { FaultyStore } from '../support/faulty-store.js'
import { count } from '../support/count.js'
import { Author, RoomWorld, textOf } from '../support/room-world.js'

/** A store whose loads wait to be let go. */
class SlowStore extends FaultyStore {
  loads = 0
  error: Error | null = null
  readonly #waiting: (() => void)[] = []

  override async load(documentId: string): Promise<StoredDocument | undefined> {
    this.loads += 1
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.error !== null) throw this.error
    return super.load(documentId)
  }

  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

it('[R14] a document is loaded once, however many ask, and nobody is let in before', async () => {
  const store = new SlowStore(new MemoryStore())
  const world = await RoomWorld.open({ store })
  const asked = Array.from({ length: 20 }, () => world.room())
  let admitted = 0
  for (const room of asked) void room.then(() => (admitted += 1))
  await world.clock.settle()
  expect(admitted).toBe(0)
  store.release()
  const rooms = await Promise.all(asked)
  expect(store.loads).toBe(1)
  expect(new Set(rooms).size).toBe(1)
})

it('[R14] a document that cannot be loaded is unavailable, and only asking again tries again', async () => {
  const store = new SlowStore(new MemoryStore())
  const world = await RoomWorld.open({ store })
  store.error = new Error('the disk is gone')
  const failed = Promise.allSettled([world.room(), world.room()])
  await world.clock.settle()
  store.release()
  for (const result of await failed) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'document-unavailable' } })
  }
  await world.clock.advance(120_000)
  expect(store.loads).toBe(1)
  store.error = null
  const again = world.room()
  await world.clock.settle()
  store.release()
  expect((await again).headSeq).toBe(0)
})

it('[R14] stored bytes that are no update make a document unavailable, never shorter', async () => {
  const disk = new MemoryStore()
  await disk.open()
  const updates = [new Author().type('a'), Uint8Array.of(1, 2, 3)]
  const historyId = 'b'.repeat(32)
  await disk.append([{ documentId: 'doc', historyId, firstSeq: 1, updates }])
  const world = await RoomWorld.open({ store: disk })
  await expect(world.room()).rejects.toMatchObject({ code: 'document-unavailable' })
  expect((await disk.load('doc'))?.lastSeq).toBe(2)
})

it('[R14] an id that cannot be used opens nothing', async () => {
  const world = await RoomWorld.open()
  await expect(world.rooms.open('.hidden')).rejects.toMatchObject({ code: 'bad-document-id' })
  expect(world.rooms.size).toBe(0)
})

it('[R14] a document keeps its history id, and gets a new incarnation with each opening', async () => {
  const world = await RoomWorld.open({ graceMs: 1_000 })
  const first = await world.room()
  const peer = new FakePeer()
  first.add(peer)
  first.receive(peer, new Author().type('a'), false)
  await world.clock.advance(100)
  first.remove(peer)
  await world.clock.advance(2_000)
  expect(world.rooms.size).toBe(0)
  const second = await world.room()
  expect(second).not.toBe(first)
  expect(second.historyId).toBe(first.historyId)
  expect(second.incarnation).not.toBe(first.incarnation)
  expect((await world.disk.stat('doc'))?.historyId).toBe(first.historyId)
})

it('[R15] an empty room leaves memory after its grace, and only when everything is on disk', async () => {
  const world = await RoomWorld.open({ graceMs: 1_000 })
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  world.store.fail()
  room.receive(peer, new Author().type('a'), false)
  room.remove(peer)
  await world.clock.advance(600_000)
  expect(world.rooms.size).toBe(1)
  expect(await world.room()).toBe(room)
  world.store.heal()
  await world.clock.advance(60_000)
  expect(world.rooms.size).toBe(0)
  expect(textOf(await world.stored())).toBe('a')
})

it('[R15] who comes back while a room is on its way out gets that room', async () => {
  const world = await RoomWorld.open({ graceMs: 1_000 })
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  world.store.hang()
  room.receive(peer, new Author().type('a'), false)
  room.remove(peer)
  await world.clock.advance(2_000)
  const back = world.room()
  world.store.heal()
  const same = await back
  expect(same).toBe(room)
  same.add(peer)
  await world.clock.advance(120_000)
  expect(await world.room()).toBe(room)
  expect(room.durableSeq).toBe(1)
})

it('[R15] a room that nobody entered after it was loaded goes too', async () => {
  const world = await RoomWorld.open({ graceMs: 1_000 })
  await world.room()
  await world.clock.advance(2_000)
  expect(world.rooms.size).toBe(0)
})

it('[R16] closing commits everything received, and says what it could not', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  room.receive(peer, new Author().type('a'), false)
  const closed = world.rooms.close()
  await world.clock.settle()
  expect(await closed).toBe(0)
  expect(peer.durableSeq).toBe(1)
  expect(textOf(await world.stored())).toBe('a')
  await expect(world.room()).rejects.toBeInstanceOf(CoscribeError)
  expect(world.clock.waiting).toBe(0)
})

it('[R16] closing gives up at its deadline, and what was not saved is not acknowledged', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  world.store.hang()
  room.receive(peer, new Author().type('a'), false)
  const closed = world.rooms.close(3_000)
  await world.clock.advance(3_000)
  expect(await closed).toBe(1)
  expect(peer.durableSeqs).toEqual([])
  expect(world.clock.waiting).toBe(0)
})

it('[R16] a compaction that the disk does not end keeps closing neither from saving nor from ending', async () => {
  const world = await RoomWorld.open({ graceMs: 10 })
  const compacted = await world.room('compacted')
  const left = new FakePeer()
  compacted.add(left)
  compacted.receive(left, new Author().type('x'.repeat(9_000)), false)
  await world.clock.advance(5)
  compacted.remove(left)
  world.store.compact = () => new Promise(() => {})
  await world.clock.advance(20)
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  room.receive(peer, new Author().type('a'), false)
  const closed = world.rooms.close(3_000)
  await world.clock.advance(100)
  expect(peer.durableSeq).toBe(1)
  await world.clock.advance(3_000)
  expect(await closed).toBe(0)
  expect(world.clock.waiting).toBe(0)
})

const RUNS = count('COSCRIBE_REGISTRY_RUNS', 150)

type Step = 'join' | 'leave' | 'edit' | 'wait' | 'hang' | 'heal' | 'fail'

it(`[R15] joins, leaves, edits and a failing disk in any order lose nothing (${RUNS} runs)`, async () => {
  const step = constantFrom<Step>('join', 'leave', 'edit', 'wait', 'hang', 'heal', 'fail')
  const steps = array(record({ step, ms: integer({ min: 0, max: 3_000 }) }), {
    minLength: 5,
    maxLength: 40,
  })
  await assert(
    asyncProperty(steps, async (script) => {
      const world = await RoomWorld.open({ graceMs: 1_000 })
      const inside: { peer: FakePeer; room: Awaited<ReturnType<typeof world.room>> }[] = []
      let typed = 0
      const author = new Author()
      for (const { step: what, ms } of script) {
        if (what === 'join') {
          const peer = new FakePeer({ principal: 'ada' })
          void world.room().then((room) => {
            room.add(peer)
            inside.push({ peer, room })
          })
        } else if (what === 'leave') {
          const member = inside.shift()
          member?.room.remove(member.peer)
        } else if (what === 'edit') {
          const member = inside.at(-1)
          if (member !== undefined) {
            typed += 1
            expect(member.room.receive(member.peer, author.type('x'), false)).toMatchObject({
              outcome: 'accepted',
            })
          }
        } else if (what === 'wait') await world.clock.advance(ms)
        else world.store[what]()
      }
      world.store.heal()
      await world.clock.advance(60_000)
      // Whoever is inside is in the one room there is.
      const room = inside.length > 0 ? await world.room() : null
      for (const member of inside) expect(member.room).toBe(room)
      for (const member of inside.splice(0)) member.room.remove(member.peer)
      await world.clock.advance(60_000)
      expect(world.rooms.size).toBe(0)
      expect(world.clock.waiting).toBe(0)
      expect(textOf(await world.stored())).toBe('x'.repeat(typed))
    }),
    { numRuns: RUNS },
  )
})

it('[R76] rooms that nobody has open are at most 1,000, and nobody is put out of one', async () => {
  const world = await RoomWorld.open({ graceMs: 3_600_000 })
  const home = await world.room('home')
  home.add(new FakePeer())
  for (let visit = 0; visit < 1_500; visit++) {
    const room = await world.room(`visited ${visit}`)
    const visitor = new FakePeer()
    room.add(visitor)
    room.remove(visitor)
  }
  await world.clock.settle()
  expect(world.rooms.size).toBeLessThanOrEqual(1_001)
  expect(await world.room('home')).toBe(home)
  expect(home.memberCount).toBe(1)
})

it('[R76] rooms do not wait in memory for a compaction that is slower than visitors are', async () => {
  const folds: ((result: FoldResult) => void)[] = []
  const runner: FoldRunner = {
    fold: () => new Promise((resolve) => folds.push(resolve)),
    close: () => Promise.resolve(),
  }
  const world = await RoomWorld.open({ graceMs: 10, runner })
  const update = new Author().type('x'.repeat(70_000))
  for (let visit = 0; visit < 1_200; visit++) {
    const room = await world.room(`visited ${visit}`)
    const visitor = new FakePeer()
    room.add(visitor)
    room.receive(visitor, update, false)
    room.remove(visitor)
    await world.clock.advance(20)
  }
  // One is being compacted all the while.
  expect(world.rooms.size).toBeLessThanOrEqual(1_001)
  expect((await world.disk.stat('visited 100'))?.lastSeq).toBe(1)
  folds[0]?.({ kind: 'failed', message: 'given up' })
  await world.clock.settle()
  expect(world.rooms.size).toBeLessThanOrEqual(1_000)
})

it('[R76] rooms that nobody has open hold only so many bytes, whatever their number', async () => {
  const world = await RoomWorld.open({ graceMs: 3_600_000, emptyBytes: 100_000 })
  const update = new Author().type('x'.repeat(30_000))
  for (let visit = 0; visit < 10; visit++) {
    const room = await world.room(`visited ${visit}`)
    const visitor = new FakePeer()
    room.add(visitor)
    room.receive(visitor, update, false)
    room.remove(visitor)
    await world.clock.advance(20)
  }
  expect(world.rooms.size).toBe(3)
  expect((await world.disk.stat('visited 0'))?.lastSeq).toBe(1)
  const large = await world.room('larger than all')
  const owner = new FakePeer()
  large.add(owner)
  large.receive(owner, new Author().type('x'.repeat(200_000)), false)
  large.remove(owner)
  await world.clock.advance(20)
  expect(world.rooms.size).toBe(1)
  expect(await world.room('larger than all')).toBe(large)
})

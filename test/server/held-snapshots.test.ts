import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { silentLogger } from '../../server/src/log.js'
import { HeldSnapshots } from '../../server/src/rooms/held-snapshots.js'
import type { Room } from '../../server/src/rooms/room.js'
import { FakePeer } from '../support/fake-peer.js'
import { Author, docOf, RoomWorld, textOf, updatesOf } from '../support/room-world.js'
import { VirtualClock } from '../support/virtual-clock.js'

const KiB = 1024
const NOTHING = new Uint8Array([0])

/** A document with a snapshot and a tail, open, and somebody in it who writes. */
async function openFolded(size = 50 * KiB) {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  const author = new Author()
  room.receive(peer, author.type('x'.repeat(size)), false)
  await world.clock.advance(100)
  await world.compactor.compact(room)
  room.receive(peer, author.type('tail'), false)
  await world.clock.advance(100)
  return { world, room, peer, author }
}

let loads = 0

/** Counts the reads of a store. */
function countLoads(world: RoomWorld): void {
  loads = 0
  const load = world.store.load.bind(world.store)
  world.store.load = (id) => {
    loads += 1
    return load(id)
  }
}

function joined(room: Room): Y.Doc | null {
  const answer = room.answer(NOTHING)
  return answer === null ? null : docOf(updatesOf(answer))
}

it('[R43] a snapshot that nobody needed for a minute leaves memory; edits go on, and the next joiners read it once', async () => {
  const { world, room, peer, author } = await openFolded()
  countLoads(world)
  await world.clock.advance(55_000)
  expect(joined(room)).not.toBeNull()
  // That was a use.
  await world.clock.advance(55_000)
  expect(joined(room)).not.toBeNull()
  await world.clock.advance(70_000)
  expect(joined(room)).toBeNull()
  expect(room.log.snapshotBytes).toBeGreaterThan(50 * KiB)
  room.receive(peer, author.type('more'), false)
  await world.clock.advance(100)
  expect(peer.durableSeq).toBe(3)
  const late = { historyId: room.historyId, incarnation: room.incarnation, seq: 2 }
  expect(updatesOf(room.resume(late))).toHaveLength(1)
  expect(loads).toBe(0)
  const fetched = await Promise.all(Array.from({ length: 20 }, () => room.fetch()))
  expect(fetched.every(Boolean)).toBe(true)
  expect(loads).toBe(1)
  expect(textOf(joined(room)!)).toBe(textOf(author.doc))
  // Everybody shares the bytes.
  const [one, other] = [updatesOf(room.answer(NOTHING)), updatesOf(room.answer(NOTHING))]
  expect(one[0]).toBe(other[0])
})

it('[R43] a snapshot that was let go is read for compaction, and a compaction meanwhile is no harm', async () => {
  const { world, room, peer, author } = await openFolded()
  await world.clock.advance(70_000)
  expect(joined(room)).toBeNull()
  await world.compactor.compact(room)
  expect(room.log.tailCount).toBe(0)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
  await world.clock.advance(70_000)
  room.receive(peer, author.type('more'), false)
  await world.clock.advance(100)
  // Read before the compaction, delivered after it: of a snapshot that is none any more.
  const load = world.store.load.bind(world.store)
  const old = await world.disk.load('doc')
  const waiting: (() => void)[] = []
  world.store.load = async () => {
    await new Promise<void>((resolve) => waiting.push(resolve))
    return old
  }
  const fetching = room.fetch()
  await world.clock.settle()
  const state = Y.encodeStateAsUpdate(author.doc)
  room.fold({ upToSeq: room.headSeq, parts: [state] }, null)
  for (const release of waiting) release()
  expect(await fetching).toBe(true)
  world.store.load = load
  expect(textOf(joined(room)!)).toBe(textOf(author.doc))
})

it('[R43] a snapshot that cannot be read again is said, never served in part; who is in goes on', async () => {
  const { world, room, peer, author } = await openFolded()
  await world.clock.advance(70_000)
  const load = world.store.load.bind(world.store)
  world.store.load = () => Promise.reject(new Error('the disk is on fire'))
  expect(await room.fetch()).toBe(false)
  expect(joined(room)).toBeNull()
  await world.compactor.compact(room)
  expect(room.log.tailCount).toBe(1)
  room.receive(peer, author.type('more'), false)
  await world.clock.advance(100)
  expect(peer.durableSeq).toBe(3)
  world.store.load = load
  expect(await room.fetch()).toBe(true)
  expect(textOf(joined(room)!)).toBe(textOf(author.doc))
})

it('[R43] a compaction that is on disk, but was not reported to be, is what joiners get', async () => {
  const { world, room, peer, author } = await openFolded()
  const compact = world.store.compact.bind(world.store)
  world.store.compact = async (...args) => {
    await compact(...args)
    throw new Error('the disk failed afterwards')
  }
  await world.compactor.compact(room)
  expect(room.log.tailCount).toBe(1)
  await world.clock.advance(70_000)
  expect(joined(room)).toBeNull()
  room.receive(peer, author.type('more'), false)
  await world.clock.advance(100)
  expect(await room.fetch()).toBe(true)
  expect(textOf(joined(room)!)).toBe(textOf(author.doc))
  expect(textOf(docOf(updatesOf(room.after(1))))).toBe(textOf(author.doc))
  world.store.compact = compact
  await world.compactor.compact(room)
  expect(room.log.tailCount).toBe(0)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R43] a slow reader whose place fell behind the snapshot waits for it', async () => {
  const { world, room, peer, author } = await openFolded()
  await world.compactor.compact(room)
  await world.clock.advance(70_000)
  expect(room.after(1)).toBeNull()
  expect(room.after(room.headSeq)).not.toBeNull()
  await room.fetch()
  expect(textOf(docOf(updatesOf(room.after(1))))).toBe(textOf(author.doc))
  room.remove(peer)
})

/** A snapshot without a room. */
class Holder {
  readonly documentId = 'doc'
  readonly log: { snapshotBytes: number }
  held = true

  constructor(snapshotBytes: number) {
    this.log = { snapshotBytes }
  }

  restoreSnapshot(): boolean {
    return this.held
  }

  releaseSnapshot(): void {
    this.held = false
  }
}

it('[R43] above the bound the one used longest ago goes first, but none that was just read', async () => {
  const clock = new VirtualClock()
  const snapshots = new HeldSnapshots({
    clock,
    logger: silentLogger,
    maxBytes: 300 * KiB,
    read: () => Promise.resolve(null),
  })
  const holders = Array.from({ length: 5 }, () => new Holder(100 * KiB))
  const held = () => holders.map((holder) => holder.held)
  for (const holder of holders) {
    snapshots.used(holder)
    await clock.advance(10)
  }
  expect(held()).toEqual([true, true, true, true, true])
  await clock.advance(900)
  snapshots.used(holders[0]!)
  await clock.advance(5_000)
  expect(held()).toEqual([true, false, false, true, true])
  expect(snapshots.bytes).toBe(300 * KiB)
  // A larger one in the place of the one before counts as what it is.
  holders[4]!.log.snapshotBytes = 250 * KiB
  snapshots.replaced(holders[4]!)
  await clock.advance(5_000)
  expect(held()).toEqual([true, false, false, false, false])
  snapshots.forget(holders[0]!)
  expect(snapshots.bytes).toBe(0)
  expect(clock.waiting).toBe(0)
})

it('[R43] small snapshots stay', async () => {
  const { world, room } = await openFolded(1 * KiB)
  await world.clock.advance(200_000)
  expect(joined(room)).not.toBeNull()
})

it('[R15] rooms that come and go leave neither timer nor room behind', async () => {
  const world = await RoomWorld.open({ graceMs: 1_000 })
  const author = new Author()
  for (let round = 0; round < 20; round++) {
    const rooms = await Promise.all(Array.from({ length: 30 }, (_, i) => world.room(`doc ${i}`)))
    for (const [i, room] of rooms.entries()) {
      const peers = [new FakePeer(), new FakePeer()]
      for (const peer of peers) room.add(peer)
      room.receive(peers[0]!, author.type('x'.repeat(1 + i * 300)), false)
      room.answer(NOTHING)
      await world.clock.advance(5)
      for (const peer of peers) room.remove(peer)
    }
    await world.clock.advance(120_000)
    expect(world.rooms.size).toBe(0)
    expect(world.clock.waiting).toBe(0)
    expect(world.writer.queuedBytes).toBe(0)
  }
})

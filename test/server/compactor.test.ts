import { MemoryStore, type Snapshot } from '@coscribe/storage'
import { afterEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { systemClock } from '@coscribe/shared'
import { checked, foldUpdates, type FoldResult } from '../../server/src/persistence/fold.js'
import { WorkerRunner, type FoldRunner } from '../../server/src/persistence/fold-runner.js'
import { PIECE_BYTES } from '../../server/src/persistence/pieces.js'
import type { Room } from '../../server/src/rooms/room.js'
import { FakePeer } from '../support/fake-peer.js'
import {
  Author,
  docOf,
  RoomWorld,
  textOf,
  updatesOf,
  type WorldSetup,
} from '../support/room-world.js'
import { FaultyStore, storedUpdates } from '../support/faulty-store.js'

/** A runner whose work waits to be let go, and may be given another result. */
class HeldRunner implements FoldRunner {
  readonly folding: Uint8Array[][] = []
  #release: ((result: FoldResult) => void) | null = null

  fold(records: readonly Uint8Array[]): Promise<FoldResult> {
    this.folding.push([...records])
    return new Promise((resolve) => (this.#release = resolve))
  }

  release(result = foldUpdates(this.folding.at(-1) ?? [])): void {
    this.#release?.(result)
    this.#release = null
  }

  async close(): Promise<void> {
    this.release({ kind: 'failed', message: 'closed' })
  }
}

async function openWith(setup: WorldSetup) {
  const world = await RoomWorld.open(setup)
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  return { world, room, peer }
}

/** The room of a document that takes several turns to load. */
async function loaded(world: RoomWorld): Promise<Room> {
  const room = world.room()
  await world.clock.advance(100)
  return room
}

/** Everything a joiner is sent. */
function joined(room: Room): Y.Doc {
  return docOf(updatesOf(room.answer(new Uint8Array([0]))))
}

it('[R17] edits go on while a document is compacted, and its tail stays', async () => {
  const runner = new HeldRunner()
  const { world, room, peer } = await openWith({ runner })
  const author = new Author()
  for (let i = 0; i < 50; i++) room.receive(peer, author.type('ab'), false)
  for (let i = 0; i < 30; i++) room.receive(peer, author.erase(1), false)
  await world.clock.advance(100)
  const compacted = world.compactor.compact(room)
  await world.clock.settle()
  expect(runner.folding).toHaveLength(1)
  const late = new FakePeer()
  room.add(late)
  room.receive(peer, author.type('late'), false)
  await world.clock.advance(100)
  expect(peer.durableSeq).toBe(81)
  expect(late.delivered).toHaveLength(1)
  runner.release()
  await compacted
  const stored = await world.disk.load('doc')
  expect(stored?.snapshot?.upToSeq).toBe(80)
  expect(stored?.tail).toHaveLength(1)
  expect(room.log.tailCount).toBe(1)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
  expect(textOf(joined(room))).toBe(textOf(author.doc))
  room.receive(peer, author.type('later'), false)
  await world.clock.advance(100)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R17] what outgrew the snapshot while it was made is folded next, without another edit', async () => {
  const runner = new HeldRunner()
  const { world, room, peer } = await openWith({ runner })
  const author = new Author()
  room.receive(peer, author.type('first'), false)
  await world.clock.advance(100)
  const compacted = world.compactor.compact(room)
  await world.clock.settle()
  for (let i = 0; i < 1_100; i++) room.receive(peer, author.type('x'), false)
  await world.clock.advance(100)
  runner.release()
  await world.clock.settle()
  expect(runner.folding).toHaveLength(2)
  runner.release()
  await compacted
  expect(room.log.tailCount).toBe(0)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R17] only what is on disk is folded', async () => {
  const runner = new HeldRunner()
  const { world, room, peer } = await openWith({ runner })
  const author = new Author()
  room.receive(peer, author.type('a'), false)
  await world.clock.advance(100)
  world.store.hang()
  room.receive(peer, author.type('b'), false)
  await world.clock.advance(100)
  void world.compactor.compact(room)
  await world.clock.settle()
  expect(runner.folding).toHaveLength(1)
  expect(textOf(docOf(runner.folding[0] ?? []))).toBe('a')
  world.store.heal()
})

it('[R17] compaction is considered when edits are on disk, not when they are received', async () => {
  const runner = new HeldRunner()
  const { world, room, peer } = await openWith({ runner })
  const author = new Author()
  world.store.hang()
  for (let i = 0; i < 1_100; i++) room.receive(peer, author.type('x'), false)
  await world.clock.advance(100)
  expect(runner.folding).toHaveLength(0)
  world.store.heal()
  await world.clock.advance(100)
  expect(runner.folding.map((records) => records.length)).toEqual([1_100])
  runner.release()
  await world.clock.settle()
  expect(room.log.tailCount).toBe(0)
})

it('[R40] the snapshot of a large text is a list of pieces, which a joiner gets as they are', async () => {
  const { world, room, peer } = await openWith({})
  const author = new Author()
  for (let i = 0; i < 5; i++) room.receive(peer, author.type(`${i}`.repeat(700_000)), true)
  await world.clock.advance(100)
  await world.compactor.compact(room)
  const parts = (await world.disk.load('doc'))?.snapshot?.parts ?? []
  expect(parts.length).toBeGreaterThanOrEqual(4)
  for (const part of parts) expect(part.length).toBeLessThanOrEqual(PIECE_BYTES)
  expect(textOf(joined(room)) === textOf(author.doc)).toBe(true)
  const again = await loaded(await RoomWorld.open({ store: world.disk }))
  expect(again.stateVector()).toEqual(Y.encodeStateVector(author.doc))
  expect(textOf(joined(again)) === textOf(author.doc)).toBe(true)
})

it('[R40] a large snapshot that was stored in one part is still read, joined and folded', async () => {
  const disk = new MemoryStore()
  const world = await RoomWorld.open({ store: disk })
  const author = new Author()
  const update = author.type('x'.repeat(5_000_000))
  await disk.append([
    { documentId: 'doc', historyId: 'a'.repeat(32), firstSeq: 1, updates: [update] },
  ])
  await disk.compact('doc', { upToSeq: 1, parts: [Y.encodeStateAsUpdate(author.doc)] })
  const room = await loaded(world)
  expect(textOf(joined(room)) === textOf(author.doc)).toBe(true)
  const peer = new FakePeer()
  room.add(peer)
  room.receive(peer, author.type('y'), false)
  await world.clock.advance(100)
  await world.compactor.compact(room)
  expect((await disk.load('doc'))?.snapshot?.parts.length).toBeGreaterThan(4)
  expect(textOf(joined(room)) === textOf(author.doc)).toBe(true)
})

it('[R17] a tail that outgrows its snapshot is compacted, and a short one when the room is left', async () => {
  const { world, room, peer } = await openWith({ graceMs: 1_000 })
  const author = new Author()
  for (let i = 0; i < 1_100; i++) {
    room.receive(peer, author.type('x'), false)
    if (i % 100 === 0) await world.clock.advance(10)
  }
  await world.clock.advance(100)
  expect(room.log.snapshotSeq).toBeGreaterThan(900)
  for (let i = 0; i < 150; i++) room.receive(peer, author.type('y'), false)
  room.remove(peer)
  await world.clock.advance(2_000)
  const stored = await world.disk.load('doc')
  expect(stored?.tail).toHaveLength(0)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R17] deletions that yjs derives are known after compaction', async () => {
  const { world, room, peer } = await openWith({})
  const [one, other] = [new Author(1), new Author(2)]
  one.doc.getMap('map').set('key', 'one')
  other.doc.getMap('map').set('key', 'other')
  room.receive(peer, one.last, false)
  room.receive(peer, other.last, false)
  await world.clock.advance(100)
  await world.compactor.compact(room)
  Y.applyUpdate(one.doc, other.answer())
  const seq = room.headSeq
  // The loser of the two is in this replica's delete set, though no update ever carried its deletion.
  expect(room.receive(peer, one.answer(room.stateVector()), true)).toEqual({
    outcome: 'accepted',
    seq,
  })
})

it('[R18] what waits for something missing survives compaction', async () => {
  const { world, room, peer } = await openWith({})
  const author = new Author()
  const updates = ['a', 'b', 'c', 'd'].map((text) => author.type(text))
  const deletion = author.erase(4)
  const reader = new Author()
  Y.applyUpdate(reader.doc, author.answer())
  for (const update of [updates[0], updates[2], updates[3], deletion]) {
    if (update !== undefined) room.receive(peer, update, false)
  }
  await world.clock.advance(100)
  const vector = room.stateVector()
  await world.compactor.compact(room)
  expect(room.log.tailCount).toBe(0)
  expect(room.stateVector()).toEqual(vector)
  const doc = docOf(await storedUpdates(world.disk, 'doc'))
  expect(doc.store.pendingStructs).not.toBeNull()
  Y.applyUpdate(doc, updates[1] ?? new Uint8Array())
  expect(doc.store.pendingStructs).toBeNull()
  expect(doc.store.pendingDs).toBeNull()
  expect(textOf(doc)).toBe('')
  expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(author.doc))
})

it('[R19] a document with an update that yjs cannot integrate becomes read-only, and loses nothing', async () => {
  const runner = new HeldRunner()
  const { world, room, peer } = await openWith({ runner })
  const author = new Author()
  const updates = ['a', 'b', 'c', 'd'].map((text) => author.type(text))
  for (const update of updates) room.receive(peer, update, false)
  await world.clock.advance(100)
  const compacted = world.compactor.compact(room)
  await world.clock.settle()
  runner.release({ kind: 'unintegrable', record: 2, message: 'boom' })
  await compacted
  expect(room.readOnly).toMatchObject({ code: 'read-only' })
  expect(room.readOnly?.message).toContain('update 3')
  expect(peer.writableReasons).toEqual([room.readOnly])
  const late = room.receive(peer, author.type('e'), false)
  expect(late).toMatchObject({ outcome: 'refused', code: 'read-only' })
  // Reading goes on, and an operator finds everything.
  expect(room.answer(new Uint8Array([0]))).toMatchObject({ seq: 4 })
  const stored = await world.disk.load('doc')
  expect(stored?.tail).toEqual(updates)
  expect(stored?.readOnlyReason).toBe(room.readOnly?.message)
})

it('[R19] a document that was set aside is read-only after a restart too', async () => {
  const { world, room, peer } = await openWith({})
  const author = new Author()
  room.receive(peer, author.type('a'), false)
  await world.clock.advance(100)
  await world.disk.mark('doc', 'an operator has to decide')
  const again = await (await RoomWorld.open({ store: world.disk })).room()
  expect(again.readOnly).toEqual({ code: 'read-only', message: 'an operator has to decide' })
  again.add(peer)
  const late = again.receive(peer, author.type('b'), false)
  expect(late).toMatchObject({ outcome: 'refused', code: 'read-only' })
})

it('[R19] the update at fault is found among the others', () => {
  const author = new Author()
  for (let i = 0; i < 40; i++) author.type('x')
  const updates = [...author.updates]
  updates.splice(23, 0, poison())
  expect(foldUpdates(updates)).toMatchObject({ kind: 'unintegrable', record: 23 })
})

/** Plain values nested so deeply that yjs can take but not write them; the walk refuses it. */
function poison(): Uint8Array {
  const depth = 20_000
  const json = new TextEncoder().encode('['.repeat(depth) + ']'.repeat(depth))
  const length = [
    (json.length & 0x7f) | 0x80,
    ((json.length >> 7) & 0x7f) | 0x80,
    json.length >> 14,
  ]
  // One struct of client 7 at clock 0: an embed in the root "t".
  return Uint8Array.from([1, 1, 7, 0, 0x05, 1, 1, 0x74, ...length, ...json, 0])
}

it('[R20] a folded state that does not contain exactly what went in is none', () => {
  const author = new Author()
  const records = ['a', 'b', 'c'].map((text) => author.type(text))
  records.push(author.erase(1))
  const state = Y.encodeStateAsUpdate(author.doc)
  const shorter = docOf(records.slice(0, 2))
  const undeleted = docOf(records.slice(0, 3))
  expect(checked(records, { integrated: [state], waiting: [] }).kind).toBe('folded')
  const wrong: Uint8Array[][] = [
    [],
    [new Author().type('something else')],
    [state, new Author().type('more')],
    [Y.encodeStateAsUpdate(shorter)],
    [Y.encodeStateAsUpdate(undeleted)],
    [Uint8Array.of(1, 2, 3)],
  ]
  for (const integrated of wrong) {
    expect(checked(records, { integrated, waiting: [] }).kind).toBe('failed')
  }
})

it('[R20] a fold that failed changes nothing', async () => {
  const runner = new HeldRunner()
  const { world, room, peer } = await openWith({ runner })
  const author = new Author()
  for (const text of ['a', 'b']) room.receive(peer, author.type(text), false)
  await world.clock.advance(100)
  const compacted = world.compactor.compact(room)
  await world.clock.settle()
  runner.release({ kind: 'failed', message: 'out of memory' })
  await compacted
  expect((await world.disk.load('doc'))?.snapshot).toBeNull()
  expect(textOf(await world.stored())).toBe('ab')
  expect(room.readOnly).toBeNull()
})

it('[R20] a disk that does not take a compaction leaves the document as it was', async () => {
  const { world, room, peer } = await openWith({})
  const author = new Author()
  for (const text of ['a', 'b']) room.receive(peer, author.type(text), false)
  await world.clock.advance(100)
  world.store.fail()
  await world.compactor.compact(room)
  world.store.heal()
  expect(room.log.tailCount).toBe(2)
  room.receive(peer, author.type('c'), false)
  await world.clock.advance(10_000)
  expect(peer.durableSeq).toBe(3)
  expect(textOf(joined(room))).toBe('abc')
})

/** Notices calls that overlap for one document. */
class OverlapStore extends FaultyStore {
  overlaps = 0
  readonly #busy = new Set<string>()

  override async append(batch: Parameters<FaultyStore['append']>[0]): Promise<void> {
    await this.#alone(
      batch.map(({ documentId }) => documentId),
      () => super.append(batch),
    )
  }

  override async compact(documentId: string, snapshot: Snapshot): Promise<void> {
    await this.#alone([documentId], () => super.compact(documentId, snapshot))
  }

  async #alone(ids: readonly string[], action: () => Promise<void>): Promise<void> {
    for (const id of ids) {
      if (this.#busy.has(id)) this.overlaps += 1
      this.#busy.add(id)
    }
    await new Promise((resolve) => setImmediate(resolve))
    await action()
    for (const id of ids) this.#busy.delete(id)
  }
}

it('[R17] commit and compaction of one document never overlap in the store', async () => {
  const store = new OverlapStore(new MemoryStore())
  const { world, room, peer } = await openWith({ store })
  const author = new Author()
  for (let i = 0; i < 40; i++) {
    room.receive(peer, author.type('x'), false)
    const compacted = world.compactor.compact(room)
    room.receive(peer, author.type('y'), false)
    await world.clock.advance(i % 5)
    await world.clock.advance(2)
    await compacted
  }
  // Each write of this store takes a turn of the real event loop.
  for (let i = 0; i < 20; i++) await world.clock.advance(10)
  expect(store.overlaps).toBe(0)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

const runners: WorkerRunner[] = []
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close()
})

function workerRunner(more: { timeoutMs?: number; heapMiB?: number } = {}): WorkerRunner {
  const runner = new WorkerRunner({ clock: systemClock, ...more })
  runners.push(runner)
  return runner
}

it('[R21] a worker folds, and one that takes too much time or memory ends without an answer', async () => {
  const author = new Author()
  for (let i = 0; i < 3_000; i++) author.type('word ')
  const runner = workerRunner()
  const folded = await runner.fold(author.updates)
  expect(folded.kind).toBe('folded')
  if (folded.kind === 'folded') expect(textOf(docOf(folded.parts))).toBe(textOf(author.doc))
  // The records were copied, not taken.
  expect(author.updates[0]?.length).toBeGreaterThan(0)

  expect(await workerRunner({ timeoutMs: 1 }).fold(author.updates)).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('1 ms'),
  })
  const many = new Author()
  many.doc.transact(() => {
    const list = many.doc.getArray('list')
    for (let i = 0; i < 200_000; i++) list.insert(0, [i])
  })
  expect(await workerRunner({ heapMiB: 16 }).fold(many.updates)).toMatchObject({ kind: 'failed' })
  expect(await runner.fold(author.updates)).toMatchObject({ kind: 'folded' })
})

it('[R21] a worker that is closed amid its work gives no answer', async () => {
  const author = new Author()
  for (let i = 0; i < 100; i++) author.type('x')
  const runner = workerRunner()
  const folding = runner.fold(author.updates)
  await runner.close()
  expect(await folding).toMatchObject({ kind: 'failed' })
})

import { decodeStateVector, encodeStateVector } from '@coscribe/shared'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import type { CatchUp } from '../../server/src/rooms/update-batch.js'
import { FakePeer } from '../support/fake-peer.js'
import { Author, docOf, RoomWorld, textOf, updatesOf } from '../support/room-world.js'

const EMPTY_VECTOR = new Uint8Array([0])

it('[R2] an update is acknowledged when it is on disk, and not before', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  world.store.hang()
  expect(room.receive(peer, new Author().type('a'), false)).toEqual({ outcome: 'accepted', seq: 1 })
  await world.clock.advance(1_000)
  expect(room.headSeq).toBe(1)
  expect(room.durableSeq).toBe(0)
  expect(peer.durableSeqs).toEqual([])
  world.store.heal()
  await world.clock.advance(10_000)
  expect(room.durableSeq).toBe(1)
  expect(peer.durableSeqs).toEqual([1])
  expect(textOf(await world.stored())).toBe('a')
})

it('[R2] what is known but not on disk is not acknowledged either', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [peer, other] = [new FakePeer(), new FakePeer()]
  room.add(peer)
  room.add(other)
  world.store.hang()
  const update = new Author().type('a')
  room.receive(peer, update, false)
  // The number of the update it repeats, which is above what is durable.
  expect(room.receive(other, update.slice(), false)).toEqual({ outcome: 'accepted', seq: 1 })
  await world.clock.advance(1_000)
  expect(room.durableSeq).toBe(0)
  world.store.heal()
  await world.clock.settle()
  expect(other.durableSeq).toBe(1)
})

it('[R29] the updates of a turn reach each member in one batch, with their authors', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [writer, reader] = [new FakePeer(), new FakePeer({ access: 'read' })]
  room.add(writer)
  room.add(reader)
  const author = new Author()
  const updates = [author.type('a'), author.type('b'), author.type('c')]
  for (const update of updates) room.receive(writer, update, false)
  expect(reader.batches).toEqual([])
  await world.clock.settle()
  expect(reader.batches).toHaveLength(1)
  expect(reader.delivered).toEqual(updates)
  expect(writer.batches[0]).toBe(reader.batches[0])
  expect(writer.delivered).toEqual([])
})

it('[R3] bytes that are no update change nothing', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  const update = new Author().type('hello')
  for (const bytes of [update.slice(0, -1), new Uint8Array(), Uint8Array.of(255, 255, 1)]) {
    expect(room.receive(peer, bytes, false)).toMatchObject({ outcome: 'malformed' })
  }
  expect(room.headSeq).toBe(0)
})

it('[R4] a session without write access changes nothing, and what it merely repeats is accepted', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [writer, reader] = [new FakePeer(), new FakePeer({ access: 'comment' })]
  room.add(writer)
  room.add(reader)
  const author = new Author()
  room.receive(writer, author.type('a'), false)
  expect(room.receive(reader, author.answer(), true)).toEqual({ outcome: 'accepted', seq: 1 })
  const refused = { outcome: 'refused', code: 'read-only' }
  expect(room.receive(reader, author.type('b'), false)).toMatchObject(refused)
  expect(room.receive(reader, author.erase(1), false)).toMatchObject(refused)
  await world.clock.advance(100)
  expect(room.headSeq).toBe(1)
  expect(textOf(await world.stored())).toBe('a')
})

it('[R5] only the new part of an update is stored and relayed, and a repetition not at all', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [peer, other] = [new FakePeer(), new FakePeer()]
  room.add(peer)
  room.add(other)
  const author = new Author()
  for (let i = 0; i < 500; i++) author.type('word ')
  for (let i = 0; i < 200; i++) author.doc.getText('text').delete(i * 3, 2)
  room.receive(peer, author.answer(), true)
  await world.clock.advance(100)
  const appends = world.store.appends
  for (let i = 0; i < 5; i++) room.receive(peer, author.answer(room.stateVector()), true)
  await world.clock.advance(100)
  expect(world.store.appends).toBe(appends)
  expect(room.headSeq).toBe(1)

  author.type('x')
  const answer = author.answer(room.stateVector())
  expect(answer.length).toBeGreaterThan(400)
  expect(room.receive(peer, answer, true)).toEqual({ outcome: 'accepted', seq: 2 })
  await world.clock.advance(100)
  expect(other.delivered.at(-1)?.length).toBeLessThan(24)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R6] a gap is stored, its sender asked at once and at a rate, the others when it stays', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  // One person's: what somebody else brings in their name would wait for their word.
  const [sender, other] = [new FakePeer({ principal: 'ada' }), new FakePeer({ principal: 'ada' })]
  room.add(sender)
  room.add(other)
  const author = new Author()
  const first = author.type('a')
  const lost = author.type('b')
  room.receive(sender, first, false)
  for (let i = 0; i < 20; i++) {
    const receipt = room.receive(sender, author.type('c'), false)
    expect(receipt).toEqual({ outcome: 'accepted', seq: i + 2 })
  }
  const asked = sender.sentOf('sync-step-1')
  expect(asked).toHaveLength(1)
  // The contiguous prefix, so that the answer begins with what is missing.
  expect(decodeStateVector(asked[0]?.stateVector ?? EMPTY_VECTOR)).toEqual(
    new Map([[author.doc.clientID, 1]]),
  )
  expect(other.sentOf('sync-step-1')).toHaveLength(0)
  await world.clock.advance(1_000)
  expect(other.sentOf('sync-step-1')).toHaveLength(1)
  room.receive(other, lost, true)
  await world.clock.advance(60_000)
  expect(sender.sentOf('sync-step-1')).toHaveLength(1)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R6] who was asked just before is asked again for what comes after, when its pause is over', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [gone, writer] = [new FakePeer(), new FakePeer()]
  room.add(gone)
  room.add(writer)
  const stranger = new Author()
  stranger.type('a')
  room.receive(gone, stranger.type('b'), false)
  room.remove(gone)
  await world.clock.advance(1_000)
  expect(writer.sentOf('sync-step-1')).toHaveLength(1)

  // What the stranger began will never come; the writer has all of its own.
  const author = new Author()
  author.type('a')
  await world.clock.advance(300)
  room.receive(writer, author.type('b'), false)
  expect(writer.sentOf('sync-step-1')).toHaveLength(1)
  await world.clock.advance(2_000)
  expect(writer.sentOf('sync-step-1')).toHaveLength(2)
  await world.clock.advance(60_000)
  expect(writer.sentOf('sync-step-1')).toHaveLength(2)
})

it('[R7] an answer brings what is missing', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const writer = new FakePeer()
  room.add(writer)
  const author = new Author()
  const early = [author.type('abc'), author.type('def'), author.erase(1)]
  for (const update of early) room.receive(writer, update, false)

  const whole = room.answer(EMPTY_VECTOR)
  expect(whole).toMatchObject({ seq: 3 })
  expect(updatesOf(whole)).toEqual(early)

  const behind = docOf(early.slice(0, 1))
  for (const update of updatesOf(room.answer(Y.encodeStateVector(behind)))) {
    Y.applyUpdate(behind, update)
  }
  expect(textOf(behind)).toBe(textOf(author.doc))
  expect(room.answer(Uint8Array.of(7))).toMatchObject({ fault: expect.any(String) })
})

it('[R7] an empty room has nothing to answer with', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  expect(room.answer(EMPTY_VECTOR)).toMatchObject({ batches: [], seq: 0 })
})

it('[R7] all who lack the same share one answer, until the document changes', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const writer = new FakePeer()
  room.add(writer)
  const author = new Author()
  for (let i = 0; i < 300; i++) room.receive(writer, author.type('x'), false)
  const early = docOf(author.updates.slice(0, 100))
  const vector = Y.encodeStateVector(early)
  const [one, other] = [room.answer(EMPTY_VECTOR), room.answer(EMPTY_VECTOR)] as CatchUp[]
  expect(one?.batches).toHaveLength(2)
  expect(one?.batches.every((batch, index) => batch === other?.batches[index])).toBe(true)
  const slice = room.answer(vector)
  expect(room.answer(Uint8Array.from(vector))).toBe(slice)
  room.receive(writer, author.type('y'), false)
  expect(room.answer(vector)).not.toBe(slice)
  const later = room.answer(EMPTY_VECTOR) as CatchUp
  expect(later.batches[0]).toBe(one?.batches[0])
  expect(later.batches[1]).not.toBe(one?.batches[1])
  expect(updatesOf(later)).toEqual(author.updates)
})

it('[B2] who fell behind is given what came since, or the whole after a compaction', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const writer = new FakePeer()
  room.add(writer)
  const author = new Author()
  for (let i = 0; i < 600; i++) room.receive(writer, author.type('x'), false)
  expect(updatesOf(room.after(250))).toEqual(author.updates.slice(250))
  expect(updatesOf(room.after(600))).toEqual([])
  await world.clock.advance(100)
  await world.compactor.compact(room)
  room.receive(writer, author.type('y'), false)
  expect(updatesOf(room.after(600))).toEqual(author.updates.slice(600))
  expect(textOf(docOf(updatesOf(room.after(250))))).toBe(textOf(author.doc))
})

it('[R7] what waits for the next flush is part of an answer, and comes no second time', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [writer, joiner] = [new FakePeer(), new FakePeer()]
  room.add(writer)
  room.receive(writer, new Author().type('a'), false)
  room.add(joiner)
  expect(room.answer(EMPTY_VECTOR)).toMatchObject({ seq: 1 })
  const batches = joiner.batches.length
  await world.clock.settle()
  expect(joiner.batches).toHaveLength(batches)
})

it('[R8] a resume point counts only in its history and incarnation, when it is durable', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const writer = new FakePeer()
  room.add(writer)
  const author = new Author()
  const updates = ['a', 'b', 'c'].map((text) => author.type(text))
  for (const update of updates.slice(0, 2)) room.receive(writer, update, false)
  await world.clock.advance(100)
  world.store.hang()
  room.receive(writer, author.last, false)
  await world.clock.advance(100)

  const { historyId, incarnation } = room
  const elsewhere = '0'.repeat(32)
  expect(room.resume({ historyId: elsewhere, incarnation, seq: 1 })).toBeNull()
  expect(room.resume({ historyId, incarnation: elsewhere, seq: 1 })).toBeNull()
  expect(room.resume({ historyId, incarnation, seq: 3 })).toBeNull()
  const missed = room.resume({ historyId, incarnation, seq: 1 })
  expect(missed).toMatchObject({ seq: 3 })
  expect(updatesOf(missed)).toEqual(updates.slice(1))
})

it('[R8] a resume point from before the snapshot falls back to the state vector', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  const author = new Author()
  for (const text of ['a', 'b', 'c']) room.receive(peer, author.type(text), false)
  await world.clock.advance(100)
  await world.compactor.compact(room)
  const { historyId, incarnation } = room
  expect(room.resume({ historyId, incarnation, seq: 2 })).toBeNull()
  expect(room.resume({ historyId, incarnation, seq: 3 })).toMatchObject({ seq: 3 })
})

it('[R9] a full document takes deletions and nothing else, and the session stays', async () => {
  const world = await RoomWorld.open({ limits: { documentBytes: 2_000 } })
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  const author = new Author()
  room.receive(peer, author.type('x'.repeat(1_900)), false)
  const tooMuch = new Author()
  Y.applyUpdate(tooMuch.doc, author.answer())
  const refused = { outcome: 'refused', code: 'document-full' }
  expect(room.receive(peer, tooMuch.type('y'.repeat(200)), false)).toMatchObject(refused)
  for (let i = 0; i < 20; i++) {
    expect(room.receive(peer, author.erase(10), false)).toMatchObject({ outcome: 'accepted' })
  }
  expect(peer.closed).toEqual([])
  await world.clock.advance(100)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
  // Not without end: what deletions may add is bounded too.
  let last: unknown
  for (let i = 0; i < 600; i++) last = room.receive(peer, author.erase(1), false)
  expect(last).toMatchObject(refused)
})

it('[R10] what waits counts against its limit after somebody was asked', async () => {
  const world = await RoomWorld.open({ limits: { pendingBytes: 1_000 } })
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  const author = new Author()
  const lost = author.type('a')
  expect(room.receive(peer, author.type('b'.repeat(3_000)), false)).toMatchObject({ seq: 1 })
  const refused = { outcome: 'refused', code: 'pending-full' }
  expect(room.receive(peer, author.type('c'), false)).toMatchObject(refused)
  expect(room.receive(peer, lost, true)).toMatchObject({ seq: 2 })
  // The gap is closed, and what was refused comes up with the next answer.
  expect(room.receive(peer, author.answer(room.stateVector()), true)).toMatchObject({ seq: 3 })
  await world.clock.advance(100)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R10] reconnecting does not make what waits count anew', async () => {
  const world = await RoomWorld.open({ limits: { pendingBytes: 1_000 } })
  const room = await world.room()
  room.add(new FakePeer())
  const author = new Author()
  author.type('a')
  const outcomes: string[] = []
  for (let i = 0; i < 10; i++) {
    const peer = new FakePeer()
    room.add(peer)
    outcomes.push(room.receive(peer, author.type('b'.repeat(3_000)), false).outcome)
    room.remove(peer)
    await world.clock.advance(60_000)
  }
  expect(outcomes).toEqual(['accepted', ...Array.from({ length: 9 }, () => 'refused')])
})

it('[R10] nor does leaving the room until it is loaded again', async () => {
  const world = await RoomWorld.open({ limits: { pendingBytes: 1_000 }, graceMs: 1_000 })
  const author = new Author()
  author.type('a')
  const outcomes: string[] = []
  for (let i = 0; i < 5; i++) {
    const room = await world.room()
    const peer = new FakePeer()
    room.add(peer)
    outcomes.push(room.receive(peer, author.type('b'.repeat(3_000)), false).outcome)
    room.remove(peer)
    await world.clock.advance(60_000)
    expect(world.rooms.size).toBe(0)
  }
  expect(outcomes).toEqual(['accepted', ...Array.from({ length: 4 }, () => 'refused')])
})

it('[R9] a document that was full takes edits again when compaction made room', async () => {
  const world = await RoomWorld.open({ limits: { documentBytes: 20_000 } })
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  const author = new Author()
  room.receive(peer, author.type('x'.repeat(19_000)), false)
  room.receive(peer, author.erase(18_000), false)
  await world.clock.advance(100)
  const text = author.type('y'.repeat(2_000))
  expect(room.receive(peer, text, false)).toMatchObject({ code: 'document-full' })
  await world.clock.advance(100)
  expect(room.receive(peer, text, false)).toMatchObject({ outcome: 'accepted' })
  await world.clock.advance(100)
  expect(textOf(await world.stored())).toBe(textOf(author.doc))
})

it('[R6] a session that may only read is not asked for what others lack', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [sender, reader] = [new FakePeer(), new FakePeer({ access: 'read' })]
  room.add(sender)
  room.add(reader)
  const author = new Author()
  author.type('lost')
  room.receive(sender, author.type('a'), false)
  await world.clock.advance(10_000)
  expect(sender.sentOf('sync-step-1').length).toBeGreaterThan(0)
  expect(reader.sentOf('sync-step-1')).toEqual([])
})

it('[R27] a session that throws is put out, and the others are served', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [writer, faulty, other] = [new FakePeer(), new FakePeer(), new FakePeer()]
  for (const peer of [writer, faulty, other]) room.add(peer)
  faulty.deliver = () => {
    throw new Error('this session is broken')
  }
  room.receive(writer, new Author().type('a'), false)
  await world.clock.advance(100)
  expect(faulty.closed).toEqual(['internal'])
  expect(room.memberCount).toBe(2)
  expect(other.delivered).toHaveLength(1)
  expect(writer.durableSeq).toBe(1)
})

it('[B14] who lacks all kinds of halves is sent the stored bytes, once much was cut', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const writer = new FakePeer()
  room.add(writer)
  const authors = Array.from({ length: 12 }, (_, client) => new Author(client + 1))
  for (const [index, { doc }] of authors.entries()) {
    const map = doc.getMap(`map ${index}`)
    // A type in a type keeps the state in one piece, which slices are cut from.
    doc.transact(() => {
      map.set('long', 'x'.repeat(500_000))
      map.set('type', new Y.Map())
    })
    room.receive(writer, authors[index]?.last ?? EMPTY_VECTOR, false)
  }
  await world.clock.advance(100)
  await world.compactor.compact(room)
  const whole = updatesOf(room.answer(EMPTY_VECTOR))
  expect(whole).toHaveLength(1)
  const shares = [5, 6, 7].flatMap((size) => authors.map((_, first) => ({ first, size })))
  const answers = shares.map(({ first, size }) => {
    const known = Array.from({ length: size }, (_, i) => ((first + i) % authors.length) + 1)
    return room.answer(encodeStateVector(new Map(known.map((client) => [client, 2]))))
  })
  const buffers = new Set(answers.flatMap(updatesOf).map(({ buffer }) => buffer))
  const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(bytes).toBeLessThan((64 + 7) * 1024 * 1024)
  expect(answers.some((answer) => updatesOf(answer)[0] === whole[0])).toBe(true)
})

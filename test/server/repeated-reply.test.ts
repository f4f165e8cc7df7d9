import { UpdateScan } from '@coscribe/shared'
import { expect, it, vi } from 'vitest'
import type { Room } from '../../server/src/rooms/room.js'
import { FakePeer } from '../support/fake-peer.js'
import { Author, RoomWorld, type WorldSetup } from '../support/room-world.js'

const FULL = { outcome: 'refused', code: 'document-full' }

/** How many updates were walked while `action` ran. */
function walks(action: () => unknown): number {
  const spy = vi.spyOn(UpdateScan.prototype, 'reset')
  action()
  const { length } = spy.mock.calls
  spy.mockRestore()
  return length
}

async function roomWith(
  setup: WorldSetup,
): Promise<{ world: RoomWorld; room: Room; peer: FakePeer }> {
  const world = await RoomWorld.open(setup)
  const room = await world.room()
  const peer = new FakePeer()
  room.add(peer)
  return { world, room, peer }
}

it('[R45] an answer that was refused costs a comparison when it is offered again', async () => {
  const { room, peer } = await roomWith({ limits: { documentBytes: 100 } })
  const other = new FakePeer()
  room.add(other)
  const reply = new Author().type('x'.repeat(200))
  expect(walks(() => expect(room.receive(peer, reply, true)).toMatchObject(FULL))).toBe(1)
  for (const from of [peer, other]) {
    const again = (): void => expect(room.receive(from, reply.slice(), true)).toMatchObject(FULL)
    expect(walks(again)).toBe(0)
  }
  const another = new Author().type('y'.repeat(200))
  expect(walks(() => expect(room.receive(peer, another, true)).toMatchObject(FULL))).toBe(1)
  expect(walks(() => expect(room.receive(peer, another, false)).toMatchObject(FULL))).toBe(1)
})

it('[R45] it is looked at again when the document has changed, and taken when it fits or is known', async () => {
  const { room, peer } = await roomWith({ limits: { rootNames: 1 } })
  const author = new Author()
  author.doc.getText('one').insert(0, 'x')
  author.doc.getText('two').insert(0, 'y')
  const reply = author.answer()
  expect(room.receive(peer, reply, true)).toMatchObject({ outcome: 'refused', code: 'bad-update' })
  const small = new Author()
  small.doc.getText('one').insert(0, 'z')
  expect(room.receive(peer, small.answer(), true)).toEqual({ outcome: 'accepted', seq: 1 })
  expect(walks(() => room.receive(peer, reply.slice(), true))).toBe(1)
})

it('[R45] a session that may not write, and one that may again, are told so each time', async () => {
  const { world, room, peer } = await roomWith({})
  const reader = new FakePeer({ access: 'read' })
  room.add(reader)
  const reply = new Author().type('x')
  const readOnly = { outcome: 'refused', code: 'read-only' }
  expect(room.receive(reader, reply, true)).toMatchObject(readOnly)
  expect(walks(() => expect(room.receive(reader, reply, true)).toMatchObject(readOnly))).toBe(0)
  expect(room.receive(peer, reply, true)).toEqual({ outcome: 'accepted', seq: 1 })
  expect(room.receive(reader, reply, true)).toEqual({ outcome: 'accepted', seq: 1 })
  await world.clock.settle()
  const more = new Author().type('y')
  expect(room.receive(reader, more, true)).toMatchObject(readOnly)
  reader.access = 'write'
  expect(room.receive(reader, more, true)).toEqual({ outcome: 'accepted', seq: 2 })
})

it('[R45] of answers above a mebibyte nothing is kept, nor of any when nobody is there', async () => {
  const { room, peer } = await roomWith({ limits: { documentBytes: 100 } })
  const reply = new Author().type('x'.repeat(200))
  const large = new Author().type('x'.repeat(1024 * 1024))
  room.receive(peer, reply, true)
  room.receive(peer, large, true)
  for (const bytes of [large, reply]) {
    expect(walks(() => expect(room.receive(peer, bytes, true)).toMatchObject(FULL))).toBe(1)
  }
  room.remove(peer)
  room.add(peer)
  expect(walks(() => room.receive(peer, reply, true))).toBe(1)
})

it('[R45] so does one that brought nothing new', async () => {
  const { room, peer } = await roomWith({})
  const reply = new Author().type('x')
  const known = { outcome: 'accepted', seq: 1 }
  expect(room.receive(peer, reply, true)).toEqual(known)
  expect(walks(() => expect(room.receive(peer, reply, true)).toEqual(known))).toBeGreaterThan(0)
  expect(walks(() => expect(room.receive(peer, reply, true)).toEqual(known))).toBe(0)
})

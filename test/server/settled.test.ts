import { expect, it } from 'vitest'
import { FakePeer } from '../support/fake-peer.js'
import { Author, RoomWorld } from '../support/room-world.js'

it('[R90] who waits for what was received does not wait for what is received later', async () => {
  const world = await RoomWorld.open()
  const room = await world.room('doc')
  const peer = new FakePeer()
  room.add(peer)
  const author = new Author()
  const done: string[] = []
  world.store.hang()
  room.receive(peer, author.type('a'), false)
  await world.clock.advance(100)
  expect(world.store.writesHanging).toBe(1)
  void world.rooms.settled('doc').then(() => done.push('this one'))
  void world.rooms.settled('').then(() => done.push('all'))
  void world.rooms.settled('other').then(() => done.push('another'))
  room.receive(peer, author.type('b'), false)
  void room.settled().then(() => done.push('later'))
  await world.clock.advance(100)
  expect(done).toEqual(['another'])
  world.store.letThrough()
  await world.clock.advance(100)
  expect(done).toEqual(['another', 'this one', 'all'])
  world.store.heal()
  await world.clock.advance(100)
  expect(done.at(-1)).toBe('later')
})

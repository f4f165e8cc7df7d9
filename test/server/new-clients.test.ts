import { expect, it } from 'vitest'
import { FakePeer } from '../support/fake-peer.js'
import { Author, RoomWorld } from '../support/room-world.js'

/** Somebody who may bring new clients or not, and what the room asked. */
class Newcomer extends FakePeer {
  may = false
  readonly asked: number[] = []

  brings(clients: number): string | null {
    this.asked.push(clients)
    return this.may ? null : 'try again in 7 s'
  }
}

it('[B37] an update with too many new clients changes nothing, and is taken when it comes again later', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peer = new Newcomer()
  room.add(peer)
  const ada = new Author(1)
  ada.type('hello')
  for (const solicited of [true, false, true]) {
    expect(room.receive(peer, ada.answer(), solicited)).toEqual({
      outcome: 'refused',
      code: 'rate-limited',
      message: 'try again in 7 s',
    })
  }
  expect(room.headSeq).toBe(0)
  peer.may = true
  expect(room.receive(peer, ada.answer(), true).outcome).toBe('accepted')
  expect(room.headSeq).toBe(1)
})

it('[B37] who is known in a document is never refused, nor what is known', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peer = new Newcomer()
  room.add(peer)
  const ada = new Author(1)
  peer.may = true
  room.receive(peer, ada.type('hello'), false)
  peer.may = false
  expect(room.receive(peer, ada.type(' again'), false).outcome).toBe('accepted')
  expect(room.receive(peer, ada.answer(), true).outcome).toBe('accepted')
  expect(peer.asked).toEqual([1])
  expect(room.headSeq).toBe(2)
})

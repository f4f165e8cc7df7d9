import { CoscribeError } from '@coscribe/shared'
import { expect, it } from 'vitest'
import { silentLogger } from '../../server/src/log.js'
import { Admission } from '../../server/src/transport/admission.js'
import { isRefusal } from '../../server/src/transport/refusal.js'
import { RoomDoor } from '../../server/src/transport/room-door.js'
import type { SessionRoom } from '../../server/src/transport/session-room.js'
import { FakePeer } from '../support/fake-peer.js'
import { Author, RoomWorld } from '../support/room-world.js'
import { VirtualClock } from '../support/virtual-clock.js'

const MiB = 1024 * 1024

/** Asks for entry and writes down who came in, in which order. */
class Crowd {
  readonly clock = new VirtualClock()
  readonly admission: Admission
  readonly inside: string[] = []
  readonly refused: string[] = []

  constructor(maxWaiting?: number) {
    const { clock } = this
    this.admission = new Admission(maxWaiting === undefined ? { clock } : { clock, maxWaiting })
  }

  async ask(name: string, bytes: number): Promise<void> {
    const admitted = this.admission.enter(bytes)
    if (admitted === true || (await admitted)) this.inside.push(name)
    else this.refused.push(name)
  }

  async askAll(count: number, bytes: number, name = 'join'): Promise<void> {
    for (let i = 0; i < count; i++) void this.ask(`${name} ${i}`, bytes)
    await Promise.resolve()
  }
}

it('[B20] of many that come at once a few are let in each turn, in their order', async () => {
  const crowd = new Crowd()
  await crowd.askAll(100, 1_000)
  expect(crowd.inside).toHaveLength(4)
  expect(crowd.admission.waiting).toBe(96)
  await crowd.clock.settle()
  expect(crowd.inside).toEqual(Array.from({ length: 100 }, (_, i) => `join ${i}`))
  expect(crowd.clock.waiting).toBe(0)
})

it('[B20] the bytes of a turn are bounded too, and one document above the bound has a turn of its own', async () => {
  const crowd = new Crowd()
  await crowd.askAll(10, 3 * MiB)
  expect(crowd.inside).toHaveLength(2)
  await crowd.clock.settle()
  expect(crowd.inside).toHaveLength(10)
  await crowd.askAll(3, 60 * MiB, 'large')
  expect(crowd.inside).toHaveLength(11)
  await crowd.clock.settle()
  expect(crowd.inside).toHaveLength(13)
})

it('[B20] who needs little goes before who needs much, but does not keep them waiting without end', async () => {
  const crowd = new Crowd()
  await crowd.askAll(4, 0, 'first')
  void crowd.ask('large', 64 * 64 * 1024)
  await crowd.askAll(200, 0, 'small')
  await crowd.clock.settle()
  const place = crowd.inside.indexOf('large') - 4
  expect(place).toBeGreaterThanOrEqual(63)
  expect(place).toBeLessThanOrEqual(66)
})

it('[B20] beyond the bound on who may wait a join is refused as overloaded, and enters later', async () => {
  const world = await RoomWorld.open()
  const admission = new Admission({ clock: world.clock, maxWaiting: 20 })
  const limits = { documentIdBytes: 255, maxConnectionsPerDocument: 1_000 }
  const door = new RoomDoor(world.rooms, limits, silentLogger, admission)
  const entering = Array.from({ length: 50 }, () => door.enter('doc', null))
  await world.clock.settle()
  const outcomes = await Promise.all(entering)
  const refused = outcomes.filter(isRefusal)
  expect(refused).toHaveLength(50 - 4 - 20)
  expect(new Set(refused.map(({ name }) => name))).toEqual(new Set(['overloaded']))
  expect(isRefusal(await door.enter('doc', null))).toBe(false)
})

it('[B20] a room that left memory while somebody waited for it is loaded again', async () => {
  const world = await RoomWorld.open({ graceMs: 0 })
  const admission = new Admission({ clock: world.clock })
  const limits = { documentIdBytes: 255, maxConnectionsPerDocument: 1_000 }
  const door = new RoomDoor(world.rooms, limits, silentLogger, admission)
  // Enough of the others that this one waits for several turns.
  for (let i = 0; i < 2_000; i++) void admission.enter(0)
  const peer = new FakePeer()
  const entering = door.enter('doc', null).then((outcome) => {
    const room = outcome as SessionRoom
    room.add(peer)
    return room
  })
  await world.clock.settle()
  const room = await entering
  room.receive(peer, new Author().type('a'), false)
  await world.clock.advance(100)
  expect(peer.durableSeq).toBe(1)
  expect(await world.room()).toBe(room)
})

it('[B20] control: let in all at once, everybody is answered in one turn', async () => {
  const crowd = new Crowd()
  const admitted = Array.from({ length: 100 }, () => crowd.admission.enter(0))
  expect(admitted.filter((outcome) => outcome === true)).toHaveLength(4)
  const without = Array.from({ length: 100 }, () => new Admission({ clock: crowd.clock }).enter(0))
  expect(without.every((outcome) => outcome === true)).toBe(true)
})

it('[B21] at most 16 documents are read at a time, and all are in the end', async () => {
  const world = await RoomWorld.open()
  let reading = 0
  let most = 0
  const waiting: (() => void)[] = []
  const load = world.store.load.bind(world.store)
  world.store.load = async (id) => {
    most = Math.max(most, ++reading)
    await new Promise<void>((resolve) => waiting.push(resolve))
    reading--
    if (id === 'doc 3') throw new CoscribeError('document-unavailable', 'damaged')
    return load(id)
  }
  const opening = Array.from({ length: 50 }, (_, i) => world.room(`doc ${i}`))
  const outcomes = Promise.allSettled(opening)
  for (let i = 0; i < 60; i++) {
    await world.clock.settle()
    waiting.shift()?.()
  }
  const results = await outcomes
  expect(most).toBe(16)
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1)
})

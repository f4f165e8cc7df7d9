import { afterEach, expect, it } from 'vitest'
import type { FakePeerSetup } from '../support/fake-peer.js'
import { FakePeer } from '../support/fake-peer.js'
import { AwareClient } from '../support/aware-client.js'
import {
  decodePresence,
  encodeEntry,
  encodePresence,
} from '../../server/src/rooms/presence-codec.js'
import type { Room } from '../../server/src/rooms/room.js'
import { RoomWorld } from '../support/room-world.js'

const clients: AwareClient[] = []
afterEach(() => {
  for (const each of clients.splice(0)) each.destroy()
})

function client(name: string | null, setup: FakePeerSetup = {}): AwareClient {
  const created = new AwareClient(setup)
  clients.push(created)
  if (name === null) created.awareness.setLocalState(null)
  else created.say(name)
  return created
}

async function meet(names: readonly string[]) {
  const world = await RoomWorld.open({ graceMs: 3_600_000 })
  const room = await world.room()
  // Past the time in which everybody may be returning from before a restart.
  await world.clock.advance(61_000)
  const people = names.map((name) => client(name))
  for (const person of people) {
    person.connect(room)
    await world.clock.settle()
  }
  return { world, room, people }
}

function states(update: Uint8Array | undefined) {
  const entries = decodePresence(update ?? new Uint8Array())
  if (typeof entries === 'string') throw new Error(entries)
  return entries.map(({ clientId, clock, state }) => ({
    clientId,
    clock,
    state: state === null ? null : (JSON.parse(Buffer.from(state).toString()) as unknown),
  }))
}

function say(room: Room, peer: FakePeer, clientId: number, clock: number, json: string | null) {
  const state = json === null ? null : new TextEncoder().encode(json)
  return room.presence.receive(peer, encodePresence([encodeEntry({ clientId, clock, state })]))
}

it('[R22] everybody sees everybody, whoever came first', async () => {
  const { world, people } = await meet(['ann', 'bob', 'cleo'])
  await world.clock.advance(1_000)
  for (const person of people) expect(person.names).toEqual(['ann', 'bob', 'cleo'])
})

it('[R22] what a client says of others is ignored, so a change goes out once to each', async () => {
  const { world, people } = await meet(Array.from({ length: 20 }, (_, index) => `p${index}`))
  await world.clock.advance(1_000)
  const before = people.map((person) => person.peer.presence.length)
  people[0]?.say('renamed')
  await world.clock.advance(1_000)
  const heard = people.map((person, index) => person.peer.presence.length - (before[index] ?? 0))
  expect(heard).toEqual([0, ...Array.from({ length: 19 }, () => 1)])
  for (const person of people) expect(person.names).toContain('renamed')
})

it('[R22] a session speaks for one client, and not for one that somebody else speaks for', async () => {
  const { world, room, people } = await meet(['ann', 'bob'])
  const [ann, bob] = people
  const stranger = new FakePeer()
  room.add(stranger)
  say(room, stranger, ann?.id ?? 0, 900, '{"name":"forged"}')
  say(room, stranger, 77, 1, '{"name":"mallory"}')
  say(room, stranger, 78, 1, '{"name":"second"}')
  say(room, stranger, ann?.id ?? 0, 901, '{"name":"forged"}')
  await world.clock.advance(10_000)
  expect(bob?.names).toEqual(['ann', 'bob', 'mallory'])
})

it('[R23] clocks are passed on unchanged, and an owner never hears its own state', async () => {
  const { world, room } = await meet([])
  const [owner, other] = [new FakePeer(), new FakePeer()]
  room.add(owner)
  room.add(other)
  for (const clock of [3, 4, 9]) {
    say(room, owner, 42, clock, `{"at":${clock}}`)
    await world.clock.settle()
    expect(states(other.presence.at(-1))).toEqual([{ clientId: 42, clock, state: { at: clock } }])
  }
  room.presence.sendAll(owner)
  expect(owner.presence).toEqual([])
  expect(owner.sentOf('presence')).toEqual([])
  // An older statement, and the same one again, change nothing.
  const heard = other.presence.length
  say(room, owner, 42, 8, '{"at":8}')
  say(room, owner, 42, 9, '{"at":99}')
  await world.clock.settle()
  expect(other.presence).toHaveLength(heard)
})

it('[R24] after a short interruption both sides see each other within a second, and nobody reverts', async () => {
  for (const way of ['leave', 'drop'] as const) {
    const { world, room, people } = await meet(['ann', 'bob', 'cleo'])
    const [ann] = people
    for (let blip = 0; blip < 5; blip++) {
      ann?.[way]()
      await world.clock.advance(200)
      ann?.connect(room)
      await world.clock.advance(700)
      for (const person of people) expect(person.names).toEqual(['ann', 'bob', 'cleo'])
      await world.clock.advance(5_000)
    }
    ann?.say('ann again')
    await world.clock.advance(3_000)
    for (const person of people) {
      expect(person.names).toEqual(['ann again', 'bob', 'cleo'])
      expect(person.reverts).toBe(0)
    }
  }
})

it('[R24] control: a room that only forwards leaves them invisible to each other', async () => {
  const { world, people } = await meet(['ann', 'bob'])
  const [ann, bob] = people
  // What a forwarding server does: the same two states, with the clocks of before.
  ann?.leave()
  await world.clock.advance(200)
  expect(bob?.names).toEqual(['bob'])
  const annState = encodePresence([
    encodeEntry({
      clientId: ann?.id ?? 0,
      clock: ann?.awareness.meta.get(ann.id)?.clock ?? 0,
      state: new TextEncoder().encode('{"name":"ann"}'),
    }),
  ])
  if (bob !== undefined) bob.hear(bob.peer, annState)
  expect(bob?.names).toEqual(['bob'])
})

it('[R24] after a restart of the server everybody sees everybody within a second', async () => {
  const { world, people } = await meet(['ann', 'bob', 'cleo'])
  await world.clock.advance(1_000)
  for (const person of people) person.drop()
  const again = await RoomWorld.open({ store: world.disk })
  const room = await again.room()
  for (const person of people) {
    person.connect(room)
    await again.clock.advance(100)
  }
  await again.clock.advance(700)
  for (const person of people) {
    expect(person.names).toEqual(['ann', 'bob', 'cleo'])
    expect(person.reverts).toBe(0)
  }
})

it('[R25] a session of the same principal succeeds an older one at once', async () => {
  const { world, room, people } = await meet(['ann'])
  const tab = client('tab', { principal: 'person' })
  tab.connect(room)
  await world.clock.advance(1_000)
  tab.drop()
  tab.say('moved on')
  tab.connect(room)
  await world.clock.advance(10)
  expect(people[0]?.names).toEqual(['ann', 'moved on'])
})

it('[R25] a stranger succeeds a session that does not answer within 2 s, and none that does', async () => {
  const { world, room, people } = await meet(['ann'])
  const [ann] = people
  const lost = client('lost')
  lost.connect(room)
  await world.clock.advance(1_000)
  lost.drop()
  lost.say('returned')
  lost.connect(room)
  await world.clock.advance(1_500)
  expect(ann?.names).toEqual(['ann', 'lost'])
  await world.clock.advance(1_000)
  expect(ann?.names).toEqual(['ann', 'returned'])

  const forger = new FakePeer()
  room.add(forger)
  say(room, forger, ann?.id ?? 0, 5_000, '{"name":"forged"}')
  await world.clock.advance(5_000)
  expect(lost.names).toEqual(['ann', 'returned'])
})

it('[R25] a tab without presence of its own, which only echoes, takes nobody over', async () => {
  for (const setup of [{}, { principal: 'person' }]) {
    const { world, room, people } = await meet(['ann'])
    const bob = client('bob', setup)
    bob.connect(room)
    await world.clock.advance(1_000)
    const silent = client(null, setup)
    silent.connect(room)
    await world.clock.advance(100)
    bob.say('bob 2')
    await world.clock.advance(3_000)
    bob.say('bob 3')
    await world.clock.advance(3_000)
    expect(people[0]?.names).toEqual(['ann', 'bob 3'])
    expect(silent.names).toEqual(['ann', 'bob 3'])
    silent.leave()
    await world.clock.advance(1_000)
    expect(people[0]?.names).toEqual(['ann', 'bob 3'])
    expect(bob.reverts).toBe(0)
  }
})

it('[R26] a session that leaves is gone at once, and nobody else with it', async () => {
  const { world, people } = await meet(['ann', 'bob', 'cleo'])
  people[1]?.leave()
  await world.clock.settle()
  expect(people[0]?.names).toEqual(['ann', 'cleo'])
  expect(people[2]?.names).toEqual(['ann', 'cleo'])
})

it('[R26] the old session of a client that returned takes nothing with it', async () => {
  const { world, room, people } = await meet(['ann', 'bob'])
  const [ann, bob] = people
  const old = ann?.drop()
  ann?.connect(room)
  await world.clock.advance(5_000)
  old?.room.remove(old.peer)
  await world.clock.advance(1_000)
  expect(bob?.names).toEqual(['ann', 'bob'])
})

it('[R28] a state is an object within its limits, without keys that change prototypes', async () => {
  const { world, room } = await meet([])
  const [owner, other] = [new FakePeer(), new FakePeer()]
  room.add(owner)
  room.add(other)
  say(room, owner, 42, 1, '{"fine":true}')
  const refused: readonly (readonly [json: string, code: string])[] = [
    [`{"big":"${'x'.repeat(5_000)}"}`, 'too-large'],
    ['{"a":{"b":{"c":{"d":1}}}}'.replace('1', '{}'), 'too-large'],
    ['42', 'bad-message'],
    ['[]', 'bad-message'],
    ['{"broken"', 'bad-message'],
    ['{"__proto__":{"admin":true}}', 'bad-message'],
    ['{"a":{"constructor":1}}', 'bad-message'],
    ['{"a":[{"prototype":1}]}', 'bad-message'],
  ]
  for (const [json, code] of refused) {
    expect(say(room, owner, 42, 2, json)).toMatchObject({ kind: 'refused', code })
  }
  // A cursor as editors state it is as deep as may be.
  const cursor = '{"cursor":{"anchor":{"type":null,"item":{"client":1,"clock":2}}}}'
  expect(say(room, owner, 42, 2, cursor)).toBeNull()
  await world.clock.settle()
  expect(states(other.presence.at(-1))[0]?.clock).toBe(2)
})

it('[R28] bytes that are no awareness update are told from states that are refused', async () => {
  const { room } = await meet([])
  const peer = new FakePeer()
  room.add(peer)
  const hostile = [
    Uint8Array.of(),
    Uint8Array.of(1, 1),
    Uint8Array.of(255, 255, 255, 255, 15),
    Uint8Array.of(1, 1, 1, 200, 1),
    Uint8Array.of(0, 0),
    Uint8Array.of(1, 255, 255, 255, 255, 255, 255, 255, 15, 1, 2, 123, 125),
  ]
  for (const bytes of hostile) {
    expect(room.presence.receive(peer, bytes)).toMatchObject({ kind: 'malformed' })
  }
  expect(room.presence.receive(peer, Uint8Array.of(0))).toBeNull()
})

it('[R28] ten thousand visitors leave a bounded trace', async () => {
  const { world, room } = await meet([])
  const watcher = new FakePeer()
  room.add(watcher)
  for (let id = 1; id <= 10_000; id++) {
    const visitor = new FakePeer()
    room.add(visitor)
    say(room, visitor, id, 1, '{}')
    room.remove(visitor)
  }
  await world.clock.settle()
  // Of those that left, the latest are still known, so that one that returns is recognised.
  expect(states(watcher.presence.at(-1))).toHaveLength(1_000)
  expect(room.memberCount).toBe(1)
})

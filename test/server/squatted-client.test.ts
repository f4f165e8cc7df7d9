import { decodeStateVector } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { FakePeer } from '../support/fake-peer.js'
import { inTheNameOf, Person } from '../support/room-person.js'
import { Author, RoomWorld, type WorldSetup } from '../support/room-world.js'

const ADA = 1_001
const EVE = 6_006

const accepted = { outcome: 'accepted' }
const forged = { outcome: 'refused', code: 'forged' }

function person(name: string, client: number, author?: Author): Person {
  return new Person(name, client, { authorId: name }, author)
}

/** The room leaves memory, with everything on disk, and is opened again. */
async function reopened(world: RoomWorld, setup: WorldSetup = {}): Promise<RoomWorld> {
  const closed = world.rooms.close()
  await world.clock.settle()
  expect(await closed).toBe(0)
  return RoomWorld.open({ store: world.disk, ...setup })
}

interface Squat {
  /** What Eve writes as Ada's client; by default what Ada does. */
  readonly evil?: string
  /** As who she does, `null` without presence. */
  readonly as?: number | null
  /** What stands there before, by somebody else. */
  readonly before?: string
  readonly setup?: WorldSetup
}

const HERS = 'what Ada wrote offline'

/** Ada was here and wrote nothing; then she writes offline, and Eve is first to bring something as Ada's client. */
async function squatted({ evil = HERS, as = ADA, before = '', setup = {} }: Squat) {
  const store = new MemoryStore()
  let world = await RoomWorld.open({ store, ...setup })
  const ben = person('ben', 2_002)
  let room = await world.room()
  ben.join(room)
  if (before !== '') ben.type(before)
  const ada = person('ada', ADA)
  ada.join(room)
  world = await reopened(world, setup)
  room = await world.room()
  const eve = person('eve', EVE)
  eve.join(room, false)
  if (as !== null) eve.speak(as)
  const known = new Author()
  Y.applyUpdate(known.doc, eve.author.answer())
  const update = inTheNameOf(known, evil, ADA)
  expect(eve.send(update)).toMatchObject(accepted)
  world = await reopened(world, setup)
  const hers = ada.author.type(HERS)
  return { world, room: await world.room(), ada: person('ada', ADA, ada.author), hers }
}

const ways = [
  ['in presence, too', ADA],
  ['without presence', null],
  ['while she is somebody else in presence', EVE],
] as const

describe('a client that somebody else was first to write as', () => {
  it.each(ways)(
    '[R115, R116] its owner is asked for what they wrote, and told that it is not saved: %s',
    async (_, as) => {
      const { ada, room, world } = await squatted({ evil: 'what Eve put in place!', as })
      ada.join(room)
      await world.clock.settle()
      const [question] = ada.questions()
      expect(decodeStateVector(question!)).not.toContain(ADA)
      expect(ada.send(ada.author.answer(question), true)).toMatchObject(forged)
    },
  )

  it.each(ways)(
    '[R115] control: who wrote the same is told that it is saved: %s',
    async (_, as) => {
      const { ada, room, world, hers } = await squatted({ as })
      ada.join(room)
      await world.clock.settle()
      expect(ada.answer()).toMatchObject([accepted])
      expect(ada.send(hers)).toMatchObject(accepted)
      await world.clock.advance(10_000)
      expect(ada.type('!')).toMatchObject(accepted)
    },
  )

  it.each([
    ['shorter', 'EVIL'],
    ['longer', `${HERS}, and EVIL`.replace('wrote', 'bought')],
    ['different in one letter', HERS.replace('w', 'W')],
  ])('[R115] is compared where clocks are known, also of something %s', async (_, evil) => {
    const { ada, room, hers } = await squatted({ evil })
    room.add(ada.peer)
    for (const solicited of [false, true]) {
      expect(room.receive(ada.peer, Uint8Array.from(hers), solicited)).toMatchObject(forged)
    }
  })

  it('[R115] is compared with the snapshot, also when that was let go', async () => {
    const before = 'x'.repeat(8 * 1024)
    for (const [evil, outcome] of [
      [HERS, accepted],
      [HERS.toUpperCase(), forged],
    ] as const) {
      const setup = { snapshotBytes: 0 }
      const { ada, room, world, hers } = await squatted({ evil, before, setup })
      person('ben', 2_002).join(room)
      await world.compactor.compact(room)
      await world.clock.advance(60_000)
      expect([...room.log.newestFirst()]).toEqual([null])
      room.add(ada.peer)
      const send = () => room.receive(ada.peer, Uint8Array.from(hers), false)
      // It is read again meanwhile.
      expect(send()).toMatchObject({ outcome: 'held' })
      await world.clock.advance(100)
      expect(ada.peer.decisions).toMatchObject([outcome])
      expect(send()).toMatchObject(outcome)
    }
  })

  it('[R115] nobody takes all the room of what waits, and who only reads none', async () => {
    const setup = { snapshotBytes: 0 }
    const { ada, room, world, hers } = await squatted({ before: 'x'.repeat(8 * 1024), setup })
    const ben = person('ben', 2_002)
    ben.join(room)
    await world.compactor.compact(room)
    await world.clock.advance(60_000)
    expect([...room.log.newestFirst()]).toEqual([null])
    const [bens, reader] = [ben.author.answer(), new FakePeer({ access: 'read' })]
    const hold = (peer: FakePeer, update = bens, answers = false) =>
      room.receive(peer, Uint8Array.from(update), answers).outcome
    room.add(reader)
    room.add(ada.peer)
    expect(hold(reader)).toBe('refused')
    expect(Array.from({ length: 36 }, () => hold(ben.peer))).toEqual([
      ...Array<string>(32).fill('held'),
      ...Array<string>(4).fill('refused'),
    ])
    // What there was no room for is compared when it comes again.
    expect([hold(ben.peer, bens, true), hold(ada.peer, hers)]).toEqual(['refused', 'held'])
    await world.clock.advance(1_000)
    expect(ada.peer.decisions).toMatchObject([accepted])
    expect(hold(ben.peer, bens, true)).toBe('accepted')
  })

  it('[R115] a snapshot that cannot be read is not read all the time', async () => {
    const setup = { snapshotBytes: 0 }
    const { ada, room, world, hers } = await squatted({ before: 'x'.repeat(8 * 1024), setup })
    person('ben', 2_002).join(room)
    await world.compactor.compact(room)
    await world.clock.advance(60_000)
    const load = vi.spyOn(world.disk, 'load').mockRejectedValue(new Error('damaged'))
    room.add(ada.peer)
    expect(room.receive(ada.peer, Uint8Array.from(hers), false)).toMatchObject({ outcome: 'held' })
    await world.clock.advance(31_000)
    expect(load.mock.calls.length).toBeGreaterThan(1)
    expect(load.mock.calls.length).toBeLessThan(20)
    expect(ada.peer.decisions).toMatchObject([{ code: 'unconfirmed' }])
  })

  it('[R116] who is known as its author is not asked, nor who only reads', async () => {
    const store = new MemoryStore()
    const world = await RoomWorld.open({ store })
    const ada = person('ada', ADA)
    ada.join(await world.room())
    ada.type('hello')
    const later = await reopened(world)
    const room = await later.room()
    const back = person('ada', ADA, ada.author)
    const reader = new Person('cid', ADA, { authorId: 'cid', access: 'read' })
    back.join(room)
    reader.join(room)
    await later.clock.settle()
    expect([back.questions(), reader.questions()]).toEqual([[], []])
  })

  it('[R116] in a room that stayed open, its owner is asked as well', async () => {
    const world = await RoomWorld.open()
    const room = await world.room()
    const [ada, eve] = [new Person('ada', ADA), new Person('eve', EVE)]
    ada.join(room)
    ada.leave()
    ada.author.type(HERS)
    eve.join(room)
    await world.clock.advance(10_000)
    expect(eve.send(inTheNameOf(new Author(), 'EVIL', ADA))).toMatchObject(accepted)
    const back = new Person('ada', ADA, {}, ada.author)
    back.join(room)
    await world.clock.settle()
    expect(back.answer()).toMatchObject([forged])
  })

  it('[R115] reads no more for one session than that may send', async () => {
    const { ada, room, world, hers } = await squatted({ before: 'x'.repeat(900 * 1024) })
    const mallory = person('mallory', 5_005)
    // Without presence: whoever is somebody else there only passes it on.
    mallory.join(room, false)
    ada.join(room)
    const again = mallory.author.answer()
    let taken = 0
    while (taken < 100 && mallory.send(again).outcome === 'accepted') taken++
    expect(taken).toBeGreaterThan(2)
    expect(taken).toBeLessThan(12)
    expect(mallory.send(again)).toMatchObject({ outcome: 'held' })
    expect(mallory.type('on')).toMatchObject(accepted)
    expect(ada.send(hers)).toMatchObject(accepted)
    await world.clock.advance(10_000)
    expect(mallory.peer.decisions).toMatchObject([accepted, accepted])
  })
})

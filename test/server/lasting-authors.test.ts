import {
  MemoryStore,
  type Append,
  type Author as StoredAuthor,
  type StoredDocument,
} from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { KnownAuthors } from '../../server/src/rooms/known-authors.js'
import {
  anonymousPrincipal,
  guestPrincipal,
  lastingIdOf,
  STOCK_PRINCIPAL,
  subjectPrincipal,
  userIdOf,
} from '../../server/src/transport/principal.js'
import { FakePeer } from '../support/fake-peer.js'
import { SeededRandom } from '../support/random.js'
import { inTheNameOf, Person } from '../support/room-person.js'
import { Author, RoomWorld } from '../support/room-world.js'

const ADA = 1_001
const BEN = 2_002

const held = { outcome: 'held' }
const accepted = { outcome: 'accepted' }

/** A disk that tells which authors it was given, and may forget them. */
class Disk extends MemoryStore {
  readonly given: StoredAuthor[] = []
  forgets = false

  override async append(batch: readonly Append[]): Promise<void> {
    this.given.push(...batch.flatMap(({ authors = [] }) => authors))
    await super.append(batch)
  }

  override async load(documentId: string): Promise<StoredDocument | undefined> {
    const stored = await super.load(documentId)
    return stored && this.forgets ? { ...stored, authors: new Map() } : stored
  }

  /** By client, as it is on disk. */
  async authors(): Promise<object> {
    return Object.fromEntries((await super.load('doc'))?.authors ?? [])
  }
}

/** Somebody with a credential. */
function person(name: string, client: number, author?: Author): Person {
  return new Person(name, client, { authorId: name }, author)
}

/** The server stops, with everything on disk, and another one starts. */
async function restarted(world: RoomWorld): Promise<RoomWorld> {
  const closed = world.rooms.close()
  await world.clock.settle()
  expect(await closed).toBe(0)
  return RoomWorld.open({ store: world.disk })
}

/** Somebody with what is on disk. */
async function onDisk(world: RoomWorld, disk: Disk): Promise<Author> {
  await world.clock.advance(1_000)
  const like = new Author()
  for (const update of (await disk.load('doc'))?.tail ?? []) Y.applyUpdate(like.doc, update)
  return like
}

/** Ada has written, and Ben has something of hers that the server has not; then it restarted, a while ago. */
async function adaIsAway({ speaks = true, forgets = false, awayMs = 10_000 } = {}) {
  const disk = new Disk()
  const before = await RoomWorld.open({ store: disk })
  const ada = person('ada', ADA)
  ada.join(await before.room(), speaks)
  ada.type('hello')
  const world = await restarted(before)
  disk.forgets = forgets
  const more = ada.author.type(' world')
  const room = await world.room()
  await world.clock.advance(awayMs)
  return { world, disk, more, room, ada: person('ada', ADA, ada.author) }
}

describe('after a restart', () => {
  it.each([true, false])(
    '[R107] who comes first as somebody else’s client does not become its author (control, on a disk that forgets: %s)',
    async (forgets) => {
      const { world, disk, more, room, ada } = await adaIsAway({ forgets })
      const ben = person('ben', BEN)
      ben.join(room, false)
      ben.speak(ADA)
      // It is true, and she is away.
      expect(ben.send(more)).toMatchObject(accepted)
      ada.join(room)
      expect(ada.type('!')).toMatchObject(forgets ? held : accepted)
      expect(ben.send(inTheNameOf(ada.author, ' EVIL'))).toMatchObject(forgets ? accepted : held)
      await restarted(world)
      expect(await disk.authors()).toEqual({ [ADA]: 'ada' })
      expect(disk.given.map(({ subject }) => subject)).toEqual(forgets ? ['ada', 'ben'] : ['ada'])
    },
  )

  it.each([true, false])(
    '[R107] an author without presence is known again in the middle (control, on a disk that forgets: %s)',
    async (forgets) => {
      const { more, room, ada } = await adaIsAway({ speaks: false, forgets })
      const ben = person('ben', BEN)
      ada.join(room, false)
      ben.join(room)
      expect(ada.send(more)).toMatchObject(accepted)
      expect(ben.send(inTheNameOf(ada.author, ' EVIL'))).toMatchObject(forgets ? accepted : held)
    },
  )

  it('[R107] who was written for while away is told so, whoever the writer said to be', async () => {
    const { world, room, ada } = await adaIsAway()
    const ben = person('ben', BEN)
    ben.join(room, false)
    ben.speak(ADA)
    const forged = new Author()
    for (const update of await world.disk.load('doc').then((stored) => stored?.tail ?? [])) {
      Y.applyUpdate(forged.doc, update)
    }
    expect(ben.send(inTheNameOf(forged, ' EVIL', ADA))).toMatchObject(accepted)
    ben.leave()
    room.add(ada.peer)
    const told = room.receive(ada.peer, Uint8Array.from(ada.author.last), false)
    expect(told).toMatchObject({ outcome: 'refused', code: 'forged' })
  })

  it.each([9_000, 10_000])(
    '[R119] whose client it is has ten seconds to come back: forged after %s ms',
    async (awayMs) => {
      const inTime = awayMs < 10_000
      const { world, disk, room, ada } = await adaIsAway({ awayMs })
      const ben = person('ben', BEN)
      ben.join(room)
      const forged = inTheNameOf(
        await onDisk(await RoomWorld.open({ store: disk }), disk),
        ' EVIL',
        ADA,
      )
      expect(ben.send(forged)).toMatchObject(inTime ? held : accepted)
      room.add(ada.peer)
      const hers = room.receive(ada.peer, Uint8Array.from(ada.author.last), false)
      expect(hers).toMatchObject(inTime ? accepted : { outcome: 'refused', code: 'forged' })
      const told = { outcome: 'refused', code: 'forged' }
      expect(ben.peer.decisions).toMatchObject(inTime ? [told] : [])
      await world.clock.advance(1_000)
      const text = (await onDisk(world, disk)).doc.getText('text').toString()
      expect(text).toBe(inTime ? 'hello world' : 'hello EVIL')
    },
  )

  it('[R119] what others bring of somebody who does not come back is taken after that', async () => {
    const { world, more, room } = await adaIsAway({ awayMs: 0 })
    const ben = person('ben', BEN)
    ben.join(room)
    expect(ben.send(more)).toMatchObject(held)
    await world.clock.advance(9_000)
    expect(ben.peer.decisions).toEqual([])
    await world.clock.advance(2_000)
    expect(ben.peer.decisions).toMatchObject([accepted])
  })

  it('[R119] also where it is too much to wait: they are asked for it when that is over', async () => {
    const { world, ada, more, room } = await adaIsAway({ awayMs: 0 })
    const ben = person('ben', BEN)
    ben.join(room)
    const large = ada.author.type('x'.repeat(300 * 1024))
    for (const update of [more, large]) Y.applyUpdate(ben.author.doc, update)
    const answer = ben.author.answer(room.stateVector())
    expect(ben.send(answer, true)).toMatchObject({ outcome: 'refused', code: 'pending-full' })
    await world.clock.advance(9_000)
    expect(ben.questions()).toEqual([])
    await world.clock.advance(2_000)
    expect(ben.answer()).toMatchObject([accepted])
  })

  it('[R107] of a document that was made anew nobody is known', async () => {
    const { disk, world } = await adaIsAway()
    await world.rooms.close()
    await disk.delete('doc')
    const anew = await RoomWorld.open({ store: disk })
    const ben = person('ben', ADA)
    ben.join(await anew.room())
    ben.type('mine')
    await restarted(anew)
    expect(await disk.authors()).toEqual({ [ADA]: 'ben' })
  })
})

describe('an author is remembered', () => {
  it('[R108] with the first update that is taken, and once', async () => {
    const disk = new Disk()
    const world = await RoomWorld.open({ store: disk, limits: { documentBytes: 200 } })
    const room = await world.room()
    const [ada, ben] = [person('ada', ADA), person('ben', BEN)]
    const reader = new Person('cid', 3_003, { authorId: 'cid', access: 'read' })
    for (const each of [ada, ben, reader]) each.join(room)
    const refused = { outcome: 'refused' }
    expect(reader.type('no')).toMatchObject(refused)
    expect(ben.type('x'.repeat(300))).toMatchObject({ ...refused, code: 'document-full' })
    for (const letter of 'hello') expect(ada.type(letter)).toMatchObject(accepted)
    await world.clock.advance(1_000)
    ada.leave()
    const again = person('ada', ADA, ada.author)
    again.join(room)
    again.type('!')
    await restarted(world)
    expect(disk.given).toEqual([{ client: ADA, subject: 'ada' }])
    expect(await disk.authors()).toEqual({ [ADA]: 'ada' })
  })

  it('[R108] by what it brings in an answer as the client for which it speaks, and not by what is another’s', async () => {
    const disk = new Disk()
    const world = await RoomWorld.open({ store: disk })
    const room = await world.room()
    const [ada, ben] = [person('ada', ADA), person('ben', BEN)]
    Y.applyUpdate(ben.author.doc, ada.author.type('offline'))
    ben.author.type(' too')
    ben.join(room)
    expect(ben.send(ben.author.answer(), true)).toMatchObject(accepted)
    await restarted(world)
    expect(await disk.authors()).toEqual({ [BEN]: 'ben' })
  })

  it('[R108] together with its update, however often the disk fails', async () => {
    const disk = new Disk()
    const world = await RoomWorld.open({ store: disk })
    const room = await world.room()
    const [ada, ben] = [person('ada', ADA), person('ben', BEN)]
    for (const each of [ada, ben]) each.join(room)
    world.store.fail()
    ada.type('hello')
    await world.clock.advance(500)
    ben.type('hi')
    await world.clock.advance(500)
    expect(await disk.authors()).toEqual({})
    world.store.heal()
    await world.clock.advance(10_000)
    expect(await disk.authors()).toEqual({ [ADA]: 'ada', [BEN]: 'ben' })
    ada.type('!')
    await restarted(world)
    expect(disk.given).toHaveLength(2)
    expect((await disk.load('doc'))?.lastSeq).toBe(3)
  })

  it('[R113] not while somebody else speaks for the client, who may only read yet', async () => {
    const disk = new Disk()
    const world = await RoomWorld.open({ store: disk })
    const room = await world.room()
    const ada = new Person('ada', ADA, { authorId: 'ada', access: 'read' })
    const ben = person('ben', BEN)
    ada.join(room)
    ben.join(room, false)
    expect(ben.send(inTheNameOf(new Author(), 'mine', ADA))).toMatchObject(accepted)
    ada.peer.access = 'write'
    // What she wrote has no place any more, and she is told so; what she goes on with is hers, and nobody is asked.
    const told = { outcome: 'refused', code: 'forged' }
    expect(ada.send(ada.author.type('hello'))).toMatchObject(told)
    const more = inTheNameOf(await onDisk(world, disk), ' more', ADA)
    expect(ada.send(more)).toMatchObject(accepted)
    await restarted(world)
    expect(await disk.authors()).toEqual({ [ADA]: 'ada' })
  })

  it('[R108] by nothing but what only they have', async () => {
    const proof = anonymousPrincipal('', new SeededRandom(1)).principal
    const guest = guestPrincipal('link:ab12', proof)
    expect(lastingIdOf(subjectPrincipal('ada'))).toBe('ada')
    expect(lastingIdOf(guest)).toBe(userIdOf(guest))
    expect(lastingIdOf(guest)).toMatch(/^link:[0-9a-f]{16}$/)
    const others = [
      proof,
      STOCK_PRINCIPAL,
      guestPrincipal('link:ab12', 'the session of a y-websocket client'),
      subjectPrincipal('half \uD83D of a character'),
    ]
    expect(others.map(lastingIdOf)).toEqual(['', '', '', ''])
    const disk = new Disk()
    const world = await RoomWorld.open({ store: disk })
    const anybody = new Person(proof, ADA)
    anybody.join(await world.room())
    anybody.type('hello')
    await restarted(world)
    expect([disk.given, (await disk.load('doc'))?.lastSeq]).toEqual([[], 1])
  })
})

describe('[R109] the authors a room knows', () => {
  it('are found among any others', () => {
    const random = new SeededRandom(7)
    const stored = new Map<number, string>()
    for (let i = 0; i < 300; i++) stored.set(random.below(2 ** 32), `person ${i % 7}`)
    const known = new KnownAuthors(stored)
    for (let i = 0; i < 300; i++) {
      const client = random.below(2 ** 32)
      if (stored.has(client)) continue
      stored.set(client, `person ${i % 9}`)
      known.add(client, `person ${i % 9}`)
    }
    for (const [client, subject] of stored) {
      expect(known.get(client)).toBe(subject)
      expect(known.get(client + 0.5)).toBeNull()
    }
  })

  it('are 65,536 at most', () => {
    const stored = new Map(Array.from({ length: 65_535 }, (_, client) => [client, 'ada']))
    const known = new KnownAuthors(stored)
    known.add(70_000, 'ben')
    known.add(70_001, 'cid')
    expect([70_000, 70_001].map((client) => known.get(client))).toEqual(['ben', 'cid'])
    for (let client = 80_000; client < 90_000; client++) stored.set(client, 'ada')
    const most = new KnownAuthors(stored)
    expect(Array.from(stored.keys()).filter((client) => most.get(client) !== null)).toHaveLength(
      65_536,
    )
  })

  it('are nothing to the edits of somebody who is known', async () => {
    const world = await RoomWorld.open({ store: new Disk() })
    const room = await world.room()
    let asked = 0
    const peer = new FakePeer({ principal: 'ada' })
    Object.defineProperty(peer, 'authorId', { get: () => (asked += 1) && 'ada' })
    const author = new Author(ADA)
    room.add(peer)
    room.receive(peer, Uint8Array.from(author.type('a')), false)
    const first = asked
    for (const letter of 'hello') room.receive(peer, Uint8Array.from(author.type(letter)), false)
    expect([first > 0, asked - first]).toEqual([true, 0])
  })
})

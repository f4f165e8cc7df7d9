import { expect, it } from 'vitest'
import * as Y from 'yjs'
import type { Room } from '../../server/src/rooms/room.js'
import { encodeEntry, encodePresence } from '../../server/src/rooms/presence-codec.js'
import { FakePeer, type FakePeerSetup } from '../support/fake-peer.js'
import { Author, RoomWorld, textOf, updatesOf } from '../support/room-world.js'

const ADA = 1_001
const BEN = 2_002

/** Somebody with a document, in a room. */
class Person {
  readonly author: Author
  readonly peer: FakePeer
  #room: Room | null = null
  #asked = 0
  #delivered = 0

  constructor(principal: string, clientId: number, setup: FakePeerSetup = {}) {
    this.author = new Author(clientId)
    this.peer = new FakePeer({ principal, ...setup })
  }

  /** Joins a room and takes what is there; says who it is, unless it has no presence. */
  join(room: Room, presence = true): void {
    this.#room = room
    room.add(this.peer)
    if (presence) this.speak()
    for (const update of updatesOf(room.answer(Y.encodeStateVector(this.author.doc)))) {
      Y.applyUpdate(this.author.doc, update)
    }
  }

  speak(clientId = this.author.doc.clientID): void {
    const state = new TextEncoder().encode('{}')
    this.room.presence.receive(
      this.peer,
      encodePresence([encodeEntry({ clientId, clock: 1, state })]),
    )
  }

  get room(): Room {
    if (this.#room === null) throw new Error('not in a room')
    return this.#room
  }

  leave(): void {
    this.room.remove(this.peer)
  }

  type(text: string): ReturnType<Room['receive']> {
    return this.send(this.author.type(text))
  }

  send(update: Uint8Array, solicited = false): ReturnType<Room['receive']> {
    return this.room.receive(this.peer, Uint8Array.from(update), solicited)
  }

  /** Takes what was delivered. */
  read(): void {
    const { delivered } = this.peer
    for (const update of delivered.slice(this.#delivered)) Y.applyUpdate(this.author.doc, update)
    this.#delivered = delivered.length
  }

  /** Answers what it was asked since the last time. */
  answer(): ReturnType<Room['receive']>[] {
    const questions = this.peer.sentOf('sync-step-1').slice(this.#asked)
    this.#asked += questions.length
    return questions.map(({ stateVector }) => this.send(this.author.answer(stateVector), true))
  }
}

/** What somebody with everything that is in `like` makes of it in the name of its client. */
function inTheNameOf(like: Author, text: string): Uint8Array {
  const forger = new Author()
  Y.applyUpdate(forger.doc, like.answer())
  forger.doc.clientID = like.doc.clientID
  const target = forger.doc.getText('text')
  target.insert(target.length, text)
  return Y.encodeStateAsUpdate(forger.doc, Y.encodeStateVector(like.doc))
}

async function adaAndBen(
  benIs = 'ben',
  adaSpeaks = true,
): Promise<{ world: RoomWorld; ada: Person; ben: Person }> {
  const world = await RoomWorld.open()
  const room = await world.room()
  const [ada, ben] = [new Person('ada', ADA), new Person(benIs, BEN)]
  ada.join(room, adaSpeaks)
  ben.join(room)
  ada.type('hello')
  await world.clock.settle()
  ben.read()
  return { world, ada, ben }
}

async function texts(world: RoomWorld, ...people: Person[]): Promise<string[]> {
  await world.clock.advance(1_000)
  for (const person of people) person.read()
  return [...people.map(({ author }) => textOf(author.doc)), textOf(await world.stored())]
}

it.each([true, false])(
  '[R94] what somebody else writes as a client is not taken while its author is here (presence: %s)',
  async (speaks) => {
    const { world, ada, ben } = await adaAndBen('ben', speaks)
    const forged = inTheNameOf(ada.author, ' EVIL')
    expect(ben.send(forged)).toMatchObject({ outcome: 'held' })
    expect(ada.peer.sentOf('sync-step-1')).toHaveLength(1)
    expect(ada.answer()).toMatchObject([{ outcome: 'accepted' }])
    ada.type(' world')
    expect(ben.peer.decisions).toMatchObject([{ outcome: 'refused', code: 'forged' }])
    expect(await texts(world, ada, ben)).toEqual(Array(3).fill('hello world'))
  },
)

it('[R94] control: where all are one principal, replicas differ for good', async () => {
  const { world, ada, ben } = await adaAndBen('ada')
  expect(ben.send(inTheNameOf(ada.author, ' EVIL'))).toMatchObject({ outcome: 'accepted' })
  ada.type(' world')
  const [hers, , stored] = await texts(world, ada, ben)
  expect([hers, stored]).toEqual(['hello world', 'hello EVILd'])
})

it('[R95] what comes after its author wrote the same is known, whatever it says', async () => {
  const { world, ada, ben } = await adaAndBen()
  const forged = inTheNameOf(ada.author, ' EVIL')
  ada.type(' world')
  expect(ben.send(forged)).toMatchObject({ outcome: 'accepted' })
  expect(await texts(world, ada, ben)).toEqual(Array(3).fill('hello world'))
})

it('[R95] an honest relay is accepted when the author has brought the same in another form', async () => {
  const { world, ada, ben } = await adaAndBen()
  // The server has not got it, and Ben has, by a way around the server.
  for (const letter of ' world') ada.author.type(letter)
  const [first, ...others] = ada.author.updates.slice(-6)
  Y.applyUpdate(ben.author.doc, ada.author.answer())
  const relayed = ben.author.answer(ben.room.stateVector())
  expect(ben.send(relayed)).toMatchObject({ outcome: 'held' })
  ada.send(first!)
  expect(ben.peer.decisions).toEqual([])
  for (const update of others) ada.send(update)
  expect(ben.peer.decisions).toEqual([{ outcome: 'accepted', seq: ada.room.headSeq }])
  expect(await texts(world, ada, ben)).toEqual(Array(3).fill('hello world'))
})

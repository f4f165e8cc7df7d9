import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { count } from '../support/count.js'
import { SeededRandom } from '../support/random.js'
import { inTheNameOf, Person } from '../support/room-person.js'
import { RoomWorld, textOf } from '../support/room-world.js'

const ADA = 1_001
const BEN = 2_002

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

describe('who a client belongs to', () => {
  it('[R93] to the session that speaks for it, or writes its first clock and speaks for none', async () => {
    for (const speaks of [true, false]) {
      const { ada, ben } = await adaAndBen('ben', speaks)
      expect(ben.send(inTheNameOf(ada.author, '!'))).toMatchObject({ outcome: 'held' })
    }
  })

  it('[R93] not to one that only passed it on: in an answer, or while it speaks for another', async () => {
    for (const [speaks, solicited] of [
      [true, false],
      [false, true],
    ] as const) {
      const room = await (await RoomWorld.open()).room()
      const [ada, ben] = [new Person('ada', ADA), new Person('ben', BEN)]
      ben.join(room, speaks)
      expect(ben.send(ada.author.type('lost '), solicited)).toMatchObject({ outcome: 'accepted' })
      ada.join(room)
      expect(ada.type('and found')).toMatchObject({ outcome: 'accepted' })
      expect(ben.send(inTheNameOf(ada.author, '!'))).toMatchObject({ outcome: 'held' })
    }
  })

  it('[R93] to nobody else when its author is away for a moment', async () => {
    const { world, ada, ben } = await adaAndBen('ben', false)
    ada.leave()
    ben.leave()
    const again = new Person('ben', ADA)
    await world.clock.advance(10_000)
    again.join(ada.room)
    expect(again.send(inTheNameOf(ada.author, ' EVIL'))).toMatchObject({ outcome: 'accepted' })
    const back = new Person('ada', ADA)
    back.join(ada.room, false)
    expect(back.type(' again')).toMatchObject({ outcome: 'accepted' })
  })

  it('[R93] to somebody who may write', async () => {
    const { ada, ben } = await adaAndBen()
    ada.peer.access = 'read'
    expect(ben.send(inTheNameOf(ada.author, '!'))).toMatchObject({ outcome: 'accepted' })
  })
})

describe('what is written as a client of somebody else who is here', () => {
  it.each([true, false])(
    '[R94] is not taken: all have what its author writes then (presence: %s)',
    async (speaks) => {
      const { world, ada, ben } = await adaAndBen('ben', speaks)
      expect(ben.send(inTheNameOf(ada.author, ' EVIL'))).toMatchObject({ outcome: 'held' })
      expect(ada.peer.sentOf('sync-step-1')).toHaveLength(1)
      expect(ada.answer()).toMatchObject([{ outcome: 'accepted' }])
      ada.type(' world')
      expect(ben.peer.decisions).toMatchObject([{ outcome: 'refused', code: 'forged' }])
      expect(await texts(world, ada, ben)).toEqual(Array(3).fill('hello world'))
    },
  )

  it('[R94] control: where all are one principal it is taken, and replicas differ for good', async () => {
    const { world, ada, ben } = await adaAndBen('ada')
    expect(ben.send(inTheNameOf(ada.author, ' EVIL'))).toMatchObject({ outcome: 'accepted' })
    // Only what she is told is true.
    expect(ada.type(' world')).toMatchObject({ outcome: 'refused', code: 'forged' })
    const [hers, , stored] = await texts(world, ada, ben)
    expect([hers, stored]).toEqual(['hello world', 'hello EVIL'])
  })

  it('[R94] is nothing new when its author was first', async () => {
    const { world, ada, ben } = await adaAndBen()
    const forged = inTheNameOf(ada.author, ' EVIL')
    ada.type(' world')
    expect(ben.send(forged)).toMatchObject({ outcome: 'accepted' })
    expect(await texts(world, ada, ben)).toEqual(Array(3).fill('hello world'))
  })

  it('[R94] waits alone: what came with it and what comes after it is taken', async () => {
    const { world, ada, ben } = await adaAndBen()
    const bens = ben.author.type(' from ben')
    const both = Y.mergeUpdates([bens, inTheNameOf(ada.author, ' EVIL')])
    expect(ben.send(both)).toMatchObject({ outcome: 'held' })
    expect(ben.type(', twice')).toMatchObject({ outcome: 'accepted' })
    expect(await texts(world, ada, ben)).toEqual(Array(3).fill('hello from ben, twice'))
  })

  it('[R95] is accepted when its author has brought the same, in whatever form', async () => {
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

  it('[R95] is taken when its author has been away for 10 s', async () => {
    const { world, ada, ben } = await adaAndBen()
    Y.applyUpdate(ben.author.doc, ada.author.type(' world'))
    ben.send(ben.author.answer(ben.room.stateVector()), true)
    ada.leave()
    await world.clock.advance(9_000)
    expect(ben.peer.decisions).toEqual([])
    await world.clock.advance(2_000)
    expect(ben.peer.decisions).toEqual([{ outcome: 'accepted', seq: 2 }])
    expect(await texts(world, ben)).toEqual(Array(2).fill('hello world'))
  })

  it('[R95] is refused for now after 30 s, and asked for again when somebody has left', async () => {
    const { world, ada, ben } = await adaAndBen()
    Y.applyUpdate(ben.author.doc, ada.author.type(' world'))
    ben.send(ben.author.answer(ben.room.stateVector()), true)
    await world.clock.advance(29_000)
    expect(ben.peer.decisions).toEqual([])
    await world.clock.advance(2_000)
    expect(ben.peer.decisions).toMatchObject([{ outcome: 'refused', code: 'unconfirmed' }])
    ada.leave()
    await world.clock.settle()
    expect(ben.answer()).toMatchObject([{ outcome: 'held' }])
    await world.clock.advance(11_000)
    expect(await texts(world, ben)).toEqual(Array(2).fill('hello world'))
  })

  it('[R95] is dropped with whoever sent it, and when the room ends', async () => {
    const { world, ada, ben } = await adaAndBen()
    ben.send(inTheNameOf(ada.author, ' EVIL'))
    ben.leave()
    ada.leave()
    await world.clock.advance(1_000)
    expect(textOf(await world.stored())).toBe('hello')
    expect(ben.peer.decisions).toEqual([])
    await world.clock.advance(600_000)
    expect(world.clock.waiting).toBe(0)
  })

  it('[R96] is held up to 256 KiB and 64 messages of a room, and its author asked every 5 s at most', async () => {
    const { world, ada, ben } = await adaAndBen()
    const large = inTheNameOf(ada.author, 'x'.repeat(200 * 1024))
    const small = inTheNameOf(ada.author, 'y'.repeat(60 * 1024))
    const held = { outcome: 'held' }
    const tooMuch = { outcome: 'refused', code: 'pending-full' }
    expect(ben.send(large)).toMatchObject(held)
    expect(ben.send(small)).toMatchObject(tooMuch)
    // The same again takes no bytes.
    for (let i = 1; i < 64; i++) expect(ben.send(large)).toMatchObject(held)
    expect(ben.send(large)).toMatchObject(tooMuch)
    expect(ben.type(' goes on')).toMatchObject({ outcome: 'accepted' })
    await world.clock.advance(4_000)
    expect(ada.peer.sentOf('sync-step-1')).toHaveLength(1)
    ada.type('!')
    expect(ben.peer.decisions).toHaveLength(64)
    expect(ben.send(inTheNameOf(ada.author, 'again'))).toMatchObject(held)
  })

  it('[R97] is that of a sibling, as far as one principal goes', async () => {
    const { world, ada, ben } = await adaAndBen()
    const tab = new Person('ada', 3_003)
    tab.join(ada.room)
    Y.applyUpdate(tab.author.doc, ada.author.type(' world'))
    const relayed = tab.author.answer(tab.room.stateVector())
    expect(tab.send(relayed)).toMatchObject({ outcome: 'accepted' })
    expect(ada.answer()).toEqual([])
    expect(await texts(world, tab, ben)).toEqual(Array(3).fill('hello world'))
  })
})

describe('what was written as a client whose author was away', () => {
  it.each([
    [
      'something else is told that it is not saved',
      ' EVIL',
      { outcome: 'refused', code: 'forged' },
    ],
    ['the same finds it there', ' world', { outcome: 'accepted' }],
  ])('[U22] an author who wrote %s', async (_, text, outcome) => {
    const { world, ada, ben } = await adaAndBen()
    ada.leave()
    const relayed = inTheNameOf(ada.author, text)
    ada.author.type(' world')
    await world.clock.advance(10_000)
    expect(ben.send(relayed)).toMatchObject({ outcome: 'accepted' })
    const back = new Person('ada', ADA, {}, ada.author)
    back.join(ben.room)
    expect(back.send(back.author.answer(), true)).toMatchObject(outcome)
    expect(back.send(back.author.last)).toMatchObject(outcome)
    expect(ben.send(relayed)).toMatchObject({ outcome: 'accepted' })
    expect(back.type('!')).toMatchObject({ outcome: 'accepted' })
  })
})

describe('in any order', () => {
  const SEEDS = count('COSCRIBE_AUTHOR_SEEDS', 25)
  const FIRST_SEED = count('COSCRIBE_AUTHOR_FIRST_SEED', 1)
  const STEPS = 120

  /** Ada, whose messages take their time and whose connection breaks, among an honest relay and a forger. */
  async function run(seed: number, forgerIs: string): Promise<string[]> {
    const random = new SeededRandom(seed)
    const world = await RoomWorld.open({ seed })
    const room = await world.room()
    let ada = new Person('ada', ADA)
    const [ben, eve] = [new Person('ben', BEN), new Person(forgerIs, 3_003)]
    const speaks = random.chance(0.5)
    for (const person of [ada, ben, eve]) person.join(room, speaks)
    /** What Ada has sent that has not arrived. */
    let way: (() => void)[] = []
    ada.type('a')

    const events: [number, () => void | Promise<void>][] = [
      [
        0.25,
        () => void way.push(sending(ada, ada.author.type(random.pick(['b', 'cd', 'e'])), false)),
      ],
      [0.45, () => way.shift()?.()],
      [0.5, () => void way.push(...ada.questions().map((state) => answering(ada, state)))],
      [0.6, () => Y.applyUpdate(ben.author.doc, ada.author.answer())],
      [0.7, () => void ben.send(ben.author.answer(room.stateVector()), random.chance(0.5))],
      [0.75, () => void ben.type('B')],
      [0.85, () => void eve.send(inTheNameOf(random.pick([ada, ben]).author, 'EVIL', ADA), false)],
      [0.9, () => [ada, ben].forEach((person) => person.read())],
      // Who speaks for none is not known again before they write.
      [speaks ? 0.94 : 0.9, reconnect],
      [1, () => world.clock.advance(random.below(2_000))],
    ]
    async function reconnect(): Promise<void> {
      const back = new Person('ada', ADA, {}, ada.author)
      const before = random.chance(0.5)
      if (before) back.join(room, speaks)
      ada.leave()
      await world.clock.advance(random.below(9_000))
      if (!before) back.join(room, speaks)
      ada = back
      way = [answering(ada, room.stateVector())]
    }

    for (let step = 0; step < STEPS; step++) {
      const roll = random.fraction()
      await events.find(([below]) => roll < below)?.[1]()
    }
    for (const send of way) send()
    // Nothing that was held is left after this, but Ada stays.
    for (let round = 0; round < 3; round++) {
      for (const person of [ada, ben]) person.answer()
      await world.clock.advance(20_000)
    }
    const states = await texts(world, ada, ben)
    const watcher = new Person('zoe', 4_004)
    watcher.join(room)
    return [...states, textOf(watcher.author.doc)]
  }

  it(`[R98] all have what the author wrote, and nothing forged (${SEEDS} seeds)`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const states = await run(seed, 'eve')
      expect(new Set(states).size, `seed ${seed}: ${states.join(' | ')}`).toBe(1)
      expect(states[0], `seed ${seed}`).not.toMatch(/[EVIL]/)
    }
  })

  it('[R98] control: a forger who is taken for the author is noticed', async () => {
    let noticed = 0
    for (let seed = 1; seed <= 10; seed++) {
      const states = await run(seed, 'ada')
      if (new Set(states).size > 1 || /[EVIL]/.test(states[0] ?? '')) noticed += 1
    }
    expect(noticed).toBe(10)
  })
})

/** Sends it when it is called. */
function sending(person: Person, update: Uint8Array, solicited: boolean): () => void {
  return () => void person.send(update, solicited)
}

/** Answers a question now, and sends that when it is called. */
function answering(person: Person, stateVector: Uint8Array): () => void {
  return sending(person, person.author.answer(stateVector), true)
}

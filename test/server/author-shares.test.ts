import { AuthorShares, MAX_AUTHORS, MemoryStore, type StoredDocument } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import { encodeAuthors, readAuthors } from '../../storage/src/author.js'
import { KnownAuthors } from '../../server/src/rooms/known-authors.js'
import { SeededRandom } from '../support/random.js'
import { inTheNameOf, Person } from '../support/room-person.js'
import { RoomWorld } from '../support/room-world.js'

const ADA = 3_000_000_000
const SEEDS = 100
const MOST = 20

/** Who has how many, smallest first. */
function counts(subjects: Iterable<string>): number[] {
  const clients = new Map<string, number>()
  for (const subject of subjects) clients.set(subject, (clients.get(subject) ?? 0) + 1)
  return [...clients.values()].sort((a, b) => a - b)
}

/** More low client ids than anybody remembers, all of one person. */
function crowdOf(subject: string): [client: number, subject: string][] {
  return Array.from({ length: MAX_AUTHORS + 5_000 }, (_, client) => [client, subject])
}

/** A disk on which Eve has written as more clients than a room knows, and Ada as one that is above all of them. */
class CrowdedDisk extends MemoryStore {
  override async load(documentId: string): Promise<StoredDocument | undefined> {
    const stored = await super.load(documentId)
    return stored && { ...stored, authors: new Map([...crowdOf('eve'), [ADA, 'ada']]) }
  }
}

describe('somebody who writes as very many clients', () => {
  it('[R118] pushes nobody else out of a room', async () => {
    const disk = new CrowdedDisk()
    let world = await RoomWorld.open({ store: disk })
    const ada = new Person('ada', ADA, { authorId: 'ada' })
    ada.join(await world.room())
    ada.type('hello')
    const closed = world.rooms.close()
    await world.clock.settle()
    await closed
    world = await RoomWorld.open({ store: disk })
    const room = await world.room()
    await world.clock.advance(10_000)
    const eve = new Person('eve', ADA, { authorId: 'eve' })
    eve.join(room, false)
    eve.speak(ADA)
    const more = ada.author.type(' world')
    expect(eve.send(more)).toMatchObject({ outcome: 'accepted' })
    const back = new Person('ada', ADA, { authorId: 'ada' }, ada.author)
    back.join(room)
    expect(back.type('!')).toMatchObject({ outcome: 'accepted' })
    expect(eve.send(inTheNameOf(ada.author, ' EVIL'))).toMatchObject({ outcome: 'held' })
  })

  it('[R118] makes room for whoever comes later', () => {
    const known = new KnownAuthors(new Map(crowdOf('eve')))
    known.add(ADA, 'ada')
    for (let client = 1; client <= 100; client++) known.add(ADA + client, 'eve')
    known.add(ADA - 1, 'ben')
    const found = [ADA, ADA - 1, 0].map((client) => known.get(client))
    expect(found).toEqual(['ada', 'ben', 'eve'])
  })

  it('[S27] is not read from the disk with all of them, and everybody else is', async () => {
    const historyId = '0123456789abcdef0123456789abcdef'
    const authors = [...crowdOf('eve'), [ADA, 'ada'] as const].map(([client, subject]) => {
      return { client, subject }
    })
    const page = encodeAuthors(
      { documentId: 'a', historyId, firstSeq: 1, updates: [], authors },
      1,
    ).map(({ key, value }) => [key, value] as const)
    const view = {
      // eslint-disable-next-line @typescript-eslint/require-await -- the contract of a disk
      async *readablePages() {
        yield page
      },
    } as unknown as Parameters<typeof readAuthors>[0]
    const read = await readAuthors(view, 'a', historyId, [{ client: ADA + 1, subject: 'ben' }])
    expect([read.size, read.get(ADA), read.get(ADA + 1)]).toEqual([MAX_AUTHORS, 'ada', 'ben'])
  })
})

describe(`the shares of any number of people (${SEEDS} seeds)`, () => {
  it('[S27] are what is left when always one is taken of whoever has most', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new SeededRandom(seed)
      const shares = new AuthorShares(MOST)
      const model = new Map<string, number[]>()
      const people = 1 + random.below(30)
      for (let client = random.below(120); client > 0; client--) {
        const subject = `person ${Math.floor(random.below(people) * random.fraction())}`
        shares.add(client, subject)
        model.set(subject, [...(model.get(subject) ?? []), client])
      }
      for (let left = [...model.values()].flat().length; left > MOST; left--) {
        const [most] = [...model.values()].sort((a, b) => b.length - a.length)
        most!.pop()
      }
      const authors = shares.authors()
      expect(counts(authors.values()), `seed ${seed}`).toEqual(
        [...model.values()]
          .map(({ length }) => length)
          .filter((n) => n > 0)
          .sort((a, b) => a - b),
      )
    }
  })

  it('[R118] nobody in a room loses one to somebody who has more then', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new SeededRandom(seed)
      const known = new KnownAuthors(new Map(), MOST)
      let before = new Map<number, string>()
      const people = 1 + random.below(30)
      const all = new Map<number, string>()
      for (let step = 0; step < 80; step++) {
        const client = random.below(2 ** 32)
        const subject = `person ${Math.floor(random.below(people) * random.fraction())}`
        if (all.has(client)) continue
        all.set(client, subject)
        known.add(client, subject)
        const now = new Map([...all.keys()].flatMap((each) => held(known, each)))
        const lost = [...before].filter(([each]) => !now.has(each))
        expect(now.size).toBe(Math.min(MOST, all.size))
        expect(lost.length).toBeLessThanOrEqual(1)
        for (const [, loser] of lost) {
          const [his, theirs] = [subject, loser].map((who) => countOf(now, who))
          const most = Math.max(...counts(before.values()))
          if (loser === subject) expect(his! + 1).toBeGreaterThanOrEqual(most)
          else expect([theirs! + 1, theirs! >= his!], `seed ${seed}`).toEqual([most, true])
        }
        before = now
      }
    }
  })
})

function held(known: KnownAuthors, client: number): [number, string][] {
  const subject = known.get(client)
  return subject === null ? [] : [[client, subject]]
}

function countOf(authors: ReadonlyMap<number, string>, subject: string): number {
  return [...authors.values()].filter((each) => each === subject).length
}

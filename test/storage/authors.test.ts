import { createHash } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelStore, type Author } from '@coscribe/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { behind, entriesOf, type Bytes } from '../support/database-behind.js'
import { ManualClock } from '../support/manual-clock.js'
import { scratch } from '../support/scratch.js'

const historyId = '0123456789abcdef0123456789abcdef'

let folder: Awaited<ReturnType<typeof scratch>>
let path = ''

beforeEach(async () => {
  folder = await scratch(true)
  path = join(folder.path, 'data')
})

afterEach(() => folder.remove())

/** Nothing of what is appended is put in its place before the store is told to, or closed. */
async function withStore<Value>(work: (store: LevelStore) => Promise<Value>): Promise<Value> {
  const store = new LevelStore({ path, durability: 'os', clock: new ManualClock() })
  await store.open()
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function append(documentId: string, firstSeq: number, ...authors: Author[]) {
  return { documentId, historyId, firstSeq, updates: [Uint8Array.of(firstSeq)], authors }
}

const by = (subject: string, client: number): Author => ({ client, subject })

async function authorsOf(store: LevelStore, documentId = 'a'): Promise<[number, string][]> {
  return [...((await store.load(documentId))?.authors ?? [])]
}

/** Three authors of `a` in their places, one of them damaged by `damage`. */
async function withDamage(
  damage: (level: Bytes, all: [Uint8Array, Uint8Array][]) => Promise<unknown>,
) {
  await withStore((store) =>
    store.append([append('a', 1, by('ada', 1), by('ben', 2), by('cid', 3))]),
  )
  await behind(path, async (level) => damage(level, await entriesOf(level, 'a')))
}

describe('[S25] an author that is damaged', () => {
  it('is nobody, also for whoever writes next, and the others are who they were', async () => {
    const damagedAt = [0, 1, 17, 18, 20, 24]
    const clients = damagedAt.map((_, index) => index + 10)
    await withStore((store) =>
      store.append([append('a', 1, by('ada', 1), ...clients.map((client) => by('ben', client)))]),
    )
    await behind(path, async (level) => {
      for (const [index, [key, value]] of (await entriesOf(level, 'a')).slice(1).entries()) {
        const flipped = value.slice()
        flipped[damagedAt[index]!]! ^= 4
        await level.put(key, flipped)
      }
    })
    await withStore(async (store) => {
      expect(await authorsOf(store)).toEqual([[1, 'ada']])
      const eve = clients.map((client) => by('eve', client))
      await store.append([append('a', 2, ...eve, by('eve', 1), by('dan', 4))])
      expect(store.quarantined.size).toBe(0)
    })
    await withStore(async (store) => {
      expect(await authorsOf(store)).toEqual([
        [1, 'ada'],
        [4, 'dan'],
      ])
      expect((await store.load('a'))?.lastSeq).toBe(2)
      await store.delete('a')
    })
    expect(await behind(path, (level) => entriesOf(level, 'a'))).toEqual([])
  })

  it('under the key of another is nobody’s', async () => {
    await withDamage((level, all) => level.put(all[1]![0], all[0]![1]))
    expect(await withStore((store) => authorsOf(store))).toEqual([
      [1, 'ada'],
      [3, 'cid'],
    ])
  })

  it('missing is nobody', async () => {
    await withDamage((level, all) => level.del(all[1]![0]))
    await withStore(async (store) => {
      expect((await authorsOf(store)).map(([client]) => client)).toEqual([1, 3])
      expect((await store.load('a'))?.lastSeq).toBe(1)
    })
  })

  it('of a document that was deleted, and resurfaces, is nobody of the one made after it', async () => {
    const old: [Uint8Array, Uint8Array][] = []
    await withDamage(async (_level, all) => old.push(...all))
    await withStore((store) => store.delete('a'))
    await behind(path, async (level) => {
      for (const [key, value] of old) await level.put(key, value)
    })
    const anew = { ...append('a', 1, by('eve', 2)), historyId: 'f'.repeat(32) }
    await withStore(async (store) => {
      await store.append([anew])
      expect(await authorsOf(store)).toEqual([[2, 'eve']])
    })
    expect(await withStore((store) => authorsOf(store))).toEqual([[2, 'eve']])
  })
})

describe('[S23] authors', () => {
  it('are there before and after they are put in their places, and after a process that ended between', async () => {
    const ended = join(folder.path, 'ended')
    await withStore(async (store) => {
      await store.append([append('a', 1, by('ada', 1))])
      await store.append([append('a', 2, by('ben', 2)), append('b', 1, by('ada', 9))])
      expect(await authorsOf(store)).toEqual([
        [1, 'ada'],
        [2, 'ben'],
      ])
      await cp(path, ended, { recursive: true })
    })
    path = ended
    expect(await behind(path, (level) => entriesOf(level, 'a'))).toEqual([])
    await withStore(async (store) => {
      await store.append([append('a', 3, by('eve', 1), by('eve', 2), by('cid', 3))])
      expect(await authorsOf(store, 'b')).toEqual([[9, 'ada']])
    })
    expect(await withStore((store) => authorsOf(store))).toEqual([
      [1, 'ada'],
      [2, 'ben'],
      [3, 'cid'],
    ])
  })
})

async function marker(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(path, 'coscribe.json'), 'utf8')) as Record<string, unknown>
}

async function writeMarker(format: number): Promise<void> {
  const { storeId, state } = (await marker()) as { storeId: string; state: string }
  const digest = createHash('sha256').update(`${format} ${storeId} ${state}`).digest('hex')
  const checksum = digest.slice(0, 16)
  await writeFile(join(path, 'coscribe.json'), JSON.stringify({ format, storeId, state, checksum }))
}

/** What the version before leaves that ended with groups, which have the same bytes as long as nobody is an author. */
async function oldStore(): Promise<void> {
  const ended = join(folder.path, 'ended')
  await withStore(async (store) => {
    const plain = { documentId: 'a', historyId, updates: [Uint8Array.of(1)] }
    await store.append([{ ...plain, firstSeq: 1 }])
    await store.mark('a', null)
    await store.append([{ ...plain, firstSeq: 2 }])
    await cp(path, ended, { recursive: true })
  })
  path = ended
  await writeMarker(2)
}

describe('[S26] a store from before there were authors', () => {
  it('is read, is given authors, and says that it may have some', async () => {
    await oldStore()
    await withStore(async (store) => {
      expect(await marker()).toMatchObject({ format: 3, state: 'ready' })
      expect((await store.load('a'))?.lastSeq).toBe(2)
      expect(await authorsOf(store)).toEqual([])
      await store.append([append('a', 3, by('ada', 1))])
    })
    expect(await withStore((store) => authorsOf(store))).toEqual([[1, 'ada']])
  })

  it('says so only when it could be opened', async () => {
    await oldStore()
    await withStore(async () => {
      await writeMarker(2)
      await expect(new LevelStore({ path }).open()).rejects.toMatchObject({ code: 'store-locked' })
      expect(await marker()).toMatchObject({ format: 2 })
    })
    await withStore(async () => expect(await marker()).toMatchObject({ format: 3 }))
  })
})

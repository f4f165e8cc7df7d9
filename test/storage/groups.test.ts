import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelStore } from '@coscribe/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { behind, type Bytes } from '../support/database-behind.js'
import { scratch } from '../support/scratch.js'

const historyId = '0123456789abcdef0123456789abcdef'
const unavailable = { code: 'document-unavailable' }

let folder: Awaited<ReturnType<typeof scratch>>
let path: string

beforeEach(async () => {
  folder = await scratch(true)
  path = join(folder.path, 'data')
})

afterEach(() => folder.remove())

function append(documentId: string, firstSeq: number, count = 1) {
  const updates = Array.from({ length: count }, (_, index) =>
    new Uint8Array(9).fill(firstSeq + index),
  )
  return { documentId, historyId, firstSeq, updates }
}

async function withStore<Value>(work: (store: LevelStore) => Promise<Value>): Promise<Value> {
  const store = new LevelStore({ path })
  await store.open()
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** What a process leaves that ends right after the last append: copied while it holds all of it in groups. */
async function leaveGroups(): Promise<void> {
  await withStore(async (store) => {
    await store.append([append('a', 1, 2), append('b', 1)])
    await store.append([append('a', 3), append('c', 1)])
    await store.append([append('b', 2), append('d', 1)])
    await cp(path, `${path} ended`, { recursive: true })
  })
  await rm(path, { recursive: true })
  await cp(`${path} ended`, path, { recursive: true })
}

const groupKeys = (level: Bytes) =>
  level.keys({ gte: Buffer.from('g'), lt: Buffer.from('h') }).all()

async function removeGroup(index: number): Promise<void> {
  await behind(path, async (level) => {
    const key = (await groupKeys(level))[index]
    if (key === undefined) throw new Error(`there is no group ${index}`)
    await level.del(key)
  })
}

async function forgetJournal(): Promise<void> {
  await rm(join(path, 'integrity-0'))
  await rm(join(path, 'integrity-1'))
}

async function lengthOf(store: LevelStore, documentId: string): Promise<number | undefined> {
  return (await store.load(documentId))?.lastSeq
}

describe('[S8] what was appended and is not in its place yet', () => {
  it('is loaded, counted and listed like everything else', async () => {
    await withStore(async (store) => {
      await store.append([append('a', 1, 2), append('b', 1)])
      await store.compact('a', { upToSeq: 1, parts: [Uint8Array.of(7)] })
      await store.append([append('a', 3, 2), append('c', 1)])
      const { snapshot, tail, tailFirstSeq, lastSeq } = (await store.load('a'))!
      expect([snapshot?.upToSeq, tailFirstSeq, lastSeq]).toEqual([1, 2, 4])
      expect(tail.map(([byte]) => byte)).toEqual([2, 3, 4])
      expect(await store.stat('a')).toMatchObject({ lastSeq: 4, snapshotSeq: 1, bytes: 28 })
      expect(await store.stat('c')).toMatchObject({ lastSeq: 1, snapshotSeq: 0, bytes: 9 })
      expect((await store.list({ after: 'a', limit: 1 })).ids).toEqual(['b'])
      expect((await store.list({ after: 'b' })).ids).toEqual(['c'])
      expect(await readsTheSameSettled(store)).toBe(true)
    })
  })

  it('is compared when it is appended again', async () => {
    await withStore(async (store) => {
      await store.append([append('a', 1, 2)])
      await store.append([append('a', 1, 3)])
      expect(await lengthOf(store, 'a')).toBe(3)
      const other = { ...append('a', 3), updates: [Uint8Array.of(1)] }
      await expect(store.append([other])).rejects.toThrow(RangeError)
      await expect(store.append([append('a', 5)])).rejects.toThrow(RangeError)
      expect(await lengthOf(store, 'a')).toBe(3)
    })
  })

  it('is there after a process that ended', async () => {
    await leaveGroups()
    expect(await behind(path, groupKeys)).toHaveLength(3)
    await withStore(async (store) => {
      expect(await lengthOf(store, 'a')).toBe(3)
      expect(await lengthOf(store, 'b')).toBe(2)
      await store.append([append('a', 4)])
    })
    expect(await behind(path, groupKeys)).toHaveLength(0)
    expect(await withStore((store) => lengthOf(store, 'a'))).toBe(4)
  })

  it('is there when the journal was lost, too', async () => {
    await leaveGroups()
    await forgetJournal()
    await withStore(async (store) => {
      expect(await lengthOf(store, 'a')).toBe(3)
      expect(await lengthOf(store, 'd')).toBe(1)
    })
  })

  it('large appends go to their places at once, with what came before them', async () => {
    await withStore(async (store) => {
      await store.append([append('a', 1)])
      const large = { ...append('b', 1), updates: [new Uint8Array(100_000)] }
      await store.append([large, append('a', 2)])
      expect(await lengthOf(store, 'a')).toBe(2)
      await cp(path, `${path} ended`, { recursive: true })
    })
    path = `${path} ended`
    expect(await behind(path, groupKeys)).toHaveLength(0)
    expect(await withStore((store) => lengthOf(store, 'a'))).toBe(2)
  })
})

describe('[S8] a group that is lost', () => {
  beforeEach(leaveGroups)

  it('takes its documents along, at later starts too, and no others', async () => {
    await removeGroup(1)
    for (let start = 0; start < 3; start++) {
      await withStore(async (store) => {
        for (const id of ['a', 'c']) {
          await expect(store.load(id)).rejects.toMatchObject(unavailable)
          await expect(store.append([append(id, 1)])).rejects.toMatchObject(unavailable)
        }
        expect(await lengthOf(store, 'b')).toBe(2)
        expect(await lengthOf(store, 'd')).toBe(1)
      })
    }
    // What there was of them before stays, for whoever can repair it.
    expect(await behind(path, groupKeys)).toHaveLength(1)
  })

  it('at the end, or damaged, is no different', async () => {
    await behind(path, async (level) => {
      const [key] = (await groupKeys(level)).slice(-1)
      const value = Buffer.from((await level.get(key!))!)
      value[12] = (value[12] ?? 0) ^ 1
      await level.put(key!, value)
    })
    await withStore(async (store) => {
      for (const id of ['b', 'd']) await expect(store.load(id)).rejects.toMatchObject(unavailable)
      expect(await lengthOf(store, 'a')).toBe(3)
    })
  })

  it('between others, with the journal gone as well: the store refuses to open', async () => {
    await removeGroup(1)
    await forgetJournal()
    await expect(new LevelStore({ path }).open()).rejects.toMatchObject({ code: 'store-damaged' })
  })

  it('control: without the journal a lost end passes', async () => {
    await removeGroup(2)
    await forgetJournal()
    await withStore(async (store) => {
      expect(await lengthOf(store, 'b')).toBe(1)
      expect(await lengthOf(store, 'd')).toBeUndefined()
    })
  })
})

/** Whether a store reads the same after everything was put in its place. */
async function readsTheSameSettled(store: LevelStore): Promise<boolean> {
  const before = await store.load('c')
  await store.mark('c', null)
  return JSON.stringify(before) === JSON.stringify(await store.load('c'))
}

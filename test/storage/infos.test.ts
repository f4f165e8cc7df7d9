import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelStore, unknownInfo, type DocumentInfo } from '@coscribe/storage'
import { beforeEach, describe, expect, it } from 'vitest'
import { behind, entriesOf } from '../support/database-behind.js'
import { folderForTest } from '../support/test-server.js'

let path = ''
let warnings: string[] = []

beforeEach(() => {
  path = folderForTest()
  warnings = []
})

async function withStore<Value>(work: (store: LevelStore) => Promise<Value>): Promise<Value> {
  const logger = { warn: (_fields: object, message: string) => void warnings.push(message) }
  const store = new LevelStore({ path, logger, durability: 'os' })
  await store.open()
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function content(documentId: string, firstSeq = 1) {
  const historyId = '0123456789abcdef0123456789abcdef'
  return { documentId, historyId, firstSeq, updates: [Uint8Array.of(firstSeq)] }
}

function infoOf(index: number): DocumentInfo {
  const time = 1_700_000_000_000 + index
  return { ...unknownInfo, title: `Title ${index}`, createdAt: time, updatedAt: time }
}

const ids = ['a', 'b', 'c', 'd']

async function four(): Promise<void> {
  await withStore(async (store) => {
    await store.append(ids.map((id) => content(id)))
    await store.writeInfo(ids.map((documentId, index) => ({ documentId, info: infoOf(index) })))
  })
}

async function titles(): Promise<Record<string, string>> {
  return withStore(async (store) => {
    const { entries: listed } = await store.listInfo({ trashed: false })
    const found: Record<string, string> = {}
    for (const { documentId, info } of listed) {
      expect(Object.hasOwn(found, documentId)).toBe(false)
      expect(await store.readInfo(documentId)).toEqual(info)
      expect((await store.load(documentId))?.lastSeq).toBe(1)
      found[documentId] = info.title
    }
    return found
  })
}

const whole = { a: 'Title 0', b: 'Title 1', c: 'Title 2', d: 'Title 3' }

it('[S22] a document goes into the trash right behind an append, and is not taken for damaged', async () => {
  await withStore(async (store) => {
    await store.append([content('a')])
    await store.load('a')
    await store.writeInfo([{ documentId: 'a', info: infoOf(0) }])
    await store.append([content('a', 2)])
    await store.writeInfo([{ documentId: 'a', info: { ...infoOf(0), trashedAt: 5 } }])
    await store.writeInfo([{ documentId: 'a', info: infoOf(1) }])
    await store.append([content('a', 3)])
    expect((await store.load('a'))?.lastSeq).toBe(3)
    expect(store.quarantined.size).toBe(0)
  })
})

it('[S22] a document that is thrown away at its first edit is in the trash after a restart', async () => {
  const trashedAt = 5
  await withStore(async (store) => {
    // Whoever opens a document looks first whether there is one.
    await store.load('a')
    await store.append([content('a')])
    await store.writeInfo([{ documentId: 'a', info: { ...infoOf(0), trashedAt } }])
    expect((await store.stat('a'))?.trashedAt).toBe(trashedAt)
  })
  await withStore(async (store) => {
    expect(await store.readInfo('a')).toMatchObject({ title: 'Title 0', trashedAt })
    expect((await store.listInfo({ trashed: false })).entries).toEqual([])
  })
})

it('[S21] what was appended last before a crash is listed at the next start', async () => {
  const crashed = folderForTest()
  await withStore(async (store) => {
    await store.append([content('a')])
    await cp(path, crashed, { recursive: true })
  })
  path = crashed
  expect(await titles()).toEqual({ a: '' })
})

describe('[S20] a damaged info', () => {
  it('is untitled or right, and never another’s, whichever bit of whichever record flips', async () => {
    await four()
    await behind(path, async (level) => {
      for (const kind of ['i', 'o']) {
        for (const [key, value] of await entriesOf(level, kind)) {
          const flipped = value.slice()
          const at = value.length >> 1
          flipped[at] = (flipped[at] ?? 0) ^ 4
          if (key.at(-1) === 'b'.charCodeAt(0)) await level.put(key, flipped)
          if (kind === 'i' && key.at(-1) === 'c'.charCodeAt(0)) await level.put(key, flipped)
          if (kind === 'o' && key.at(-1) === 'd'.charCodeAt(0)) await level.put(key, flipped)
        }
      }
    })
    const found = await titles()
    expect(found).toEqual({ a: 'Title 0', b: '', c: '', d: 'Title 3' })
    expect(warnings).toContain('titles of documents were absent, damaged or misplaced')
    await withStore((store) => store.writeInfo([{ documentId: 'b', info: infoOf(1) }]))
    expect(await titles()).toMatchObject({ b: 'Title 1' })
  })

  it('under a key of another is nobody’s', async () => {
    await four()
    await behind(path, async (level) => {
      for (const kind of ['i', 'o']) {
        const [a, b] = await entriesOf(level, kind)
        await level.put(b![0], a![1])
      }
    })
    const values = Object.values(await titles())
    expect(values.toSorted()).toEqual([...new Set(values)].toSorted())
  })
})

describe('[S21] when the store is opened', () => {
  it('a store without any infos is read, and its documents are listed', async () => {
    await four()
    await behind(path, async (level) => {
      for (const kind of ['i', 'o']) {
        for (const [key] of await entriesOf(level, kind)) await level.del(key)
      }
    })
    expect(await titles()).toEqual({ a: '', b: '', c: '', d: '' })
  })

  it('places that are absent or nobody’s are put right, and nothing else is written', async () => {
    await four()
    await behind(path, async (level) => {
      const [a, b] = await entriesOf(level, 'o')
      await level.del(a![0])
      const elsewhere = b![0].slice()
      elsewhere[5] = (elsewhere[5] ?? 0) ^ 1
      await level.put(elsewhere, a![1])
    })
    expect(await titles()).toEqual(whole)
    warnings = []
    const before = await behind(path, (level) => level.iterator({}).all())
    expect(await titles()).toEqual(whole)
    expect(warnings.filter((message) => message.includes('titles'))).toEqual([])
    expect(await behind(path, (level) => level.iterator({}).all())).toEqual(before)
  })
})

describe('[S22] the trash', () => {
  const trashed = { ...infoOf(0), trashedAt: 1_800_000_000_000, trashedBy: 'ada' }

  /** Puts `a` into the trash, and what infos say into a drawer. */
  async function throwAway(): Promise<[Uint8Array, Uint8Array][]> {
    await four()
    await withStore((store) => store.writeInfo([{ documentId: 'a', info: trashed }]))
    return behind(path, async (level) => [
      ...(await entriesOf(level, 'i')),
      ...(await entriesOf(level, 'o')),
    ])
  }

  it('is left also by who has an old info, as the head says', async () => {
    const old = await throwAway()
    await withStore((store) => store.writeInfo([{ documentId: 'a', info: infoOf(0) }]))
    await behind(path, async (level) => {
      for (const kind of ['i', 'o']) {
        for (const [key] of await entriesOf(level, kind)) await level.del(key)
      }
      for (const [key, value] of old) await level.put(key, value)
    })
    await withStore(async (store) => {
      expect((await store.stat('a'))?.trashedAt).toBeNull()
      expect(await store.readInfo('a')).toEqual({ ...infoOf(0), trashedBy: null })
      expect((await store.listInfo({ trashed: true })).entries).toEqual([])
      const { entries: listed } = await store.listInfo({ trashed: false })
      expect(listed.map(({ documentId }) => documentId).toSorted()).toEqual(ids)
      await store.append([content('a', 2)])
    })
  })

  it('keeps a document that has lost its info', async () => {
    await throwAway()
    await behind(path, async (level) => {
      for (const [key] of await entriesOf(level, 'i')) await level.del(key)
    })
    await withStore(async (store) => {
      expect(await store.readInfo('a')).toEqual({ ...unknownInfo, trashedAt: trashed.trashedAt })
      const { entries: listed } = await store.listInfo({ trashed: true })
      expect(listed.map(({ documentId }) => documentId)).toEqual(['a'])
      await store.writeInfo([{ documentId: 'a', info: infoOf(0) }])
      expect((await store.stat('a'))?.trashedAt).toBeNull()
    })
  })

  it('[S20] is taken and left as a whole, also when the process ends in between', async () => {
    await four()
    const folder = path
    for (let round = 0; round < 3; round++) {
      const store = new LevelStore({ path: folder, durability: 'os' })
      await store.open()
      await store.append([content('a', round + 2)])
      await store.writeInfo([{ documentId: 'a', info: round % 2 === 0 ? trashed : infoOf(0) }])
      const stat = await store.stat('a')
      expect(stat?.trashedAt).toBe(round % 2 === 0 ? trashed.trashedAt : null)
      expect(stat?.lastSeq).toBe(round + 2)
      await store.close()
    }
    await rm(join(folder, 'state'), { force: true })
    await withStore(async (store) => {
      expect((await store.readInfo('a'))?.trashedAt).toBe(trashed.trashedAt)
      expect((await store.load('a'))?.lastSeq).toBe(4)
    })
  })
})

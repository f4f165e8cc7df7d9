import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelStore } from '@coscribe/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { behind, entriesOf, type Entries } from '../support/database-behind.js'
import { scratch } from '../support/scratch.js'

const historyId = '0123456789abcdef0123456789abcdef'

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

/** Three documents with three records each: closing the store puts what was appended in its place. */
async function three(): Promise<void> {
  for (const [firstSeq, count] of [
    [1, 3],
    [4, 1],
    [5, 1],
  ] as const) {
    await withStore((store) =>
      store.append(['a', 'b', 'c'].map((id) => append(id, firstSeq, count))),
    )
  }
  await withStore((store) =>
    store.compact('b', { upToSeq: 2, parts: [new Uint8Array(600_000).fill(7)] }),
  )
}

/** `b` is refused in every way and stays as it is; the others can be read and written. */
async function onlyBIsLost(): Promise<void> {
  const before = await behind(path, (level) => level.iterator({}).all())
  await withStore(async (store) => {
    const unavailable = { code: 'document-unavailable' }
    await expect(store.load('b')).rejects.toMatchObject(unavailable)
    await expect(store.append([append('b', 1)])).rejects.toMatchObject(unavailable)
    await expect(
      store.compact('b', { upToSeq: 3, parts: [Uint8Array.of(1)] }),
    ).rejects.toMatchObject(unavailable)
    expect((await store.list()).ids).toEqual(
      ['a', 'b', 'c'].filter((id) => id !== 'b' || listed(before)),
    )
    expect(store.quarantined.has('b')).toBe(true)
    await store.append([append('a', 6)])
    expect((await store.load('a'))?.lastSeq).toBe(6)
    expect((await store.load('c'))?.lastSeq).toBe(5)
  })
  const after = await behind(path, (level) => level.iterator({}).all())
  expect(fingerprint(ofB(after))).toBe(fingerprint(ofB(before)))
}

function fingerprint(all: Entries): string {
  const hash = createHash('sha256')
  for (const [key, value] of all) hash.update(key).update(String(value.length)).update(value)
  return hash.digest('hex')
}

function ofB(all: Entries): Entries {
  return all.filter(([key]) => key[1] === 0x62)
}

function listed(all: Entries): boolean {
  // Its info alone is no content.
  return ofB(all).some(([key]) => key[0] !== 'i'.charCodeAt(0))
}

async function remove(kind: string, which: (index: number) => boolean = () => true): Promise<void> {
  await behind(path, async (level) => {
    const keys = ofB(await entriesOf(level, kind)).map(([key]) => key)
    for (const [index, key] of keys.entries()) if (which(index)) await level.del(key)
  })
}

/** Control: the safeguard that finds a loss of whole appends is the journal; without it nothing does. */
async function forgetLedger(): Promise<void> {
  await rm(join(path, 'integrity-0'))
  await rm(join(path, 'integrity-1'))
}

describe('[S7] a document that lost', () => {
  beforeEach(three)

  it('its head', async () => {
    await remove('h')
    await onlyBIsLost()
  })

  it('its log', async () => {
    await remove('d')
    await onlyBIsLost()
  })

  it('its snapshot', async () => {
    await remove('s')
    await onlyBIsLost()
  })

  it('one chunk, or the manifest', async () => {
    await remove('s', (index) => index === 2)
    await onlyBIsLost()
    await remove('s', (index) => index === 0)
    await onlyBIsLost()
  })

  it('one record: first, middle or last', async () => {
    for (const lost of [0, 1, 2]) {
      await rm(path, { recursive: true })
      await three()
      await remove('d', (index) => index === lost)
      await onlyBIsLost()
    }
  })

  it('everything', async () => {
    await remove('h')
    await remove('d')
    await remove('s')
    await onlyBIsLost()
  })

  it('its end, which an append meets that nobody loaded before', async () => {
    await remove('d', (index) => index === 2)
    await withStore(async (store) => {
      const unavailable = { code: 'document-unavailable' }
      await expect(store.append([append('b', 6)])).rejects.toMatchObject(unavailable)
      await expect(store.append([append('b', 6), append('a', 6)])).rejects.toMatchObject(
        unavailable,
      )
      expect((await store.load('a'))?.lastSeq).toBe(5)
    })
    await onlyBIsLost()
  })

  it('one bit', async () => {
    for (const kind of ['h', 'd', 's']) {
      await rm(path, { recursive: true })
      await three()
      await behind(path, async (level) => {
        const [key, value] = ofB(await entriesOf(level, kind)).at(-1) ?? []
        if (key === undefined || value === undefined) throw new Error(`no entry of kind ${kind}`)
        const flipped = Buffer.from(value)
        flipped[5] = (flipped[5] ?? 0) ^ 4
        await level.put(key, flipped)
      })
      await onlyBIsLost()
    }
  })

  it('what was stored last, so that an older state looks whole', async () => {
    const old = await behind(path, (level) => level.iterator({}).all())
    await withStore((store) => store.append([append('b', 6)]))
    await behind(path, async (level) => {
      for (const [key, value] of await level.iterator({}).all()) {
        const before = old.find(([each]) => Buffer.compare(each, key) === 0)
        if (before === undefined) await level.del(key)
        else if (Buffer.compare(before[1], value) !== 0) await level.put(key, before[1])
      }
    })
    await onlyBIsLost()
  })

  it('control: without the ledger that older state passes', async () => {
    const old = await behind(path, (level) => level.iterator({}).all())
    await withStore((store) => store.append([append('b', 6)]))
    await behind(path, async (level) => {
      await level.clear()
      for (const [key, value] of old) await level.put(key, value)
    })
    await forgetLedger()
    expect((await withStore((store) => store.load('b')))?.lastSeq).toBe(5)
  })

  it('stays refused at later starts, and its id is not new', async () => {
    await remove('h')
    await remove('d')
    await remove('s')
    for (let start = 0; start < 3; start++) {
      await withStore(async (store) => {
        await expect(store.load('b')).rejects.toMatchObject({ code: 'document-unavailable' })
        expect((await store.load('a'))?.lastSeq).toBe(5)
      })
    }
  })
})

describe('[S4] the integrity journal', () => {
  beforeEach(three)

  it('may be gone: the commit record vouches for the whole', async () => {
    await forgetLedger()
    const warnings: string[] = []
    const store = new LevelStore({ path, logger: { warn: (_fields, text) => warnings.push(text) } })
    await store.open()
    expect((await store.load('b'))?.lastSeq).toBe(5)
    await store.close()
    expect(warnings.join()).toContain('journal')
  })

  it('gone, and the database does not add up: the store refuses to open', async () => {
    await forgetLedger()
    await remove('h')
    await expect(new LevelStore({ path }).open()).rejects.toMatchObject({ code: 'store-damaged' })
  })

  it('starts a new file when one is full, and is read back', async () => {
    await withStore(async (store) => {
      const ids = Array.from({ length: 900 }, (_, index) => `many ${index}`)
      for (let seq = 1; seq <= 125; seq++) await store.append(ids.map((id) => append(id, seq)))
    })
    await withStore(async (store) => {
      expect((await store.load('many 899'))?.lastSeq).toBe(125)
      expect(store.quarantined.size).toBe(0)
    })
  })
})

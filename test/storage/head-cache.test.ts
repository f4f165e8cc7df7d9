import { LevelStore } from '@coscribe/storage'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Database } from '../../storage/src/database.js'
import { HeadCache } from '../../storage/src/head-cache.js'
import { firstHead, storedHead } from '../../storage/src/head.js'
import { scratch } from '../support/scratch.js'

const historyId = '0123456789abcdef0123456789abcdef'
const head = storedHead(firstHead(historyId), '0123456789abcdef')

describe('[S1] what is remembered of heads', () => {
  it('is that there is none, when somebody looked and nothing happened meanwhile', () => {
    const cache = new HeadCache(10)
    expect(cache.get('a')).toBeUndefined()
    const looked = cache.look('a')
    expect(cache.get('a')).toBeUndefined()
    looked(false)
    expect(cache.get('a')).toBeNull()
  })

  it('is nothing of a document that is there: its head is not read in full', () => {
    const cache = new HeadCache(10)
    cache.look('a')(true)
    expect(cache.get('a')).toBeUndefined()
  })

  it.each<[string, (cache: HeadCache) => void]>([
    ['stored', (cache) => cache.set('a', head)],
    ['stored and deleted', (cache) => (cache.set('a', head), cache.delete('a'))],
    ['deleted', (cache) => cache.delete('a')],
    ['looked for by another', (cache) => void cache.look('a')],
    ['forgotten with all others', (cache) => cache.clear()],
    ['crowded out', (cache) => (cache.set('b', head), cache.set('c', head))],
  ])('is not that there is none, when it was %s meanwhile', (_what, happen) => {
    const cache = new HeadCache(2)
    const looked = cache.look('a')
    happen(cache)
    const known = cache.get('a')
    looked(false)
    expect(cache.get('a')).toBe(known)
    expect(cache.get('a')).not.toBeNull()
  })

  it('is the latest ones only', () => {
    const cache = new HeadCache(2)
    for (const id of ['a', 'b', 'c']) cache.look(id)(false)
    expect(['a', 'b', 'c'].map((id) => cache.get(id))).toEqual([undefined, null, null])
  })
})

describe('[S1] a document that is new', () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let store: LevelStore

  beforeEach(async () => {
    folder = await scratch(true)
    store = new LevelStore({ path: folder.path })
    await store.open()
  })

  afterEach(async () => {
    await store.close()
    await folder.remove()
  })

  const append = (documentId: string, firstSeq: number): Promise<void> =>
    store.append([{ documentId, historyId, firstSeq, updates: [Uint8Array.of(firstSeq)] }])

  it('is read once, when it is opened, and not again before its first edit', async () => {
    const view = vi.spyOn(Database.prototype, 'view')
    expect(await store.load('a')).toBeUndefined()
    const opened = view.mock.calls.length
    await append('a', 1)
    await append('a', 2)
    expect(view.mock.calls.length).toBe(opened)
    view.mockRestore()
    expect((await store.load('a'))?.lastSeq).toBe(2)
  })

  it('is new for the first of two appends only, though neither waits for the other', async () => {
    await store.load('a')
    await Promise.all([append('a', 1), append('a', 2)])
    expect((await store.load('a'))?.tail).toEqual([Uint8Array.of(1), Uint8Array.of(2)])
  })

  it('is not taken for new when it was stored while somebody looked', async () => {
    for (let i = 0; i < 20; i++) {
      const looking = store.load(`d${i}`)
      await append(`d${i}`, 1)
      await looking
      await append(`d${i}`, 2)
      expect((await store.load(`d${i}`))?.tail).toEqual([Uint8Array.of(1), Uint8Array.of(2)])
    }
  })
})

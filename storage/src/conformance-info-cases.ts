import assert from 'node:assert/strict'
import type { Body } from './conformance-cases.js'
import { unknownInfo, type DocumentInfo, type DocumentStore, type InfoPlace } from './store.js'

const historyId = '0123456789abcdef0123456789abcdef'

const full: DocumentInfo = {
  title: 'Protokoll “日本” \u{1F600}',
  createdAt: 1_700_000_000_000,
  createdBy: 'Ada',
  updatedAt: 1_700_000_000_001,
  trashedAt: null,
  trashedBy: null,
}

function content(documentId: string, firstSeq = 1) {
  return { documentId, historyId, firstSeq, updates: [Uint8Array.of(firstSeq, 7)] }
}

function changedAt(updatedAt: number): DocumentInfo {
  return { ...full, updatedAt }
}

/** All ids in the order of a listing, by pages of `limit`. */
async function listed(store: DocumentStore, trashed: boolean, limit: number): Promise<string[]> {
  const ids: string[] = []
  let after: InfoPlace | null | undefined
  while (after !== null) {
    const page = await store.listInfo({ trashed, limit, ...(after === undefined ? {} : { after }) })
    assert.ok(page.entries.length <= limit)
    for (const { documentId, info } of page.entries) {
      assert.deepEqual(info, await store.readInfo(documentId))
      ids.push(documentId)
    }
    after = page.next
  }
  return ids
}

/** The rules of infos by title. */
export const infoCases: Readonly<Record<string, Body>> = {
  'an info comes back as it was written, also without content': async (stage) => {
    assert.equal(await stage.store.readInfo('a'), undefined)
    const bare = { ...unknownInfo, updatedAt: 5 }
    const gone = { ...full, trashedAt: 1_800_000_000_000, trashedBy: 'Ben' }
    await stage.store.writeInfo([
      { documentId: 'a', info: full },
      { documentId: 'ab', info: bare },
      { documentId: 'b', info: gone },
    ])
    await stage.settle()
    assert.deepEqual(await stage.store.readInfo('a'), full)
    assert.deepEqual(await stage.store.readInfo('ab'), bare)
    assert.deepEqual(await stage.store.readInfo('b'), gone)
    assert.equal(await stage.store.load('a'), undefined)
    assert.equal(await stage.store.stat('a'), undefined)
    assert.deepEqual((await stage.store.list()).ids, [])
  },

  'content without an info is unknown, and is listed once the store was opened again': async (
    stage,
  ) => {
    await stage.store.append([content('a'), content('b')])
    await stage.store.writeInfo([{ documentId: 'b', info: full }])
    assert.deepEqual(await stage.store.readInfo('a'), unknownInfo)
    await stage.settle()
    assert.deepEqual(await stage.store.readInfo('a'), unknownInfo)
    assert.deepEqual(await stage.store.readInfo('b'), full)
    const ids = await listed(stage.store, false, 10)
    assert.ok(ids.length === 1 || ids[1] === 'a', ids.join())
    assert.equal(ids[0], 'b')
  },

  'a listing has the newest first, each once, also after it has moved': async (stage) => {
    const times = [3, 9, 9, 0, 2 ** 45, 4]
    const batch = times.map((time, index) => ({ documentId: `d${index}`, info: changedAt(time) }))
    await stage.store.writeInfo(batch)
    await stage.settle()
    const order = ['d4', 'd1', 'd2', 'd5', 'd0', 'd3']
    for (const limit of [1, 2, 5, 6, 7]) {
      assert.deepEqual(await listed(stage.store, false, limit), order)
    }
    await stage.store.writeInfo([{ documentId: 'd0', info: changedAt(2 ** 46) }])
    await stage.store.writeInfo([{ documentId: 'd4', info: { ...changedAt(2 ** 45), title: '' } }])
    await stage.settle()
    assert.deepEqual(await listed(stage.store, false, 4), ['d0', 'd4', 'd1', 'd2', 'd5', 'd3'])
    assert.equal((await stage.store.readInfo('d4'))?.title, '')
  },

  'what is in the trash is listed by itself, and says so without its info': async (stage) => {
    const trashed = { ...full, trashedAt: 1_800_000_000_000, trashedBy: null }
    await stage.store.append([content('a'), content('b')])
    await stage.store.writeInfo(['a', 'b', 'c'].map((documentId) => ({ documentId, info: full })))
    await stage.store.writeInfo([{ documentId: 'a', info: trashed }])
    await stage.store.writeInfo([{ documentId: 'c', info: trashed }])
    await stage.settle()
    assert.deepEqual(await listed(stage.store, true, 10), ['a', 'c'])
    assert.deepEqual(await listed(stage.store, false, 10), ['b'])
    assert.equal((await stage.store.stat('a'))?.trashedAt, trashed.trashedAt)
    assert.equal((await stage.store.stat('b'))?.trashedAt, null)
    await stage.store.writeInfo([{ documentId: 'a', info: full }])
    await stage.store.append([content('a', 2)])
    await stage.settle()
    assert.deepEqual(await listed(stage.store, false, 10), ['a', 'b'])
    assert.equal((await stage.store.stat('a'))?.trashedAt, null)
    assert.equal((await stage.store.load('a'))?.lastSeq, 2)
  },

  'a document takes its info along when it is deleted': async (stage) => {
    await stage.store.append([content('a')])
    await stage.store.writeInfo(['a', 'b', 'c'].map((documentId) => ({ documentId, info: full })))
    await stage.store.delete('a')
    await stage.store.delete('b')
    await stage.settle()
    assert.equal(await stage.store.readInfo('a'), undefined)
    assert.equal(await stage.store.readInfo('b'), undefined)
    assert.deepEqual(await listed(stage.store, false, 10), ['c'])
  },

  'infos that cannot be meant are the caller’s mistake, and nothing of them is stored': async ({
    store,
  }) => {
    const wrong: DocumentInfo[] = [
      { ...full, updatedAt: -1 },
      { ...full, updatedAt: 1.5 },
      { ...full, createdAt: Number.NaN },
      { ...full, trashedAt: 2 ** 53 },
      { ...full, title: 'x'.repeat(1_001) },
    ]
    for (const info of wrong) {
      const batch = [
        { documentId: 'a', info: full },
        { documentId: 'b', info },
      ]
      await assert.rejects(store.writeInfo(batch), RangeError)
    }
    const twice = [
      { documentId: 'a', info: full },
      { documentId: 'a', info: full },
    ]
    await assert.rejects(store.writeInfo(twice), RangeError)
    await assert.rejects(store.listInfo({ trashed: false, limit: 0 }), RangeError)
    await assert.rejects(store.readInfo('.a'), { code: 'bad-document-id' })
    assert.equal(await store.readInfo('a'), undefined)
  },
}

import assert from 'node:assert/strict'
import type { Append, DocumentStore, StoredDocument } from './store.js'

/** What a case works with. In the second round `settle` reopens the store, in the first it does nothing. */
export interface Stage {
  store: DocumentStore
  settle(): Promise<void>
}

export type Body = (stage: Stage) => Promise<void>

const historyId = '0123456789abcdef0123456789abcdef'
const otherHistoryId = 'fedcba9876543210fedcba9876543210'

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

/** Updates `first` … `last`, each holding its own number and as many bytes more. */
function updates(first: number, last: number): Uint8Array[] {
  return Array.from({ length: last - first + 1 }, (_, index) =>
    new Uint8Array(1 + ((first + index) % 7)).fill(first + index),
  )
}

function append(documentId: string, first: number, last: number): Append {
  return { documentId, historyId, firstSeq: first, updates: updates(first, last) }
}

async function expectTail(store: DocumentStore, id: string, first: number, last: number) {
  const document = await loaded(store, id)
  assert.equal(document.tailFirstSeq, first)
  assert.equal(document.lastSeq, last)
  assertBytes(document.tail, updates(first, last))
  return document
}

async function loaded(store: DocumentStore, documentId: string): Promise<StoredDocument> {
  const document = await store.load(documentId)
  assert.ok(document !== undefined, `document "${documentId}" is there`)
  return document
}

function assertBytes(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  assert.deepEqual(
    actual.map((part) => Buffer.from(part).toString('hex')),
    expected.map((part) => Buffer.from(part).toString('hex')),
  )
}

async function rejectsCode(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.equal((error as { code?: unknown }).code, code)
    return true
  })
}

/** The rules of the contract by title. */
export const cases: Readonly<Record<string, Body>> = {
  'an id that was never stored is undefined': async ({ store }) => {
    assert.equal(await store.load('nobody'), undefined)
    assert.equal(await store.stat('nobody'), undefined)
  },

  'updates come back as they were given, in order': async (stage) => {
    await stage.store.append([append('a', 1, 3)])
    await stage.store.append([append('a', 4, 4)])
    await stage.settle()
    const document = await expectTail(stage.store, 'a', 1, 4)
    assert.equal(document.historyId, historyId)
    assert.equal(document.snapshot, null)
    assert.equal(document.readOnlyReason, null)
  },

  'a log goes on after it was settled': async (stage) => {
    await stage.store.append([append('a', 1, 3)])
    await stage.settle()
    await stage.store.append([append('a', 4, 9)])
    await stage.settle()
    await stage.store.append([append('a', 10, 10)])
    await expectTail(stage.store, 'a', 1, 10)
  },

  'one batch carries several documents': async (stage) => {
    await stage.store.append([append('a', 1, 2), append('b', 1, 1), append('ab', 1, 5)])
    await stage.settle()
    await expectTail(stage.store, 'a', 1, 2)
    await expectTail(stage.store, 'b', 1, 1)
    await expectTail(stage.store, 'ab', 1, 5)
  },

  'a batch with one impossible append stores nothing of the others': async (stage) => {
    await stage.store.append([append('a', 1, 2)])
    await assert.rejects(stage.store.append([append('b', 1, 1), append('a', 4, 4)]), RangeError)
    await stage.settle()
    await expectTail(stage.store, 'a', 1, 2)
    assert.equal(await stage.store.load('b'), undefined)
  },

  'an empty batch is fine': async (stage) => {
    await stage.store.append([])
    await stage.settle()
    assert.deepEqual((await stage.store.list()).ids, [])
  },

  'malformed appends are the caller’s mistake': async ({ store }) => {
    const wrong: Append[] = [
      { documentId: 'a', historyId, firstSeq: 1, updates: [] },
      { documentId: 'a', historyId, firstSeq: 0, updates: [bytes(1)] },
      { documentId: 'a', historyId, firstSeq: 1.5, updates: [bytes(1)] },
      { documentId: 'a', historyId, firstSeq: 2, updates: [bytes(1)] },
    ]
    for (const each of wrong) await assert.rejects(store.append([each]), RangeError)
    const badHistory = { documentId: 'a', historyId: 'x', firstSeq: 1, updates: [bytes(1)] }
    await assert.rejects(store.append([badHistory]), TypeError)
    await assert.rejects(store.append([append('a', 1, 1), append('a', 2, 2)]), RangeError)
    assert.equal(await store.load('a'), undefined)
  },

  'the same numbers appended again are stored once': async (stage) => {
    await stage.store.append([append('a', 1, 3)])
    await stage.settle()
    await stage.store.append([append('a', 1, 3)])
    await stage.store.append([append('a', 2, 5)])
    await stage.store.append([append('a', 3, 3)])
    await stage.settle()
    await expectTail(stage.store, 'a', 1, 5)
    const stat = await stage.store.stat('a')
    assert.equal(
      stat?.bytes,
      updates(1, 5).reduce((sum, update) => sum + update.length, 0),
    )
  },

  'a stored number with other bytes is refused': async (stage) => {
    await stage.store.append([append('a', 1, 3)])
    await stage.settle()
    const other = { documentId: 'a', historyId, firstSeq: 3, updates: [bytes(99), bytes(4)] }
    await assert.rejects(stage.store.append([other]), RangeError)
    await expectTail(stage.store, 'a', 1, 3)
  },

  'another history is refused': async (stage) => {
    await stage.store.append([append('a', 1, 1)])
    await stage.settle()
    const other = { ...append('a', 2, 2), historyId: otherHistoryId }
    await rejectsCode(stage.store.append([other]), 'history-mismatch')
    await expectTail(stage.store, 'a', 1, 1)
  },

  'bytes that were returned may be changed afterwards': async (stage) => {
    const update = bytes(1, 2, 3)
    await stage.store.append([{ documentId: 'a', historyId, firstSeq: 1, updates: [update] }])
    const first = await loaded(stage.store, 'a')
    first.tail[0]?.fill(9)
    await stage.settle()
    assertBytes((await loaded(stage.store, 'a')).tail, [bytes(1, 2, 3)])
  },

  'empty and large updates': async (stage) => {
    const large = new Uint8Array(3_000_000).map((_, index) => index * 7)
    const parts = [bytes(), large, bytes()]
    await stage.store.append([{ documentId: 'a', historyId, firstSeq: 1, updates: parts }])
    await stage.settle()
    assertBytes((await loaded(stage.store, 'a')).tail, parts)
  },

  'a snapshot stands for the numbers up to it': async (stage) => {
    await stage.store.append([append('a', 1, 3)])
    await stage.store.append([append('a', 4, 6)])
    await stage.store.compact('a', { upToSeq: 3, parts: [bytes(1, 2)] })
    await stage.settle()
    const document = await expectTail(stage.store, 'a', 4, 6)
    assert.equal(document.snapshot?.upToSeq, 3)
    assertBytes(document.snapshot?.parts ?? [], [bytes(1, 2)])
  },

  'a snapshot may end inside what one append stored': async (stage) => {
    await stage.store.append([append('a', 1, 6)])
    await stage.store.append([append('a', 7, 8)])
    await stage.store.compact('a', { upToSeq: 4, parts: [bytes(1)] })
    await stage.settle()
    await expectTail(stage.store, 'a', 5, 8)
    await stage.store.append([append('a', 9, 9)])
    await stage.store.compact('a', { upToSeq: 7, parts: [bytes(2)] })
    await stage.settle()
    await expectTail(stage.store, 'a', 8, 9)
    await stage.store.compact('a', { upToSeq: 9, parts: [bytes(3)] })
    await stage.settle()
    await expectTail(stage.store, 'a', 10, 9)
    await stage.store.append([append('a', 10, 11)])
    await expectTail(stage.store, 'a', 10, 11)
  },

  'a snapshot replaces the one before, whatever their sizes': async (stage) => {
    await stage.store.append([append('a', 1, 2)])
    const sizes = [0, 1, 262_143, 262_144, 262_145, 1_000_000, 5]
    for (const [index, size] of sizes.entries()) {
      const parts = [new Uint8Array(size).fill(index + 1), bytes(), bytes(index)]
      await stage.store.compact('a', { upToSeq: 2, parts })
      await stage.settle()
      assertBytes((await loaded(stage.store, 'a')).snapshot?.parts ?? [], parts)
      assert.equal((await stage.store.stat('a'))?.bytes, size + 1)
    }
  },

  'an impossible snapshot is the caller’s mistake': async (stage) => {
    await assert.rejects(stage.store.compact('a', { upToSeq: 1, parts: [bytes(1)] }), RangeError)
    await stage.store.append([append('a', 1, 4)])
    await stage.store.compact('a', { upToSeq: 2, parts: [bytes(1)] })
    await stage.settle()
    for (const upToSeq of [0, 1, 5, 2.5]) {
      await assert.rejects(stage.store.compact('a', { upToSeq, parts: [bytes(9)] }), RangeError)
    }
    await assert.rejects(stage.store.compact('a', { upToSeq: 3, parts: [] }), RangeError)
    const document = await expectTail(stage.store, 'a', 3, 4)
    assertBytes(document.snapshot?.parts ?? [], [bytes(1)])
  },

  'stat says what load would find': async (stage) => {
    await stage.store.append([append('a', 1, 6)])
    await stage.store.compact('a', { upToSeq: 4, parts: [bytes(1, 2, 3)] })
    await stage.store.mark('a', 'because')
    await stage.settle()
    const tail = updates(5, 6).reduce((sum, update) => sum + update.length, 0)
    assert.deepEqual(await stage.store.stat('a'), {
      historyId,
      lastSeq: 6,
      snapshotSeq: 4,
      bytes: 3 + tail,
      readOnlyReason: 'because',
      trashedAt: null,
    })
  },

  'a mark stays until it is cleared, and appends keep it': async (stage) => {
    await stage.store.append([append('a', 1, 1)])
    await stage.store.mark('a', 'cannot be merged: “日本”')
    await stage.store.append([append('a', 2, 2)])
    await stage.settle()
    assert.equal((await loaded(stage.store, 'a')).readOnlyReason, 'cannot be merged: “日本”')
    await stage.store.mark('a', null)
    await stage.settle()
    assert.equal((await expectTail(stage.store, 'a', 1, 2)).readOnlyReason, null)
    await assert.rejects(stage.store.mark('nobody', 'x'), RangeError)
    assert.equal(await stage.store.load('nobody'), undefined)
  },

  'a deleted document is gone, and may begin anew': async (stage) => {
    await stage.store.append([append('a', 1, 5), append('ab', 1, 1)])
    await stage.store.compact('a', { upToSeq: 3, parts: [new Uint8Array(600_000)] })
    await stage.store.delete('a')
    await stage.settle()
    assert.equal(await stage.store.load('a'), undefined)
    assert.equal(await stage.store.stat('a'), undefined)
    assert.deepEqual((await stage.store.list()).ids, ['ab'])
    await expectTail(stage.store, 'ab', 1, 1)
    await stage.store.delete('a')
    await stage.store.append([{ ...append('a', 1, 2), historyId: otherHistoryId }])
    await stage.settle()
    assert.equal((await expectTail(stage.store, 'a', 1, 2)).historyId, otherHistoryId)
  },

  'a listing has every id once, in the order of their bytes': async (stage) => {
    const ids = [
      'b',
      'a',
      'ab',
      'a!',
      'é',
      'e\u0301',
      '日本',
      '\u{1F600}',
      '\uFFFD',
      'a/b',
      'a%2Fb',
    ]
    await stage.store.append(ids.map((id) => append(id, 1, 2)))
    for (const id of ids.slice(0, 5)) {
      await stage.store.compact(id, { upToSeq: 1, parts: [bytes(1)] })
    }
    await stage.settle()
    const sorted = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(await stage.store.list(), { ids: sorted, next: null })
    for (const limit of [1, 2, 3, 10, 11]) {
      assert.deepEqual(await allPages(stage.store, limit), sorted)
    }
    assert.deepEqual((await stage.store.list({ after: 'a' })).ids, sorted.slice(1))
  },

  'a page has 1 to 1,000 ids': async ({ store }) => {
    for (const limit of [0, -1, 1_001, 1.5]) await assert.rejects(store.list({ limit }), RangeError)
  },

  'ids that cannot be told apart are refused, all others are distinct': async (stage) => {
    const bad = ['', '.', '.a', 'a\0', '\0', 'a\ud800', '\udfff', 'é'.repeat(128), 'x'.repeat(256)]
    for (const id of bad) {
      await rejectsCode(stage.store.load(id), 'bad-document-id')
      await rejectsCode(stage.store.stat(id), 'bad-document-id')
      await rejectsCode(stage.store.append([append(id, 1, 1)]), 'bad-document-id')
      await rejectsCode(stage.store.delete(id), 'bad-document-id')
      await rejectsCode(stage.store.mark(id, null), 'bad-document-id')
      await rejectsCode(
        stage.store.compact(id, { upToSeq: 1, parts: [bytes(1)] }),
        'bad-document-id',
      )
    }
    const good = ['a', 'a.', 'A', 'é', 'e\u0301', 'a\x01', 'x'.repeat(255), '\u{1F600}', '\uFEFFa']
    for (const [index, id] of good.entries()) await stage.store.append([append(id, 1, index + 1)])
    await stage.settle()
    for (const [index, id] of good.entries()) await expectTail(stage.store, id, 1, index + 1)
  },

  'different documents may be written at the same time': async (stage) => {
    const ids = Array.from({ length: 20 }, (_, index) => `doc ${index}`)
    await Promise.all(
      ids.map(async (id, index) => {
        for (let seq = 1; seq <= 10; seq++) {
          await stage.store.append([append(id, seq, seq)])
          if (seq === 5 && index % 2 === 0) {
            await stage.store.compact(id, { upToSeq: 4, parts: [bytes(4)] })
          }
        }
      }),
    )
    await stage.settle()
    for (const [index, id] of ids.entries()) {
      await expectTail(stage.store, id, index % 2 === 0 ? 5 : 1, 10)
    }
  },

  'a document may be read while it is written': async ({ store }) => {
    await store.append([append('a', 1, 1)])
    let lastSeq = 1
    const writing = (async () => {
      for (; lastSeq < 60; lastSeq++) {
        await store.append([append('a', lastSeq + 1, lastSeq + 1)])
        if (lastSeq % 10 === 0) await store.compact('a', { upToSeq: lastSeq, parts: [bytes(1)] })
      }
    })()
    let seen = 0
    while (seen < 60) {
      const document = await loaded(store, 'a')
      assert.ok(document.lastSeq >= seen)
      seen = document.lastSeq
      assertBytes(document.tail, updates(document.tailFirstSeq, seen))
    }
    await writing
  },

  'a closed store refuses every call, and closes twice': async ({ store }) => {
    await store.append([append('a', 1, 1)])
    await store.close()
    await store.close()
    await rejectsCode(store.load('a'), 'closed')
    await rejectsCode(store.append([append('a', 2, 2)]), 'closed')
    await rejectsCode(store.list(), 'closed')
    await rejectsCode(store.stat('a'), 'closed')
  },
}

async function allPages(store: DocumentStore, limit: number): Promise<string[]> {
  const ids: string[] = []
  let after: string | undefined
  for (;;) {
    const page = await store.list(after === undefined ? { limit } : { limit, after })
    assert.ok(page.ids.length <= limit)
    ids.push(...page.ids)
    if (page.next === null) return ids
    after = page.next
  }
}

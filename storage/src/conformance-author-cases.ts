import assert from 'node:assert/strict'
import type { Body } from './conformance-cases.js'
import type { Append, Author, DocumentStore } from './store.js'

const historyId = '0123456789abcdef0123456789abcdef'
const otherHistoryId = 'fedcba9876543210fedcba9876543210'
/** Yjs draws client ids from 32 bits; what reads updates takes up to 53. */
const LARGEST = Number.MAX_SAFE_INTEGER

/** `count` updates from number `firstSeq` on, and whose clients became known with them. */
function append(documentId: string, firstSeq: number, count: number, authors?: Author[]): Append {
  const updates = Array.from({ length: count }, (_, index) => Uint8Array.of(firstSeq + index))
  const content = { documentId, historyId, firstSeq, updates }
  return authors === undefined ? content : { ...content, authors }
}

function by(subject: string, client: number): Author {
  return { client, subject }
}

/** The authors of a document, by client. */
async function authorsOf(store: DocumentStore, documentId: string): Promise<object> {
  const document = await store.load(documentId)
  assert.ok(document !== undefined, `document "${documentId}" is there`)
  return Object.fromEntries(document.authors)
}

/** The rules of authors by title. */
export const authorCases: Readonly<Record<string, Body>> = {
  'authors come back, of each document its own': async (stage) => {
    const long = 'é\u{1F600}'.repeat(333)
    await stage.store.append([
      append('a', 1, 2, [by('ada', 0), by('Bén “日本”', LARGEST), by('ada', 2 ** 32 - 1)]),
      append('ab', 1, 1, [by('cid', 0)]),
      append('b', 1, 1),
    ])
    await stage.settle()
    await stage.store.append([append('a', 3, 1, [by(long, 7)]), append('b', 2, 1, [])])
    assert.deepEqual(await authorsOf(stage.store, 'ab'), { 0: 'cid' })
    await stage.settle()
    assert.deepEqual(await authorsOf(stage.store, 'a'), {
      0: 'ada',
      7: long,
      [2 ** 32 - 1]: 'ada',
      [LARGEST]: 'Bén “日本”',
    })
    assert.deepEqual(await authorsOf(stage.store, 'ab'), { 0: 'cid' })
    assert.deepEqual(await authorsOf(stage.store, 'b'), {})
  },

  'the first author of a client stays': async (stage) => {
    await stage.store.append([append('a', 1, 1, [by('ada', 1), by('eve', 1)])])
    await stage.store.append([append('a', 2, 1, [by('eve', 1), by('ben', 2)])])
    await stage.settle()
    await stage.store.append([append('a', 3, 1, [by('eve', 2), by('eve', 1), by('cid', 3)])])
    await stage.settle()
    await stage.store.append([append('a', 4, 1, [by('eve', 3)])])
    await stage.settle()
    assert.deepEqual(await authorsOf(stage.store, 'a'), { 1: 'ada', 2: 'ben', 3: 'cid' })
  },

  'authors appended again are stored once, and those of new numbers with them': async (stage) => {
    await stage.store.append([append('a', 1, 2, [by('ada', 1)])])
    await stage.settle()
    await stage.store.append([append('a', 1, 2, [by('ada', 1)])])
    await stage.store.append([append('a', 1, 4, [by('ada', 1), by('ben', 2)])])
    await stage.settle()
    assert.deepEqual(await authorsOf(stage.store, 'a'), { 1: 'ada', 2: 'ben' })
    assert.equal((await stage.store.load('a'))?.lastSeq, 4)
  },

  'an append that brings no new number brings no author': async (stage) => {
    await stage.store.append([append('a', 1, 2, [by('ada', 1)])])
    await stage.settle()
    await stage.store.append([append('a', 1, 2, [by('ada', 1), by('ben', 2)])])
    await stage.settle()
    assert.deepEqual(await authorsOf(stage.store, 'a'), { 1: 'ada' })
  },

  'a batch with one impossible append stores no author of the others': async (stage) => {
    await stage.store.append([append('a', 1, 1)])
    const batch = [append('a', 2, 1, [by('ada', 1)]), append('b', 4, 1, [by('ada', 1)])]
    await assert.rejects(stage.store.append(batch), RangeError)
    await stage.settle()
    assert.deepEqual(await authorsOf(stage.store, 'a'), {})
  },

  'authors stay when the log is compacted': async (stage) => {
    await stage.store.append([append('a', 1, 3, [by('ada', 1)])])
    await stage.store.compact('a', { upToSeq: 2, parts: [Uint8Array.of(9)] })
    await stage.settle()
    await stage.store.append([append('a', 4, 1, [by('ben', 2), by('eve', 1)])])
    await stage.store.mark('a', 'for a reason')
    await stage.store.compact('a', { upToSeq: 4, parts: [Uint8Array.of(10)] })
    await stage.settle()
    assert.deepEqual(await authorsOf(stage.store, 'a'), { 1: 'ada', 2: 'ben' })
  },

  'a document takes its authors along when it is deleted': async (stage) => {
    const authors = [by('ada', 1), by('ben', 2)]
    await stage.store.append([append('a', 1, 1, authors), append('ab', 1, 1, authors)])
    await stage.settle()
    await stage.store.append([append('a', 2, 1, [by('cid', 3)])])
    await stage.store.delete('a')
    await stage.settle()
    const anew = { ...append('a', 1, 1, [by('eve', 2)]), historyId: otherHistoryId }
    await stage.store.append([anew])
    await stage.settle()
    assert.deepEqual(await authorsOf(stage.store, 'a'), { 2: 'eve' })
    assert.deepEqual(await authorsOf(stage.store, 'ab'), { 1: 'ada', 2: 'ben' })
  },

  'authors that cannot be meant are the caller’s mistake, and nothing of them is stored': async ({
    store,
  }) => {
    const wrong = [
      by('ada', -1),
      by('ada', 1.5),
      by('ada', LARGEST + 1),
      by('', 1),
      by('x'.repeat(1_001), 1),
    ]
    for (const author of wrong) {
      const batch = [append('a', 1, 1), append('b', 1, 1, [by('ada', 1), author])]
      await assert.rejects(store.append(batch), RangeError)
    }
    assert.equal(await store.load('a'), undefined)
  },
}

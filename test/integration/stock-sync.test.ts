import { encodeStockMessage } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { stockVersions } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import { FrameLog } from '../support/frame-log.js'
import { personForTest, serverForTest, stockTests, warnings } from '../support/stock-room.js'
import { answered } from '../support/stock-person.js'
import { emptyAnswerFirst } from '../support/wrong-servers.js'

stockTests()

const DOCUMENT = 'shared notes'
/** Room for 30,000 letters, but not for 33,000. */
const SMALL = { messageBytes: 16 * 1_024, documentBytes: 32 * 1_024 }

describe.each(stockVersions)('%s', (version) => {
  it('[P60] syncs both ways, offline edits come up, and a restarted server has it all', async () => {
    const server = await serverForTest()
    const ada = personForTest(version, server.url, DOCUMENT)
    const bob = personForTest(version, server.url, DOCUMENT)
    ada.type('one ')
    await bob.sees('one ')
    bob.type('two ')
    await ada.sees('one two ')

    ada.drop()
    ada.text.insert(0, 'offline ')
    bob.type('three ')
    ada.rejoin()
    await ada.sees('offline one two three ')
    await bob.sees('offline one two three ')

    await server.stop()
    expect((await server.storedDoc(DOCUMENT)).getText('t').toString()).toBe(ada.content)
    ada.type('four ')
    bob.text.insert(0, 'while away, ')
    await server.start()
    await ada.sees('while away, offline one two three four ')
    await bob.sees('while away, offline one two three four ')

    ada.leave()
    bob.leave()
    await server.restart()
    const late = personForTest(version, server.url, DOCUMENT)
    await late.sees('while away, offline one two three four ')
  })

  it('[P60] undone, deleted and rewritten text comes up the same after a restart', async () => {
    const server = await serverForTest()
    const ada = personForTest(version, server.url, DOCUMENT)
    ada.type('abcdefghij')
    ada.text.delete(2, 5)
    ada.text.insert(2, '-')
    ada.doc.getMap('m').set('key', 1)
    ada.doc.getMap('m').set('key', { nested: [1, 2, 3] })
    await ada.synced()
    ada.drop()
    ada.text.delete(0, 1)
    ada.rejoin()
    const bob = personForTest(version, server.url, DOCUMENT)
    await bob.sees('b-hij')
    await server.restart()
    const late = personForTest(version, server.url, DOCUMENT)
    await late.sees('b-hij')
    expect(late.doc.getMap('m').toJSON()).toEqual({ key: { nested: [1, 2, 3] } })
    expect(Y.equalSnapshots(Y.snapshot(late.doc), Y.snapshot(ada.doc))).toBe(true)
  })

  it('[P22] counts as synced only when a large document is there, whatever it is stored as', async () => {
    const { store, content } = await storedInPieces()
    const server = await serverForTest({ store })
    const ada = personForTest(version, server.url, DOCUMENT)
    await eventually('synced', () => ada.textsWhenSynced.length > 0)
    expect(ada.textsWhenSynced).toEqual([content])

    // And for everybody who joins while somebody types, and for one who has a part of it already.
    const half = new Y.Doc()
    Y.applyUpdate(half, Y.encodeStateAsUpdate(ada.doc))
    const joiners = Array.from({ length: 6 }, (_, i) => {
      ada.type('x'.repeat(50))
      const doc = i % 2 === 0 ? new Y.Doc() : half
      return personForTest(version, server.url, DOCUMENT, i === 1 ? { doc } : {})
    })
    await eventually('all synced', () => joiners.every((one) => one.textsWhenSynced.length > 0))
    for (const { textsWhenSynced } of joiners) {
      expect(textsWhenSynced[0]?.startsWith(content)).toBe(true)
    }
  })

  it('[P22] would be caught out by a server that answers empty first', async () => {
    const wrong = await emptyAnswerFirst('the content')
    const ada = personForTest(version, wrong.url, DOCUMENT)
    await ada.sees('the content')
    expect(ada.textsWhenSynced).toEqual([''])
  })

  it('[P22] answers in an empty room', async () => {
    const server = await serverForTest()
    const ada = personForTest(version, server.url, 'nobody was here')
    await ada.synced()
    expect(ada.textsWhenSynced).toEqual([''])
    expect(ada.log.count('sync-step-2')).toBe(1)
    ada.drop()
    ada.rejoin()
    await eventually('synced again', () => ada.textsWhenSynced.length === 2)
  })

  it('[P27] is told once that an edit is refused, and goes on reading', async () => {
    const server = await serverForTest(SMALL)
    const [ada, bob] = [0, 1].map(() => personForTest(version, server.url, DOCUMENT))
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    ada.type('a'.repeat(30_000))
    await bob.sees('a'.repeat(30_000))

    bob.type('b'.repeat(3_000))
    await eventually('told', () => bob.log.count('auth-denied') === 1)
    expect(warnings()).toEqual([expect.stringContaining('32768 bytes')])
    ada.text.insert(0, 'still open. ')
    await eventually('reading', () => bob.content.startsWith('still open. '))
    const seen = ada.log.received.length

    // Everything that repeats the refused edit: sending it again, and coming back.
    for (let i = 0; i < 3; i++) bob.sendRaw(encodedUpdate(bob.doc, ada.doc))
    await answered(bob)
    expect(bob.log.count('auth-denied')).toBe(1)
    bob.drop()
    bob.rejoin()
    await eventually('told again', () => bob.log.count('auth-denied') === 2)
    await answered(bob)
    await answered(ada)
    expect(bob.log.count('auth-denied')).toBe(2)
    expect(bob.log.closes.length).toBe(1)
    expect(ada.log.count('update', seen)).toBe(0)
    expect(bob.content).toContain('b'.repeat(3_000))
    await server.stop()
    expect((await server.storedDoc(DOCUMENT)).getText('t').toString()).toBe(ada.content)
  })

  it('[P27] goes on with the refused edit where it left off when there is room for it', async () => {
    const server = await serverForTest(SMALL)
    const ada = personForTest(version, server.url, DOCUMENT)
    await ada.synced()
    for (let i = 0; i < 3; i++) ada.type('a'.repeat(10_000))
    ada.type('b'.repeat(3_000))
    await eventually('told', () => ada.log.count('auth-denied') === 1)
    // Typed on: it builds upon what the server refused, and can only wait for it.
    ada.type('c')
    await answered(ada)
    const bob = personForTest(version, server.url, DOCUMENT)
    await bob.sees('a'.repeat(30_000))
    await server.stop()
    const roomy = await serverForTest({ data: server.folder })
    const again = personForTest(version, roomy.url, DOCUMENT, { doc: ada.doc })
    await again.synced()
    const late = personForTest(version, roomy.url, DOCUMENT)
    await late.sees(`${'a'.repeat(30_000)}${'b'.repeat(3_000)}c`)
  })

  it('[P24] is cut off with a reason for bytes that are no update, and the others are not', async () => {
    const server = await serverForTest()
    const [ada, bob] = [0, 1].map(() => personForTest(version, server.url, DOCUMENT))
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    ada.type('text')
    await bob.sees('text')
    bob.sendRaw(Uint8Array.of(0, 2, 3, 1, 200, 7))
    await eventually('closed', () => bob.log.closes.length > 0)
    expect(bob.log.closes).toEqual([4400])
    expect(bob.log.count('auth-denied')).toBe(1)
    ada.type(' and more')
    bob.rejoin()
    await bob.sees('text and more')
    expect(ada.log.closes).toEqual([])
  })

  it('[P24] may speak of things of its own, which mean nothing here', async () => {
    const server = await serverForTest()
    const [ada, bob] = [0, 1].map(() => personForTest(version, server.url, DOCUMENT))
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    await Promise.all([ada.synced(), bob.synced()])
    const seen = bob.log.received.length
    ada.sendRaw(Uint8Array.of(102, 1, 2, 3))
    await answered(ada)
    await answered(bob)
    // That somebody is here may be told at any time.
    const told = bob.log.messages(seen).map(({ type }) => type)
    expect(told.filter((type) => type !== 'presence')).toEqual(['sync-step-2'])
    ada.type('text')
    await bob.sees('text')
    expect(ada.log.closes).toEqual([])
  })

  it('[L4] is told 1012 when the server stops, returns to the next one, and nothing is doubled', async () => {
    const server = await serverForTest()
    const ada = personForTest(version, server.url, DOCUMENT)
    const bob = personForTest(version, server.url, DOCUMENT)
    await ada.synced()
    await bob.synced()
    let written = ''
    for (let round = 1; round <= 3; round++) {
      ada.type(`before ${round}, `)
      const stopping = server.stop()
      ada.type(`during ${round}, `)
      await stopping
      ada.type(`after ${round}. `)
      written += `before ${round}, during ${round}, after ${round}. `
      await server.start()
      await ada.sees(written)
      await bob.sees(written)
    }
    expect(ada.log.closes).toEqual([1012, 1012, 1012])
    expect(bob.log.closes).toEqual([1012, 1012, 1012])
    await server.stop()
    expect((await server.storedDoc(DOCUMENT)).getText('t').toString()).toBe(written)
  })
})

it('[P23] would notice frames that these clients cannot read, after every test', () => {
  const log = new FrameLog()
  const [empty, unknown] = [Uint8Array.of(0, 1, 2, 0, 0), Uint8Array.of(102, 1, 0)]
  log.received.push(empty, unknown, Uint8Array.of(...empty, ...empty), empty.subarray(0, 3))
  log.textFrames = 1
  expect(log.unreadable().length).toBe(4)
})

/** What the second document lacks of the first, as a client sends it. */
function encodedUpdate(doc: Y.Doc, other: Y.Doc): Uint8Array<ArrayBuffer> {
  const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other))
  return encodeStockMessage({ type: 'update', update })
}

/** A document of several hundred kilobytes: a snapshot in parts, and a tail. */
async function storedInPieces(): Promise<{ store: MemoryStore; content: string }> {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const text = doc.getText('t')
  for (let i = 0; i < 8; i++) text.insert(text.length, `${i}`.repeat(50_000))
  text.delete(10, 20)
  for (let i = 0; i < 20; i++) text.insert(text.length, `tail ${i} `)
  const store = new MemoryStore()
  await store.open()
  const historyId = '0123456789abcdef0123456789abcdef'
  await store.append([{ documentId: DOCUMENT, historyId, firstSeq: 1, updates }])
  const parts = [Y.mergeUpdates(updates.slice(0, 3)), Y.mergeUpdates(updates.slice(3, 6))]
  await store.compact(DOCUMENT, { upToSeq: 6, parts })
  return { store, content: text.toString() }
}

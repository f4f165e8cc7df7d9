import { LevelStore } from '@coscribe/storage'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { Author as Typist, createAckLog } from '../support/author.js'
import { count } from '../support/count.js'
import { eventually } from '../support/eventually.js'
import { seededRandom } from '../support/random.js'
import { folderForTest, startTestServer } from '../support/test-server.js'

const CLIENTS = count('COSCRIBE_STORM_CLIENTS', 300)
const DOCUMENTS = count('COSCRIBE_STORM_DOCUMENTS', 30)

/** Documents from a sentence to a few MiB, as a server leaves them: some as a log, some folded. */
async function storedDocuments(folder: string): Promise<Map<string, Y.Doc>> {
  const store = new LevelStore({ path: folder })
  await store.open()
  const docs = new Map<string, Y.Doc>()
  for (let i = 0; i < DOCUMENTS; i++) {
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (let j = 0; j < 20; j++) {
      doc.getText('content').insert(0, `${i}.${j} `.repeat(1 + 2 ** (i % 14)))
    }
    const id = `storm-${i}`
    docs.set(id, doc)
    await store.append([{ documentId: id, historyId: 'a'.repeat(32), firstSeq: 1, updates }])
    if (i % 2 === 0) {
      await store.compact(id, { upToSeq: 15, parts: updates.slice(0, 15) })
    }
  }
  await store.close()
  return docs
}

/** What one y-websocket client was sent up to the moment in which it counts as synced. */
async function join(url: string, documentId: string): Promise<Uint8Array[]> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/${documentId}`)
  socket.binaryType = 'nodebuffer'
  const updates: Uint8Array[] = []
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => socket.send(Uint8Array.of(0, 0, 1, 0)))
    socket.on('error', reject)
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)))
    socket.on('message', (data: Buffer) => {
      if (data[0] !== 0 || data[1] === 0) return
      updates.push(payloadOf(data))
      if (data[1] === 1) resolve()
    })
  })
  socket.terminate()
  return updates
}

/** The update of a sync message: behind two bytes of types and its length. */
function payloadOf(data: Buffer): Uint8Array {
  let at = 2
  while ((data[at] ?? 0) >= 0x80) at++
  return new Uint8Array(data.subarray(at + 1))
}

function isWhole(updates: readonly Uint8Array[], doc: Y.Doc): boolean {
  const joined = new Y.Doc()
  for (const update of updates) {
    Y.applyUpdate(joined, update)
    if (joined.store.pendingStructs !== null) return false
  }
  return Buffer.compare(Y.encodeStateAsUpdate(joined), Y.encodeStateAsUpdate(doc)) === 0
}

it(`[B20] after a restart ${CLIENTS} clients on ${DOCUMENTS} documents at once all get the whole of theirs`, async () => {
  const data = folderForTest()
  const docs = await storedDocuments(data)
  const server = await startTestServer({ data })
  const ids = [...docs.keys()]
  const joins = Array.from({ length: CLIENTS }, async (_, i) => {
    const id = ids[i % ids.length]!
    return { id, updates: await join(server.url, id) }
  })
  // Somebody who is in already goes on writing meanwhile, and is saved.
  const typist = new Typist(server.url.replace('http', 'ws'), 'other', 'typist', createAckLog())
  await typist.ready()
  const random = seededRandom(1)
  for (let i = 0; i < 20; i++) {
    typist.edit(random)
    await typist.acked(i + 1)
  }
  const outcomes = await Promise.all(joins)
  typist.destroy()
  const checked = new Set<string>()
  for (const { id, updates } of outcomes) {
    // The same bytes for everybody: comparing one join of each document by content is enough.
    const bytes = updates.reduce((sum, update) => sum + update.length, 0)
    const key = `${id} ${bytes}`
    if (!checked.has(key)) expect(isWhole(updates, docs.get(id)!)).toBe(true)
    checked.add(key)
  }
  expect(checked.size).toBe(DOCUMENTS)
  // Control: the check sees a document that is not whole.
  const large = outcomes.find(({ id }) => id === 'storm-13' || id === ids.at(-1))!
  expect(isWhole(large.updates.slice(1), docs.get(large.id)!)).toBe(false)
  await eventually('everybody has left', () => server.connections === 0)
}, 300_000)

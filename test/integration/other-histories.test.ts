import { MemoryStore, type DocumentStore } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../support/eventually.js'
import {
  append,
  contentOf,
  ID,
  person,
  raw,
  running,
  storedBecomes,
} from '../support/crashing-server.js'
import type { Crashing } from '../support/crashing-server.js'

/** Another document under the same id: the same text history up to a number, or another history. */
async function copyOf(store: DocumentStore, historyId: string | null, upTo: number) {
  const stored = await store.load(ID)
  if (stored === undefined) throw new Error('nothing to copy')
  const copy = new MemoryStore()
  await copy.open()
  const updates = stored.tail.slice(0, upTo)
  await copy.append([
    { documentId: ID, historyId: historyId ?? stored.historyId, firstSeq: 1, updates },
  ])
  return copy
}

describe('a document that was replaced or restored', () => {
  it('[R72] our client says that the history is another one and merges nothing', async () => {
    const server = await running()
    const ann = await person(server)
    append(ann.ydoc, 'mine')
    await ann.whenSaved()
    await server.crash()
    const other = await raw(await elsewhere('theirs'))
    await other.open()
    await other.sync()
    const replaced = await copyOfDoc(other.doc)
    await server.start(replaced)
    await eventually('told', () => ann.status.error?.code === 'history-mismatch')
    expect(ann.status.connection).toBe('closed')
    expect(contentOf(ann.ydoc)).toBe('mine')
    expect(await server.stored()).toBe('theirs')
  })

  it('[R72] an older state of the same history is healed by the clients', async () => {
    const server = await running()
    const ann = await person(server)
    for (const word of ['one ', 'two ', 'three ']) {
      append(ann.ydoc, word)
      await ann.whenSaved()
    }
    const older = await copyOf(server.disk, null, 1)
    await server.crash()
    await server.start(older)
    expect(await server.stored()).toBe('one ')
    await storedBecomes(server, 'one two three ')
    await ann.whenSaved()
    expect(ann.status.error).toBeNull()
    const newcomer = await person(server)
    expect(contentOf(newcomer.ydoc)).toBe('one two three ')
  })
})

async function elsewhere(text: string): Promise<Crashing> {
  const server = await running()
  const author = await person(server)
  append(author.ydoc, text)
  await author.whenSaved()
  author.destroy()
  return server
}

async function copyOfDoc(doc: Y.Doc): Promise<MemoryStore> {
  const store = new MemoryStore()
  await store.open()
  const updates = [Y.encodeStateAsUpdate(doc)]
  await store.append([{ documentId: ID, historyId: 'f'.repeat(32), firstSeq: 1, updates }])
  return store
}

import 'fake-indexeddb/auto'
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi, type Mock } from 'vitest'
import * as Y from 'yjs'
import { IndexedDbStore } from '../../client/src/offline/indexed-db-store.js'
import { ManualClock } from '../support/manual-clock.js'

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
})
afterEach(() => vi.restoreAllMocks())

function storeFor(doc = 'minutes', url = 'ws://here:1234'): IndexedDbStore {
  return new IndexedDbStore({ url, doc })
}

/** One update for each text, of one author. */
function updatesOf(...texts: string[]): Uint8Array[] {
  const author = new Y.Doc()
  const updates: Uint8Array[] = []
  author.on('update', (update: Uint8Array) => updates.push(update))
  for (const text of texts) author.getText('content').insert(author.getText('content').length, text)
  return updates
}

async function textIn(store: IndexedDbStore): Promise<string> {
  const reader = new Y.Doc()
  for (const update of (await store.load()).updates) Y.applyUpdate(reader, update)
  return reader.getText('content').toString()
}

/** Lets a method do what it does, and looks at what it returned. */
function wrap<Host extends object>(
  host: Host,
  method: string,
  look: (result: never, host: Host) => void,
): Mock {
  type Method = (this: Host, ...args: unknown[]) => never
  const original = Reflect.get(host, method) as Method
  const wrapped = vi.fn(function (this: Host, ...args: unknown[]): unknown {
    const result = original.apply(this, args)
    look(result, this)
    return result
  })
  Reflect.set(host, method, wrapped)
  onTestFinished(() => void Reflect.set(host, method, original))
  return wrapped
}

describe('the copy in IndexedDB', () => {
  it('[E33] returns what was appended, in order, to whoever opens it next', async () => {
    expect(await storeFor().load()).toEqual({ historyId: '', updates: [] })
    const [first, second] = updatesOf('one ', 'two')
    const store = storeFor()
    await store.append([first ?? new Uint8Array()], '')
    await store.append([second ?? new Uint8Array()], 'h1')
    expect((await storeFor().load()).historyId).toBe('h1')
    expect(await textIn(storeFor())).toBe('one two')
  })

  it('[E33] keeps documents and servers apart', async () => {
    await storeFor('a').append(updatesOf('a'), 'ha')
    expect(await textIn(storeFor('b'))).toBe('')
    expect(await textIn(storeFor('a', 'ws://there:1234'))).toBe('')
    expect((await storeFor('b').load()).historyId).toBe('')
  })

  it('[E33] two tabs keep one document', async () => {
    const [one, two] = [storeFor(), storeFor()]
    await Promise.all([one.append(updatesOf('x'), 'h'), two.append(updatesOf('y'), '')])
    expect(await textIn(storeFor())).toMatch(/^(?:xy|yx)$/)
    expect((await storeFor().load()).historyId).toBe('h')
  })

  it('[E33] merges what piles up, and loses nothing', async () => {
    const store = storeFor()
    const texts = Array.from({ length: 450 }, (_, index) => `${index} `)
    for (const update of updatesOf(...texts)) await store.append([update], 'h')
    expect((await store.load()).updates.length).toBeLessThan(100)
    expect(await textIn(store)).toBe(texts.join(''))
  })

  it('[E33] acknowledges nothing before its transaction is complete', async () => {
    let completed = false
    const transaction = wrap(IDBDatabase.prototype, 'transaction', (made: IDBTransaction) => {
      made.addEventListener('complete', () => {
        completed = true
      })
    })
    await storeFor().append(updatesOf('x'), '')
    expect(completed).toBe(true)
    expect(transaction).toHaveBeenCalledWith(expect.anything(), 'readwrite', {
      durability: 'strict',
    })
  })

  it('[E34] a transaction that aborts after its requests went well is a failure', async () => {
    wrap(IDBObjectStore.prototype, 'add', (request: IDBRequest, store: IDBObjectStore) => {
      request.addEventListener('success', () => store.transaction.abort())
    })
    await expect(storeFor().append(updatesOf('x'), '')).rejects.toThrow()
    expect(await textIn(storeFor())).toBe('')
  })

  it('[E34] says that there is no IndexedDB, and tries again next time', async () => {
    const factory = globalThis.indexedDB
    const store = storeFor()
    Reflect.deleteProperty(globalThis, 'indexedDB')
    await expect(store.load()).rejects.toThrow('no IndexedDB')
    await expect(store.append([], '')).rejects.toThrow('no IndexedDB')
    globalThis.indexedDB = factory
    expect((await store.load()).updates).toEqual([])
  })

  it('[E34] says that it was cleared, and does not go on without what came before', async () => {
    const store = storeFor()
    const [before, after] = updatesOf('before ', 'after')
    const lost = vi.fn<(error: Error) => void>()
    store.onLost(lost)
    await store.append([before ?? new Uint8Array()], '')
    expect(lost).not.toHaveBeenCalled()
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase('coscribe')
      request.addEventListener('success', () => resolve())
      request.addEventListener('error', () => reject(request.error ?? new Error('not deleted')))
    })
    expect(lost).toHaveBeenCalledOnce()
    await expect(store.append([after ?? new Uint8Array()], '')).rejects.toThrow('cleared it')
    expect((await storeFor().load()).updates).toEqual([])
    // Who reads it again knows what is there.
    expect((await store.load()).updates).toEqual([])
    await store.append(updatesOf('new'), '')
    expect(await textIn(store)).toBe('new')
  })

  it('[K12] leaves no open database when it is closed, and can be used again', async () => {
    const close = vi.spyOn(IDBDatabase.prototype, 'close')
    const store = storeFor()
    store.close()
    await store.append(updatesOf('x'), '')
    expect(close).not.toHaveBeenCalled()
    store.close()
    await vi.waitFor(() => expect(close).toHaveBeenCalledOnce(), { timeout: 20_000 })
    expect(await textIn(store)).toBe('x')
  })

  it('[E34] gives up on a database that does not answer', async () => {
    const clock = new ManualClock()
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(
      () =>
        Object.create(IDBOpenDBRequest.prototype, {
          addEventListener: { value: () => {} },
        }) as IDBOpenDBRequest,
    )
    const loading = new IndexedDbStore({ url: 'ws://here', doc: 'd', clock }).load()
    const failed = expect(loading).rejects.toThrow('does not open its database (waited 3 s)')
    clock.advance(3_000)
    await failed
  })

  it('[K10] has not failed when the machine slept while it was written', async () => {
    const clock = new ManualClock()
    const store = new IndexedDbStore({ url: 'ws://here', doc: 'd', clock })
    await store.load()
    const written = store.append(updatesOf('x'), '')
    clock.sleep(3_600_000)
    clock.advance(0)
    await written
    expect(await textIn(store)).toBe('x')
    expect(clock.waiting).toBe(0)
  })

  it('[K10] control: has failed when it does not answer whoever is awake again', async () => {
    const clock = new ManualClock()
    const store = new IndexedDbStore({ url: 'ws://here', doc: 'd', clock })
    await store.load()
    vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(
      () =>
        Object.create(IDBRequest.prototype, {
          addEventListener: { value: () => {} },
        }) as IDBRequest,
    )
    const failed = expect(store.append(updatesOf('x'), '')).rejects.toThrow('(waited 10 s)')
    clock.sleep(3_600_000)
    clock.advance(10_000)
    await failed
  })
})

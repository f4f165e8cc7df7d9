import type { OfflineCopy } from './offline-store.js'

const NAME = 'coscribe'
const VERSION = 1
const MAX_NAMES = 1_000

/** In the table `updates`: in the order they were given, of all documents. The other one has a history by document. */
interface Row {
  readonly document: string
  readonly bytes: Uint8Array
}

const stores = ['updates', 'histories'] as const

/** The tables of all documents kept in this browser. Every write resolves when its transaction is complete. */
export class UpdateDatabase {
  readonly #database: IDBDatabase

  constructor(database: IDBDatabase) {
    this.#database = database
  }

  /** What is being written is still completed. */
  close(): void {
    this.#database.close()
  }

  async read(document: string): Promise<OfflineCopy> {
    const transaction = this.#database.transaction([...stores], 'readonly')
    const [rows, historyId] = await Promise.all([
      result<Row[]>(transaction.objectStore('updates').index('document').getAll(document)),
      result<string | undefined>(transaction.objectStore('histories').get(document)),
    ])
    return { historyId: historyId ?? '', updates: rows.map(({ bytes }) => bytes) }
  }

  /** Returns how many records the document has now. */
  append(document: string, updates: readonly Uint8Array[], historyId: string): Promise<number> {
    return this.#write(async (transaction) => {
      const table = transaction.objectStore('updates')
      const requests = updates.map((bytes) => table.add({ document, bytes }))
      // A tab that has not met the server yet knows less than one that has.
      if (historyId !== '') {
        requests.push(transaction.objectStore('histories').put(historyId, document))
      }
      await Promise.all(requests.map((request) => result(request)))
      return result(table.index('document').count(document))
    })
  }

  /** The documents that are kept and whose names begin with `prefix`, at most 1,000. */
  async documents(prefix: string): Promise<readonly string[]> {
    const names: string[] = []
    const index = this.#database.transaction('updates').objectStore('updates').index('document')
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
    const request = index.openKeyCursor(range, 'nextunique')
    let cursor = await result(request)
    while (cursor !== null && names.length < MAX_NAMES) {
      names.push(String(cursor.key))
      cursor.continue()
      cursor = await result(request)
    }
    return names
  }

  /** Takes away everything of a document. */
  async forget(document: string): Promise<void> {
    await this.#write(async (transaction) => {
      const table = transaction.objectStore('updates')
      const keys = await result(table.index('document').getAllKeys(document))
      const requests = [
        ...keys.map((key) => table.delete(key)),
        transaction.objectStore('histories').delete(document),
      ]
      await Promise.all(requests.map((request) => result(request)))
    })
  }

  /** Replaces a document's records by what `merge` makes of them, all at once. */
  async compact(
    document: string,
    merge: (updates: readonly Uint8Array[]) => Uint8Array,
  ): Promise<void> {
    await this.#write(async (transaction) => {
      const table = transaction.objectStore('updates')
      const index = table.index('document')
      const [keys, rows] = await Promise.all([
        result(index.getAllKeys(document)),
        result<Row[]>(index.getAll(document)),
      ])
      const bytes = merge(rows.map((row) => row.bytes))
      const removals = keys.map((key) => result(table.delete(key)))
      await Promise.all([...removals, result(table.add({ document, bytes }))])
    })
  }

  async #write<Result>(work: (transaction: IDBTransaction) => Promise<Result>): Promise<Result> {
    // Strict: complete means flushed to the disk, where the browser offers it.
    const options = { durability: 'strict' } as const
    const transaction = this.#database.transaction([...stores], 'readwrite', options)
    // Settled on its own too: a transaction that aborts rejects here as well as in its requests.
    const [outcome] = await Promise.all([abortOnThrow(transaction, work), completed(transaction)])
    return outcome
  }
}

/** What a request brings; rejects with its error. */
function result<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.addEventListener('error', () =>
      reject(request.error ?? new Error('the browser does not say why')),
    )
  })
}

/** Resolves when a transaction is complete; rejects with what has ended it. */
function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.addEventListener('abort', () =>
      reject(transaction.error ?? new DOMException('', 'AbortError')),
    )
  })
}

async function abortOnThrow<Result>(
  transaction: IDBTransaction,
  work: (transaction: IDBTransaction) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(transaction)
  } catch (error) {
    try {
      transaction.abort()
    } catch {
      // The failed request has aborted it already.
    }
    throw error
  }
}

/**
 * Opens the database, making it when needed.
 *
 * @param onClosed called when it can no longer be used: the browser closed it, or a newer version wants to change it
 */
export async function openUpdates(onClosed: () => void): Promise<UpdateDatabase> {
  if (globalThis.indexedDB === undefined) throw new Error('this browser has no IndexedDB')
  const request = indexedDB.open(NAME, VERSION)
  request.onupgradeneeded = () => {
    const fresh = request.result
    fresh.createObjectStore('updates', { autoIncrement: true }).createIndex('document', 'document')
    fresh.createObjectStore('histories')
  }
  const database = await result(request)
  database.onversionchange = () => {
    database.close()
    onClosed()
  }
  database.addEventListener('close', onClosed)
  return new UpdateDatabase(database)
}

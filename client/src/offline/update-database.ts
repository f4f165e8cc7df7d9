import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb'
import type { OfflineCopy } from './offline-store.js'

const NAME = 'coscribe'
const VERSION = 1
const MAX_NAMES = 1_000

interface Schema extends DBSchema {
  /** In the order they were given, of all documents. */
  readonly updates: {
    key: number
    value: { readonly document: string; readonly bytes: Uint8Array }
    indexes: { document: string }
  }
  readonly histories: { key: string; value: string }
}

type StoreName = 'updates' | 'histories'
type Transaction = IDBPTransaction<Schema, StoreName[], 'readwrite'>

const stores: StoreName[] = ['updates', 'histories']

/** The tables of all documents kept in this browser. Every write resolves when its transaction is complete. */
export class UpdateDatabase {
  readonly #database: IDBPDatabase<Schema>

  constructor(database: IDBPDatabase<Schema>) {
    this.#database = database
  }

  /** What is being written is still completed. */
  close(): void {
    this.#database.close()
  }

  async read(document: string): Promise<OfflineCopy> {
    const transaction = this.#database.transaction(stores, 'readonly')
    const [rows, historyId] = await Promise.all([
      transaction.objectStore('updates').index('document').getAll(document),
      transaction.objectStore('histories').get(document),
    ])
    return { historyId: historyId ?? '', updates: rows.map(({ bytes }) => bytes) }
  }

  /** Returns how many records the document has now. */
  append(document: string, updates: readonly Uint8Array[], historyId: string): Promise<number> {
    return this.#write(async (transaction) => {
      const table = transaction.objectStore('updates')
      const requests: Promise<unknown>[] = updates.map((bytes) => table.add({ document, bytes }))
      // A tab that has not met the server yet knows less than one that has.
      if (historyId !== '') {
        requests.push(transaction.objectStore('histories').put(historyId, document))
      }
      await Promise.all(requests)
      return table.index('document').count(document)
    })
  }

  /** The documents that are kept and whose names begin with `prefix`, at most 1,000. */
  async documents(prefix: string): Promise<readonly string[]> {
    const names: string[] = []
    const transaction = this.#database.transaction('updates', 'readonly')
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
    let cursor = await transaction.store.index('document').openKeyCursor(range, 'nextunique')
    while (cursor !== null && names.length < MAX_NAMES) {
      names.push(cursor.key)
      cursor = await cursor.continue()
    }
    return names
  }

  /** Takes away everything of a document. */
  async forget(document: string): Promise<void> {
    await this.#write(async (transaction) => {
      const table = transaction.objectStore('updates')
      const keys = await table.index('document').getAllKeys(document)
      await Promise.all([
        ...keys.map((key) => table.delete(key)),
        transaction.objectStore('histories').delete(document),
      ])
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
      const [keys, rows] = await Promise.all([index.getAllKeys(document), index.getAll(document)])
      const bytes = merge(rows.map((row) => row.bytes))
      await Promise.all([...keys.map((key) => table.delete(key)), table.add({ document, bytes })])
    })
  }

  async #write<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    // Strict: complete means flushed to the disk, where the browser offers it.
    const transaction = this.#database.transaction(stores, 'readwrite', { durability: 'strict' })
    // Settled on its own too: a transaction that aborts rejects here as well as in its requests.
    const [result] = await Promise.all([abortOnThrow(transaction, work), transaction.done])
    return result
  }
}

async function abortOnThrow<Result>(
  transaction: Transaction,
  work: (transaction: Transaction) => Promise<Result>,
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
  const database = await openDB<Schema>(NAME, VERSION, {
    upgrade(fresh) {
      fresh
        .createObjectStore('updates', { autoIncrement: true })
        .createIndex('document', 'document')
      fresh.createObjectStore('histories')
    },
    blocking() {
      database.close()
      onClosed()
    },
    terminated: onClosed,
  })
  return new UpdateDatabase(database)
}

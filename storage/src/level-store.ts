import { checkDocumentId, CoscribeError, systemRandom, type Random } from '@coscribe/shared'
import {
  headForChange,
  joinPlans,
  planAppend,
  planCompact,
  planDelete,
  planMark,
  storedOverlap,
  type Plan,
} from './change-plan.js'
import { checkBatch, checkListOptions, checkSnapshot, notOpen } from './checks.js'
import { Damage } from './damage.js'
import { Database, levelCode, type DatabaseView } from './database.js'
import { readDocument, readHead } from './document-reader.js'
import { damaged, databasePath, enterFolder, writeMarker } from './folder.js'
import { HeadCache } from './head-cache.js'
import { idOf, rangeAfter, type Section } from './keys.js'
import { Lane } from './lane.js'
import type {
  Append,
  DocumentPage,
  DocumentStat,
  DocumentStore,
  ListOptions,
  Snapshot,
  StoredDocument,
} from './store.js'

/** Settings of a {@link LevelStore}. */
export interface LevelStoreOptions {
  /** The data folder; made if it is not there. */
  readonly path: string
  /** `fsync` (default): an append survives power loss. `os`: it survives the end of the process only. */
  readonly durability?: 'fsync' | 'os'
  readonly random?: Random
}

const CACHED_HEADS = 10_000

/** Documents in one LevelDB database. */
export class LevelStore implements DocumentStore {
  readonly #path: string
  readonly #sync: boolean
  readonly #random: Random
  readonly #writes = new Lane()
  readonly #heads = new HeadCache(CACHED_HEADS)
  #database: Database | null = null

  constructor(options: LevelStoreOptions) {
    this.#path = options.path
    this.#sync = (options.durability ?? 'fsync') === 'fsync'
    this.#random = options.random ?? systemRandom
  }

  async open(): Promise<void> {
    const marker = await enterFolder(this.#path, this.#random)
    const creating = marker.state === 'creating'
    this.#database = await openDatabase(this.#path, creating)
    if (creating) await writeMarker(this.#path, { storeId: marker.storeId, state: 'ready' })
  }

  async close(): Promise<void> {
    await this.#writes.run(async () => {
      const database = this.#database
      this.#database = null
      this.#heads.clear()
      await database?.close()
    })
  }

  async load(documentId: string): Promise<StoredDocument | undefined> {
    return this.#read(documentId, (view) => readDocument(view, documentId))
  }

  async append(batch: readonly Append[]): Promise<void> {
    checkBatch(batch)
    if (batch.length === 0) return
    await this.#writes.run(async () => {
      const plans: Plan[] = []
      for (const append of batch) plans.push(await this.#planAppend(append))
      await this.#commit(joinPlans(plans))
    })
  }

  async #planAppend(append: Append): Promise<Plan> {
    const cached = this.#heads.get(append.documentId)
    if (cached?.historyId === append.historyId && cached.lastSeq + 1 === append.firstSeq) {
      return planAppend(append, cached, 0)
    }
    return this.#read(append.documentId, async (view) => {
      const head = await headForChange(view, append.documentId, cached)
      return planAppend(append, head, await storedOverlap(view, append, head))
    })
  }

  async compact(documentId: string, snapshot: Snapshot): Promise<void> {
    // Read and sealed before it takes its turn: other documents' appends wait for the write only.
    const plan = await this.#read(documentId, async (view) => {
      const head = await headForChange(view, documentId, this.#heads.get(documentId))
      checkSnapshot(documentId, snapshot, head)
      return head && planCompact(view, documentId, head, snapshot)
    })
    if (plan !== undefined) await this.#writes.run(() => this.#commit(plan))
  }

  async mark(documentId: string, readOnlyReason: string | null): Promise<void> {
    const plan = await this.#read(documentId, async (view) => {
      const head = await headForChange(view, documentId, this.#heads.get(documentId))
      if (head === undefined) throw new RangeError(`there is no document "${documentId}" to mark`)
      return planMark(documentId, head, readOnlyReason)
    })
    await this.#writes.run(() => this.#commit(plan))
  }

  async delete(documentId: string): Promise<void> {
    const plan = await this.#read(documentId, async (view) => {
      const head = await headForChange(view, documentId, this.#heads.get(documentId))
      return head && planDelete(view, documentId, head)
    })
    if (plan !== undefined) await this.#writes.run(() => this.#commit(plan))
  }

  async list(options?: ListOptions): Promise<DocumentPage> {
    const { after, limit } = checkListOptions(options)
    const view = this.#view()
    try {
      const ids = new Set<string>()
      for (const section of ['head', 'log', 'snapshot'] as const) {
        for (const id of await idsAfter(view, section, after, limit + 1)) ids.add(id)
      }
      const sorted = [...ids].map((id) => Buffer.from(id)).sort((a, b) => Buffer.compare(a, b))
      const page = sorted.slice(0, limit).map((id) => id.toString())
      return { ids: page, next: sorted.length > limit ? (page.at(-1) ?? null) : null }
    } finally {
      await view.close()
    }
  }

  async stat(documentId: string): Promise<DocumentStat | undefined> {
    const head = await this.#read(documentId, (view) => readHead(view, documentId))
    if (head === undefined) return undefined
    const { historyId, lastSeq, snapshotSeq, bytes, readOnlyReason } = head
    return { historyId, lastSeq, snapshotSeq, bytes, readOnlyReason }
  }

  async #commit(plan: Plan): Promise<void> {
    if (plan.puts.length + plan.deletes.length === 0) return
    try {
      await this.#opened().write(plan, this.#sync)
    } catch (error) {
      throw new CoscribeError('storage-unavailable', 'the database did not take a write', {
        cause: error,
      })
    }
    for (const { documentId, after } of plan.heads) {
      if (after === null) this.#heads.delete(documentId)
      else this.#heads.set(documentId, after)
    }
  }

  async #read<Value>(
    documentId: string,
    action: (view: DatabaseView) => Promise<Value>,
  ): Promise<Value> {
    checkDocumentId(documentId)
    const view = this.#view()
    try {
      return await action(view)
    } catch (error) {
      if (!(error instanceof Damage)) throw error
      throw new CoscribeError(
        'document-unavailable',
        `the stored document "${documentId}" is damaged and was set aside: ${error.message}`,
        { cause: error },
      )
    } finally {
      await view.close()
    }
  }

  #view(): DatabaseView {
    return this.#opened().view()
  }

  #opened(): Database {
    if (this.#database === null) throw notOpen()
    return this.#database
  }
}

async function idsAfter(
  view: DatabaseView,
  section: Section,
  after: string,
  limit: number,
): Promise<string[]> {
  const ids: string[] = []
  await view.skim(rangeAfter(section, after), (key) => {
    const id = idOf(section, key)
    // A key that no store of ours wrote: step over it alone.
    if (id === null) return Buffer.concat([key, Buffer.alloc(1)])
    ids.push(id)
    return ids.length < limit ? rangeAfter(section, id).gte : null
  })
  return ids
}

async function openDatabase(folder: string, create: boolean): Promise<Database> {
  try {
    return await Database.open(databasePath(folder), create)
  } catch (error) {
    if (levelCode(error) === 'LEVEL_LOCKED') {
      throw new CoscribeError(
        'store-locked',
        `the data folder ${folder} is in use by another process; stop it or name another folder`,
        { cause: error },
      )
    }
    throw damaged(folder, `LevelDB refused to open it`, error)
  }
}

import {
  checkDocumentId,
  systemClock,
  systemRandom,
  type Clock,
  type Random,
} from '@coscribe/shared'
import {
  joinPlans,
  planAppend,
  planCompact,
  planDelete,
  planMark,
  readKnownHead,
  storedOverlap,
  type Plan,
} from './change-plan.js'
import { checkBatch, checkListOptions, checkSnapshot, notOpen, overlapOf } from './checks.js'
import type { DatabaseView } from './database.js'
import { readDocument, readHead } from './document-reader.js'
import { GuardedDatabase } from './guarded-database.js'
import { HeadCache } from './head-cache.js'
import type { StoredHead } from './head.js'
import { listPage } from './listing.js'
import type { StoreLogger, StoreSetup } from './opening.js'
import { paceOf } from './pace.js'
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
  /** The data folder; made, readable by its owner only, if it is not there. */
  readonly path: string
  /** `fsync` (default): an append survives power loss. `os`: it survives the end of the process only. */
  readonly durability?: 'fsync' | 'os'
  readonly clock?: Clock
  readonly random?: Random
  /** Told what an operator should know; silent by default. */
  readonly logger?: StoreLogger
}

const CACHED_HEADS = 10_000

/**
 * Documents in one LevelDB database, in a folder of their own.
 *
 * What LevelDB does not promise is added around it: record.ts and head.ts find damage within a document,
 * reconcile.ts finds what is lost as a whole, guarded-database.ts deals with failed writes, and opening.ts with
 * folders that are not what they should be.
 */
export class LevelStore implements DocumentStore {
  readonly #setup: StoreSetup
  readonly #heads = new HeadCache(CACHED_HEADS)
  #guard: GuardedDatabase | null = null

  constructor(options: LevelStoreOptions) {
    this.#setup = {
      path: options.path,
      durability: options.durability ?? 'fsync',
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      logger: options.logger ?? silent,
    }
  }

  /**
   * Documents that were found damaged, with the reason. Bounded to a thousand; a document is refused whether or not
   * it is named here.
   */
  get quarantined(): ReadonlyMap<string, string> {
    return this.#opened().quarantined
  }

  async open(): Promise<void> {
    this.#guard = await GuardedDatabase.open(this.#setup)
  }

  async close(): Promise<void> {
    const guard = this.#guard
    this.#guard = null
    await guard?.close()
    this.#heads.clear()
  }

  async load(documentId: string): Promise<StoredDocument | undefined> {
    const guard = this.#opened()
    checkDocumentId(documentId)
    const document = await guard.read(documentId, (view) => readDocument(view, documentId))
    guard.clear(documentId)
    return document
  }

  async append(batch: readonly Append[]): Promise<void> {
    const guard = this.#opened()
    checkBatch(batch)
    if (batch.length === 0) return
    await this.#change(guard, async () => {
      const plans: Plan[] = []
      for (const append of batch) plans.push(await this.#planAppend(guard, append))
      return joinPlans(plans)
    })
  }

  async #planAppend(guard: GuardedDatabase, append: Append): Promise<Plan> {
    const { documentId } = append
    guard.refuseDamaged(documentId)
    const cached = this.#heads.get(documentId)
    if (cached !== undefined && overlapOf(append, cached) === 0) {
      return planAppend(append, cached, 0)
    }
    return guard.read(documentId, async (view) => {
      const head = await readKnownHead(view, documentId, cached)
      return planAppend(append, head, await storedOverlap(view, append, head))
    })
  }

  async compact(documentId: string, snapshot: Snapshot): Promise<void> {
    await this.#rewrite(documentId, async (view, head) => {
      checkSnapshot(documentId, snapshot, head)
      return head && planCompact(view, documentId, head, snapshot, paceOf(this.#setup.clock))
    })
  }

  async mark(documentId: string, readOnlyReason: string | null): Promise<void> {
    await this.#rewrite(documentId, async (_view, head) => {
      if (head === undefined) throw new RangeError(`there is no document "${documentId}" to mark`)
      return planMark(documentId, head, readOnlyReason)
    })
  }

  async delete(documentId: string): Promise<void> {
    await this.#rewrite(
      documentId,
      async (view, head) => head && planDelete(view, documentId, head),
    )
  }

  async list(options?: ListOptions): Promise<DocumentPage> {
    const guard = this.#opened()
    const { after, limit } = checkListOptions(options)
    return guard.readAll((view) => listPage(view, after, limit))
  }

  async stat(documentId: string): Promise<DocumentStat | undefined> {
    const guard = this.#opened()
    checkDocumentId(documentId)
    guard.refuseDamaged(documentId)
    const head = await guard.read(documentId, (view) => readHead(view, documentId))
    if (head === undefined) return undefined
    const { historyId, lastSeq, snapshotSeq, bytes, readOnlyReason } = head
    return { historyId, lastSeq, snapshotSeq, bytes, readOnlyReason }
  }

  /** Changes that have to read first. Reading and sealing happen before the turn to write: others need not wait. */
  async #rewrite(
    documentId: string,
    plan: (view: DatabaseView, head: StoredHead | undefined) => Promise<Plan | undefined>,
  ): Promise<void> {
    const guard = this.#opened()
    checkDocumentId(documentId)
    guard.refuseDamaged(documentId)
    await guard.settle()
    const change = await guard.read(documentId, async (view) =>
      plan(view, await readKnownHead(view, documentId, this.#heads.get(documentId))),
    )
    if (change !== undefined) await this.#change(guard, async () => change)
  }

  async #change(guard: GuardedDatabase, plan: () => Promise<Plan>): Promise<void> {
    try {
      const { heads } = await guard.change(plan)
      for (const { documentId, after } of heads) {
        if (after === null) this.#heads.delete(documentId)
        else this.#heads.set(documentId, after)
      }
    } catch (error) {
      // It may or may not have reached the disk: whoever comes next has to look.
      this.#heads.clear()
      throw error
    }
  }

  #opened(): GuardedDatabase {
    if (this.#guard === null) throw notOpen()
    return this.#guard
  }
}

const silent: StoreLogger = Object.freeze({ warn: () => undefined })

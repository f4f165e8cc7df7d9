import {
  checkDocumentId,
  systemClock,
  systemRandom,
  type Clock,
  type Random,
} from '@coscribe/shared'
import {
  joinPlans,
  planCompact,
  planDelete,
  planMark,
  planTrash,
  readKnownHead,
  storedOverlap,
  type Plan,
} from './change-plan.js'
import {
  checkBatch,
  checkInfos,
  checkLimit,
  checkListOptions,
  checkSnapshot,
  notOpen,
  overlapOf,
  type StoredEnd,
} from './checks.js'
import type { DatabaseView } from './database.js'
import { readDocument, readHead, stagedAfter } from './document-reader.js'
import { GuardedDatabase } from './guarded-database.js'
import { firstHead, type StoredHead } from './head.js'
import { repairInfos } from './info-check.js'
import { infoKeysOf, listInfos, planInfo } from './info-plan.js'
import { knownInfo, readStoredInfo } from './info.js'
import { listPage } from './listing.js'
import type { StoreLogger, StoreSetup } from './opening.js'
import { paceOf } from './pace.js'
import type { StagedAppend } from './stage.js'
import type {
  Append,
  DocumentInfo,
  DocumentPage,
  DocumentStat,
  DocumentStore,
  InfoEntry,
  InfoListOptions,
  InfoPage,
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

/**
 * Documents in one LevelDB database, in a folder of their own.
 *
 * What LevelDB does not promise is added around it: record.ts and head.ts find damage within a document,
 * reconcile.ts finds what is lost as a whole, guarded-database.ts deals with failed writes, and opening.ts with
 * folders that are not what they should be.
 */
export class LevelStore implements DocumentStore {
  readonly #setup: StoreSetup
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
    return this.#opened().setAside.list()
  }

  async open(): Promise<void> {
    const guard = await GuardedDatabase.open(this.#setup)
    this.#guard = guard
    await repairInfos(guard, this.#setup.logger)
  }

  async close(): Promise<void> {
    const guard = this.#guard
    this.#guard = null
    await guard?.close()
  }

  async load(documentId: string): Promise<StoredDocument | undefined> {
    const guard = this.#opened()
    checkDocumentId(documentId)
    const looked = guard.look(documentId)
    let document: StoredDocument | undefined
    let found = true
    try {
      document = await guard.read(documentId, (view, staged) =>
        readDocument(view, documentId, staged),
      )
      found = document !== undefined
    } finally {
      looked(found)
    }
    guard.setAside.clear(documentId)
    return document
  }

  async append(batch: readonly Append[]): Promise<void> {
    const guard = this.#opened()
    checkBatch(batch)
    if (batch.length === 0) return
    await guard.append(async (settle) => {
      // Before any is judged: what is judged refers to what is staged.
      if (batch.some((append) => repeats(append, guard.endOf(append.documentId)))) await settle()
      const list: StagedAppend[] = []
      for (const append of batch) {
        const fresh = await this.#judge(guard, append)
        if (fresh.append.updates.length > 0) list.push(fresh)
      }
      return list
    })
  }

  /** What of an append is new, and the head it goes on from. */
  async #judge(guard: GuardedDatabase, append: Append): Promise<StagedAppend> {
    const { documentId } = append
    guard.setAside.refuseWriting(documentId)
    if (guard.endOf(documentId) !== undefined) return { append, head: undefined }
    const remembered = guard.headOf(documentId)
    const known = remembered ?? undefined
    if (remembered !== undefined && overlapOf(append, known) === 0) return { append, head: known }
    return guard.read(documentId, async (view) => {
      const head = await readKnownHead(view, documentId, known)
      const overlap = await storedOverlap(view, append, head)
      if (overlap === 0) return { append, head }
      const { firstSeq, updates } = append
      const rest = { firstSeq: firstSeq + overlap, updates: updates.slice(overlap) }
      return { append: { ...append, ...rest }, head }
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
    await this.#rewrite(documentId, async (view, head) => {
      const info = { puts: [], deletes: await infoKeysOf(view, documentId), heads: [] }
      return head === undefined ? info : joinPlans([await planDelete(view, documentId, head), info])
    })
  }

  async list(options?: ListOptions): Promise<DocumentPage> {
    const guard = this.#opened()
    const { after, limit } = checkListOptions(options)
    return guard.readAll((view, staged) => listPage(view, after, limit, staged))
  }

  async stat(documentId: string): Promise<DocumentStat | undefined> {
    const guard = this.#opened()
    checkDocumentId(documentId)
    guard.setAside.refuseWriting(documentId)
    return guard.read(documentId, async (view, staged) => {
      const head = await readHead(view, documentId)
      if (head === undefined && staged === undefined) return undefined
      const stored = head ?? firstHead(staged?.historyId ?? '')
      const { historyId, snapshotSeq, readOnlyReason, trashedAt } = stored
      const later = stagedAfter(staged, stored)
      const bytes = later.reduce((sum, { length }) => sum + length, stored.bytes)
      const lastSeq = stored.lastSeq + later.length
      return { historyId, lastSeq, snapshotSeq, bytes, readOnlyReason, trashedAt }
    })
  }

  async readInfo(documentId: string): Promise<DocumentInfo | undefined> {
    const guard = this.#opened()
    checkDocumentId(documentId)
    const isStaged = guard.endOf(documentId) !== undefined
    // Reading anything else of a document that was set aside may end the process.
    const readsHead = !guard.setAside.refuses(documentId)
    return guard.readAll((view) => knownInfo(view, documentId, isStaged, readsHead))
  }

  async writeInfo(batch: readonly InfoEntry[]): Promise<void> {
    const guard = this.#opened()
    checkInfos(batch)
    if (batch.length === 0) return
    const plans: Plan[] = []
    for (const entry of batch) plans.push(await this.#trashed(guard, entry))
    await guard.change(async () => {
      // Only now it is sure what there is, should an earlier write have failed.
      const before = await guard.readAll((view) =>
        Promise.all(batch.map(({ documentId }) => readStoredInfo(view, documentId))),
      )
      return joinPlans([...plans, ...batch.map((entry, index) => planInfo(entry, before[index]))])
    })
  }

  /** What the document itself is to say of the trash, where it has content and says otherwise. */
  async #trashed(guard: GuardedDatabase, { documentId, info }: InfoEntry): Promise<Plan> {
    const { trashedAt } = info
    const remembered = guard.headOf(documentId)
    // What is staged only has no head yet, and gets one that is not in the trash.
    const isStaged = guard.endOf(documentId) !== undefined
    const isRemembered =
      remembered === null ? !isStaged || trashedAt === null : remembered?.trashedAt === trashedAt
    if (isRemembered) return joinPlans([])
    const isRefused = guard.setAside.refuses(documentId)
    if (isRefused && trashedAt === null) return joinPlans([])
    guard.setAside.refuseWriting(documentId)
    await guard.settle()
    // Settling may have changed it.
    const known = guard.headOf(documentId) ?? undefined
    const head = await guard.read(documentId, (view) => readKnownHead(view, documentId, known))
    if (head === undefined || head.trashedAt === trashedAt) return joinPlans([])
    return planTrash(documentId, head, trashedAt)
  }

  async listInfo(options: InfoListOptions): Promise<InfoPage> {
    const guard = this.#opened()
    const limit = checkLimit(options.limit)
    return guard.readAll((view) => listInfos(view, { ...options, limit }))
  }

  /** Changes that have to read first. Reading and sealing happen before the turn to write: others need not wait. */
  async #rewrite(
    documentId: string,
    plan: (view: DatabaseView, head: StoredHead | undefined) => Promise<Plan | undefined>,
  ): Promise<void> {
    const guard = this.#opened()
    checkDocumentId(documentId)
    guard.setAside.refuseWriting(documentId)
    await guard.settle()
    const change = await guard.read(documentId, async (view) =>
      plan(view, await readKnownHead(view, documentId, guard.headOf(documentId) ?? undefined)),
    )
    if (change !== undefined) await guard.change(async () => change)
  }

  #opened(): GuardedDatabase {
    if (this.#guard === null) throw notOpen()
    return this.#guard
  }
}

/** Whether an append begins with numbers that are staged already, or does not fit at all. */
function repeats(append: Append, end: StoredEnd): boolean {
  return end !== undefined && overlapOf(append, end) > 0
}

const silent: StoreLogger = Object.freeze({ warn: () => undefined })

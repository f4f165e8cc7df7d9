import { CoscribeError, type Cancel } from '@coscribe/shared'
import type { HeadChange, Plan } from './change-plan.js'
import { LISTING, writeState } from './crash-notes.js'
import { Damage } from './damage.js'
import { isLevelError, type Database, type DatabaseView } from './database.js'
import { DigestTable } from './digest-table.js'
import { databasePath } from './folder.js'
import { Gate } from './gate.js'
import { encodeGroup } from './group.js'
import { HeadCache } from './head-cache.js'
import type { Journal } from './journal.js'
import { Lane } from './lane.js'
import { encodeCommit, type Ledger } from './ledger.js'
import { openDatabase, openStore, type OpenedStore, type StoreSetup } from './opening.js'
import { paceOf } from './pace.js'
import { reconcileHeads } from './reconcile.js'
import { Replay } from './replay.js'
import type { Sealed } from './sealed.js'
import { proveSpace } from './space.js'
import { Stage, type StagedAppend } from './stage.js'
import type { Append } from './store.js'

/** A start that lasted this long was a good one: the crash that ends it begins a new count. */
const GOOD_START_MS = 60_000

/** How long what was appended stays in groups. */
const SETTLE_AFTER_MS = 1_000
/** Appends from this size on go to their places at once: written in a group first, they would be written twice. */
const DIRECT_BYTES = 64 * 1024

const CACHED_HEADS = 10_000

/** How long a journal entry stays unflushed while commits go on. */
const JOURNAL_FLUSH_MS = 1_000

/** Between two attempts of readers to get a database back that could not be opened again. */
const REVIVE_INTERVAL_MS = 1_000

/**
 * A database that knows what it should contain, and does not go on after an error.
 *
 * After a write that failed, LevelDB may accept later ones, sync them behind the torn one, and lose them all at the
 * next start. So the first failure latches: nothing more is written through that handle. Before the next write the
 * database is closed, opened again and compared with the ledger. Until the disk has room for that, the old handle
 * goes on reading.
 *
 * What is appended is written as groups (group.ts), and put in its place (settled) within a second or so.
 */
export class GuardedDatabase {
  readonly #setup: StoreSetup
  readonly #store: OpenedStore
  readonly #lane = new Lane()
  readonly #gate = new Gate()
  readonly #cancelGoodStart: Cancel
  readonly #stage = new Stage()
  readonly #heads = new HeadCache(CACHED_HEADS)
  #cancelSettling: Cancel | null = null
  #database: Database | null
  #ledger: Ledger
  #lostBuckets: ReadonlySet<number> = new Set()
  #latched = false
  #journalBehind = false
  #revivedAt = -Infinity
  #flushedAt = -Infinity

  /** See {@link openStore}. */
  static async open(setup: StoreSetup): Promise<GuardedDatabase> {
    const store = await openStore(setup)
    const guard = new GuardedDatabase(setup, store)
    await new Replay(guard, guard.#stage).run(store.found.groups)
    if (store.found.groups.length > 0) guard.#settleSoon(0)
    return guard
  }

  private constructor(setup: StoreSetup, store: OpenedStore) {
    this.#setup = setup
    this.#store = store
    this.#database = store.database
    this.#ledger = store.found.ledger
    this.#setAside(store.found)
    this.#cancelGoodStart = setup.clock.after(GOOD_START_MS, () => {
      writeState(setup.path, { phase: 'open', crashes: 0 })
    })
  }

  /** Documents that were found damaged, with the reason; at most a thousand, and the deadly ones. */
  get quarantined(): ReadonlyMap<string, string> {
    return this.#store.quarantine.list()
  }

  /** Where the log of a document with staged updates ends. */
  endOf(documentId: string): ReturnType<Stage['endOf']> {
    return this.#stage.endOf(documentId)
  }

  /** The head that was stored last, if that is remembered. */
  headOf(documentId: string): ReturnType<HeadCache['get']> {
    return this.#heads.get(documentId)
  }

  /** Waits for what runs, and leaves everything in order. Call it once, and nothing after it. */
  async close(): Promise<void> {
    this.#cancelGoodStart()
    try {
      await this.settle()
    } catch (error) {
      // It is on disk all the same, and put in its place at the next start.
      this.#setup.logger.warn(
        { err: error },
        'the store was closed with groups that are not settled',
      )
    }
    this.#cancelSettling?.()
    await this.#lane.run(() => this.#gate.exclusive(() => this.#release()))
  }

  async #release(): Promise<void> {
    const { journal, notes } = this.#store
    await this.#database?.close()
    this.#database = null
    notes.close()
    // Closed in order: from here on the journal is exact, whatever happened to its entries.
    try {
      await journal.checkpoint(this.#ledger)
      writeState(this.#setup.path, { phase: 'closed', crashes: 0 })
    } catch (error) {
      this.#setup.logger.warn({ err: error }, 'the store was closed without a last checkpoint')
    }
    await journal.close()
  }

  /**
   * Reads in one unchanging view of the database.
   *
   * @throws CoscribeError `document-unavailable` for {@link Damage}, and for whatever LevelDB complains about
   */
  async read<Value>(
    documentId: string,
    action: (view: DatabaseView, staged: Append | undefined) => Promise<Value>,
  ): Promise<Value> {
    try {
      this.#refuseLost(documentId)
      return await this.#view(documentId, action, () => this.#stage.of(documentId))
    } catch (error) {
      if (!(error instanceof Damage) && !isLevelError(error)) throw error
      throw this.#unavailable(documentId, error)
    }
  }

  /**
   * Nothing is stored over a document that was found damaged.
   *
   * @throws CoscribeError `document-unavailable`
   */
  refuseDamaged(documentId: string): void {
    const reason = this.#store.quarantine.reasonOf(documentId)
    if (reason !== undefined) throw this.#unavailable(documentId, new Damage(reason))
    if (this.#isLost(documentId)) throw this.#unavailable(documentId, lost())
  }

  /** Part of what was committed for a document is missing: it is refused from now on, at later starts too. */
  lose(documentId: string): void {
    const bucket = DigestTable.bucketOf(documentId)
    if (this.#lostBuckets.has(bucket)) return
    this.#lostBuckets = new Set([...this.#lostBuckets, bucket])
    this.#ledger.spoil(bucket)
    this.#journalBehind = true
  }

  /** The whole document could be read: whatever was wrong with it was not lasting. */
  clear(documentId: string): void {
    this.#store.quarantine.forget(documentId)
  }

  /** Reads in one unchanging view of the database, across documents. */
  async readAll<Value>(
    action: (view: DatabaseView, staged: readonly string[]) => Promise<Value>,
  ): Promise<Value> {
    return this.#view(LISTING, action, () => [...this.#stage.ids])
  }

  async #view<Value, Staged>(
    noted: string,
    action: (view: DatabaseView, staged: Staged) => Promise<Value>,
    stagedNow: () => Staged,
  ): Promise<Value> {
    if (this.#database === null) await this.#revive()
    return this.#gate.read(async () => {
      // Both in one turn: what is put in its place from here on is seen in neither of them, or as it is staged.
      const view = this.#opened().view()
      const staged = stagedNow()
      try {
        return await this.#store.notes.during(noted, () => action(view, staged))
      } finally {
        await view.close()
      }
    })
  }

  #refuseLost(documentId: string): void {
    const reason = this.#store.quarantine.deadly(documentId)
    if (reason !== undefined) throw new Damage(reason)
    if (this.#isLost(documentId)) throw lost()
  }

  #isLost(documentId: string): boolean {
    return this.#lostBuckets.size > 0 && this.#lostBuckets.has(DigestTable.bucketOf(documentId))
  }

  #unavailable(documentId: string, error: unknown): CoscribeError {
    const reason = error instanceof Error ? error.message : String(error)
    this.#store.quarantine.addFound(documentId, reason)
    return new CoscribeError(
      'document-unavailable',
      `the stored document "${documentId}" is damaged and was set aside: ${reason}`,
      { cause: error },
    )
  }

  /** After an earlier write failed: makes sure that what is read next is what a restart would find. */
  async settle(): Promise<void> {
    await this.#lane.run(async () => {
      await this.#heal()
      await this.#settleStage()
    })
  }

  /**
   * Writes what `plan` asks for, one caller after the other.
   *
   * @throws CoscribeError `storage-unavailable`
   */
  async change(plan: () => Promise<Plan>): Promise<void> {
    await this.#lane.run(async () => {
      await this.#heal()
      await this.#commit(await plan())
    })
  }

  /**
   * Writes what `judge` finds to be new. It is given what puts in place all that was appended before.
   *
   * @throws CoscribeError `storage-unavailable`
   */
  async append(judge: (settle: () => Promise<void>) => Promise<StagedAppend[]>): Promise<void> {
    await this.#lane.run(async () => {
      await this.#heal()
      if (this.#stage.full) await this.#settleStage()
      const list = await judge(() => this.#settleStage())
      if (list.length === 0) return
      if (bytesOf(list) >= DIRECT_BYTES) await this.#addInPlace(list)
      else await this.#addGroup(list)
    })
  }

  async #addGroup(list: readonly StagedAppend[]): Promise<void> {
    const stage = this.#stage
    const group = encodeGroup(
      this.#ledger.lastGroup,
      list.map((each) => stage.grouped(each)),
    )
    await this.#write([group], [])
    const entry = {
      number: this.#ledger.lastGroup.number + 1,
      checksum: group.checksum,
      buckets: stage.add(list),
    }
    this.#ledger.takeGroup(entry)
    await this.#addToJournal((journal) => journal.addGroup(entry))
    this.#settleSoon(stage.enough ? 0 : SETTLE_AFTER_MS)
  }

  async #addInPlace(list: readonly StagedAppend[]): Promise<void> {
    const all = this.#stage.copy()
    all.add(list)
    await this.#settleAll(all)
  }

  async #settleStage(): Promise<void> {
    if (!this.#stage.empty) await this.#settleAll(this.#stage)
  }

  async #settleAll(stage: Stage): Promise<void> {
    await this.#commit(stage.plan(this.#ledger.groups, (id) => !this.#isLost(id)))
    this.#stage.clear()
  }

  #settleSoon(delayMs: number): void {
    if (this.#cancelSettling !== null && delayMs > 0) return
    this.#cancelSettling?.()
    this.#cancelSettling = this.#setup.clock.after(delayMs, () => {
      this.#cancelSettling = null
      // It is staged still, and whoever appends hears of the disk: tried again, also if nobody does.
      this.settle().catch(() => this.#settleSoon(SETTLE_AFTER_MS))
    })
  }

  async #commit(plan: Plan): Promise<void> {
    if (plan.puts.length + plan.deletes.length === 0) return
    const entry = this.#ledger.next(plan.heads, plan.settled)
    const record = encodeCommit(this.#store.storeId, entry)
    await this.#write([...plan.puts, record], plan.deletes)
    this.#ledger.take(entry)
    this.#remember(plan.heads)
    await this.#addToJournal((journal) => journal.add(entry))
  }

  #remember(heads: readonly HeadChange[]): void {
    for (const { documentId, after } of heads) {
      if (after === null) this.#heads.delete(documentId)
      else this.#heads.set(documentId, after)
    }
  }

  async #write(puts: readonly Sealed[], deletes: readonly Uint8Array[]): Promise<void> {
    const sync = this.#setup.durability === 'fsync'
    try {
      await this.#opened().write({ puts, deletes }, sync, paceOf(this.#setup.clock))
    } catch (error) {
      this.#latched = true
      // It may or may not have reached the disk: whoever comes next has to look.
      this.#heads.clear()
      throw unavailable(error)
    }
  }

  /** A journal that cannot be written does not undo a commit: the commit record, or the next group, vouches for it. */
  async #addToJournal(add: (journal: Journal) => boolean): Promise<void> {
    if (this.#setup.durability !== 'fsync') return
    const { journal } = this.#store
    try {
      if (this.#journalBehind || !add(journal)) await journal.checkpoint(this.#ledger)
      this.#journalBehind = false
      this.#flushJournal()
    } catch (error) {
      if (!this.#journalBehind) {
        this.#setup.logger.warn({ err: error }, 'the integrity journal cannot be written')
      }
      this.#journalBehind = true
    }
  }

  #flushJournal(): void {
    const { clock, logger } = this.#setup
    const now = clock.now()
    if (now - this.#flushedAt < JOURNAL_FLUSH_MS) return
    const begun = this.#store.journal.flush((error) => {
      logger.warn({ err: error }, 'the integrity journal cannot be flushed')
    })
    if (begun) this.#flushedAt = now
  }

  async #heal(): Promise<void> {
    if (!this.#latched) return
    try {
      const { path } = this.#setup
      if (this.#database !== null) await proveSpace(path, databasePath(path))
      await this.#gate.exclusive(() => this.#reopen())
    } catch (error) {
      throw unavailable(error)
    }
    // What is in memory is right whatever became of the groups.
    await this.#settleStage()
  }

  async #reopen(): Promise<void> {
    await this.#database?.close()
    this.#database = null
    this.#database = await openDatabase(this.#setup.path, false)
    const view = this.#database.view()
    try {
      const found = await reconcileHeads(view, this.#store.storeId, this.#ledger)
      this.#ledger = found.ledger
      this.#setAside(found)
      // What was reported as failed may have landed, and have put all in its place.
      if (found.ledger.groups.length === 0) this.#stage.clear()
    } finally {
      await view.close()
    }
    // The journal has not heard of a commit that was reported as failed and is there.
    this.#journalBehind = true
    this.#latched = false
    this.#setup.logger.warn({ commit: this.#ledger.commit }, 'the database was opened again')
  }

  /** Gets a database back that could not be opened again, when somebody wants to read. */
  async #revive(): Promise<void> {
    const now = this.#setup.clock.now()
    if (now - this.#revivedAt < REVIVE_INTERVAL_MS) throw unavailable(null)
    this.#revivedAt = now
    await this.settle()
  }

  #setAside(found: OpenedStore['found']): void {
    this.#lostBuckets = found.lostBuckets
    for (const id of found.suspects) {
      this.#store.quarantine.addFound(id, 'the database lost something that was stored with it')
    }
  }

  #opened(): Database {
    if (this.#database === null) throw unavailable(null)
    return this.#database
  }
}

function lost(): Damage {
  return new Damage('the database lost something that was stored for it or its neighbours')
}

function bytesOf(list: readonly StagedAppend[]): number {
  let bytes = 0
  for (const { append } of list) for (const { length } of append.updates) bytes += length
  return bytes
}

function unavailable(cause: unknown): CoscribeError {
  const reason = cause instanceof Error ? cause.message : 'it could not be opened again yet'
  return new CoscribeError('storage-unavailable', `the database cannot be written: ${reason}`, {
    cause,
  })
}

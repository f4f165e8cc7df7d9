import { CoscribeError, type Cancel } from '@coscribe/shared'
import type { Plan } from './change-plan.js'
import { LISTING, writeState } from './crash-notes.js'
import { Damage } from './damage.js'
import { isLevelError, type Database, type DatabaseView } from './database.js'
import { DigestTable } from './digest-table.js'
import { databasePath } from './folder.js'
import { Gate } from './gate.js'
import { Lane } from './lane.js'
import { encodeCommit, type Ledger, type LedgerEntry } from './ledger.js'
import { openDatabase, openStore, type OpenedStore, type StoreSetup } from './opening.js'
import { paceOf } from './pace.js'
import { reconcile } from './reconcile.js'
import { proveSpace } from './space.js'

/** A start that lasted this long was a good one: the crash that ends it begins a new count. */
const GOOD_START_MS = 60_000

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
 */
export class GuardedDatabase {
  readonly #setup: StoreSetup
  readonly #store: OpenedStore
  readonly #lane = new Lane()
  readonly #gate = new Gate()
  readonly #cancelGoodStart: Cancel
  #database: Database | null
  #ledger: Ledger
  #lostBuckets: ReadonlySet<number> = new Set()
  #latched = false
  #journalBehind = false
  #revivedAt = -Infinity
  #flushedAt = -Infinity

  /** See {@link openStore}. */
  static async open(setup: StoreSetup): Promise<GuardedDatabase> {
    return new GuardedDatabase(setup, await openStore(setup))
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

  /** Waits for what runs, and leaves everything in order. Call it once, and nothing after it. */
  async close(): Promise<void> {
    this.#cancelGoodStart()
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
    action: (view: DatabaseView) => Promise<Value>,
  ): Promise<Value> {
    try {
      this.#refuseLost(documentId)
      return await this.#view(documentId, action)
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
  }

  /** The whole document could be read: whatever was wrong with it was not lasting. */
  clear(documentId: string): void {
    this.#store.quarantine.forget(documentId)
  }

  /** Reads in one unchanging view of the database, across documents. */
  async readAll<Value>(action: (view: DatabaseView) => Promise<Value>): Promise<Value> {
    return this.#view(LISTING, action)
  }

  async #view<Value>(
    noted: string,
    action: (view: DatabaseView) => Promise<Value>,
  ): Promise<Value> {
    if (this.#database === null) await this.#revive()
    return this.#gate.read(async () => {
      const view = this.#opened().view()
      try {
        return await this.#store.notes.during(noted, () => action(view))
      } finally {
        await view.close()
      }
    })
  }

  #refuseLost(documentId: string): void {
    const reason = this.#store.quarantine.deadly(documentId)
    if (reason !== undefined) throw new Damage(reason)
    if (this.#lostBuckets.size === 0) return
    if (this.#lostBuckets.has(DigestTable.bucketOf(documentId))) {
      throw new Damage('the database lost something that was stored for it or its neighbours')
    }
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
    await this.#lane.run(() => this.#heal())
  }

  /**
   * Writes what `plan` asks for, one caller after the other.
   *
   * @throws CoscribeError `storage-unavailable`
   */
  async change(plan: () => Promise<Plan>): Promise<Plan> {
    return this.#lane.run(async () => {
      await this.#heal()
      const change = await plan()
      if (change.puts.length + change.deletes.length > 0) await this.#commit(change)
      return change
    })
  }

  async #commit(plan: Plan): Promise<void> {
    const entry = this.#ledger.next(plan.heads)
    const record = encodeCommit(this.#store.storeId, entry)
    const { durability } = this.#setup
    try {
      const change = { puts: [...plan.puts, record], deletes: plan.deletes }
      await this.#opened().write(change, durability === 'fsync', paceOf(this.#setup.clock))
    } catch (error) {
      this.#latched = true
      throw unavailable(error)
    }
    this.#ledger.take(entry)
    if (durability === 'fsync') await this.#addToJournal(entry)
  }

  /** A journal that cannot be written does not undo a commit: the commit record vouches for it. */
  async #addToJournal(entry: LedgerEntry): Promise<void> {
    const { journal } = this.#store
    try {
      if (this.#journalBehind || !journal.add(entry)) await journal.checkpoint(this.#ledger)
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
  }

  async #reopen(): Promise<void> {
    await this.#database?.close()
    this.#database = null
    this.#database = await openDatabase(this.#setup.path, false)
    const view = this.#database.view()
    try {
      const content = { ledger: this.#ledger, strict: true }
      const found = await reconcile(view, this.#store.storeId, content)
      this.#ledger = found.ledger
      this.#setAside(found)
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

function unavailable(cause: unknown): CoscribeError {
  const reason = cause instanceof Error ? cause.message : 'it could not be opened again yet'
  return new CoscribeError('storage-unavailable', `the database cannot be written: ${reason}`, {
    cause,
  })
}

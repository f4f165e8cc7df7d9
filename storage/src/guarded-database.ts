import { CoscribeError, type Cancel } from '@coscribe/shared'
import type { HeadChange, Plan } from './change-plan.js'
import { LISTING, writeState } from './crash-notes.js'
import { Damage } from './damage.js'
import { isLevelError, type Database, type DatabaseView } from './database.js'
import { DigestTable } from './digest-table.js'
import { databasePath } from './folder.js'
import { Gate } from './gate.js'
import { encodeGroup, type GroupedAppend } from './group.js'
import { HeadCache } from './head-cache.js'
import { JournalKeeper } from './journal-keeper.js'
import { groupKey } from './keys.js'
import { Lane } from './lane.js'
import { encodeCommit, type GroupEntry, type Ledger } from './ledger.js'
import { openDatabase, openStore, type OpenedStore, type StoreSetup } from './opening.js'
import { paceOf } from './pace.js'
import { reconcileHeads } from './reconcile.js'
import { Replay } from './replay.js'
import type { Sealed } from './sealed.js'
import { SetAside } from './set-aside.js'
import { proveSpace } from './space.js'
import { entryOf, Stage, type StagedAppend } from './stage.js'
import type { Append } from './store.js'

/** A start that lasted this long was a good one: the crash that ends it begins a new count. */
const GOOD_START_MS = 60_000

/** How long what was appended stays in groups. */
const SETTLE_AFTER_MS = 1_000
/** Appends from this size on go to their places at once: written in a group first, they would be written twice. */
const DIRECT_BYTES = 64 * 1024

const CACHED_HEADS = 10_000

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
  #stage = new Stage()
  readonly #heads = new HeadCache(CACHED_HEADS)
  readonly #keeper: JournalKeeper
  readonly setAside: SetAside
  #cancelSettling: Cancel | null = null
  #settlesAtOnce = false
  /** What a settling that is under way, or has failed, carries on. */
  #carrying: {
    readonly appends: readonly GroupedAppend[]
    readonly entry: GroupEntry | null
  } | null = null
  #closed = false
  #database: Database | null
  #ledger: Ledger
  #latched = false
  #revivedAt = -Infinity

  /** See {@link openStore}. */
  static async open(setup: StoreSetup): Promise<GuardedDatabase> {
    const store = await openStore(setup)
    const guard = new GuardedDatabase(setup, store)
    try {
      await guard.#replay()
    } catch (error) {
      guard.#closed = true
      guard.#cancelGoodStart()
      await guard.#release()
      throw error
    }
    return guard
  }

  /** Nothing of what was found is put in place before all of it is known. */
  async #replay(): Promise<void> {
    const { groups } = this.#store.found
    const stage = new Stage()
    await new Replay(this, stage).run(groups)
    this.#stage = stage
    // What was lost has to be known to the database before anything is added to it.
    if (this.#ledger.lost.length > 0) await this.#settleAll(stage)
    else if (groups.length > 0) this.#settleSoon(0)
  }

  private constructor(setup: StoreSetup, store: OpenedStore) {
    this.#setup = setup
    this.#store = store
    this.#database = store.database
    this.#ledger = store.found.ledger
    this.#keeper = new JournalKeeper(store.journal, setup)
    this.setAside = new SetAside(store.quarantine, store.found)
    this.#cancelGoodStart = setup.clock.after(GOOD_START_MS, () => {
      writeState(setup.path, { phase: 'open', crashes: 0 })
    })
  }

  /** Where the log of a document with staged updates ends. */
  endOf(documentId: string): ReturnType<Stage['endOf']> {
    return this.#stage.endOf(documentId)
  }

  /** See {@link HeadCache.look}. */
  look(documentId: string): ReturnType<HeadCache['look']> {
    return this.#heads.look(documentId)
  }

  /** The head that was stored last: `null` for a document that is not there, `undefined` when that is not remembered. */
  headOf(documentId: string): ReturnType<HeadCache['get']> {
    return this.#heads.get(documentId)
  }

  /** Waits for what runs, and leaves everything in order. Call it once, and nothing after it. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelGoodStart()
    this.#cancelSettling?.()
    try {
      await this.settle()
    } catch (error) {
      // It is on disk all the same, and put in its place at the next start.
      this.#setup.logger.warn(
        { err: error },
        'the store was closed with groups that are not settled',
      )
    }
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
      this.setAside.refuseReading(documentId)
      return await this.#view(documentId, action, () => this.#stage.of(documentId))
    } catch (error) {
      if (!(error instanceof Damage) && !isLevelError(error)) throw error
      throw this.setAside.unavailable(documentId, error)
    }
  }

  /** Part of what was committed for a document is missing: it is refused from now on, at later starts too. */
  lose(documentId: string): void {
    if (this.setAside.isLost(documentId)) return
    const bucket = DigestTable.bucketOf(documentId)
    this.setAside.loseBucket(bucket)
    this.#ledger.spoil(bucket)
    this.#keeper.behind()
  }

  withhold(documentId: string): void {
    this.setAside.withhold(documentId)
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
      const change = await plan()
      this.#carrying = null
      if (change.puts.length + change.deletes.length > 0) await this.#commit(change)
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
      for (const each of list) this.#stage.checkContinues(each)
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
    await this.#keeper.note(this.#ledger, (journal) => journal.addGroup(entry))
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
    const { lastGroup, groups } = this.#ledger
    const mayWrite = (documentId: string): boolean => !this.setAside.refuses(documentId)
    const pace = paceOf(this.#setup.clock)
    const { plan, carried } = await stage.plan(groups, lastGroup, mayWrite, pace)
    for (const { documentId } of carried) this.setAside.withhold(documentId)
    const group = carried.length === 0 ? null : encodeGroup(lastGroup, carried)
    const entry = group && entryOf({ ...group, number: lastGroup.number + 1, appends: carried })
    this.#carrying = { appends: carried, entry }
    await this.#commit(group === null ? plan : { ...plan, puts: [...plan.puts, group] }, entry)
    this.#settled()
  }

  /** Everything staged is in its place, or carried on. */
  #settled(): void {
    this.#stage.clear()
    this.#stage.carry(this.#carrying?.appends ?? [])
    this.#carrying = null
  }

  #settleSoon(delayMs: number): void {
    if (this.#closed) return
    if (this.#cancelSettling !== null && (delayMs > 0 || this.#settlesAtOnce)) return
    this.#cancelSettling?.()
    this.#settlesAtOnce = delayMs === 0
    this.#cancelSettling = this.#setup.clock.after(delayMs, () => {
      this.#cancelSettling = null
      // It is staged still, and whoever appends hears of the disk: tried again, also if nobody does.
      this.settle().catch(() => this.#settleSoon(SETTLE_AFTER_MS))
    })
  }

  /** @param group what the plan's last group is to the ledger, if it has one */
  async #commit(plan: Plan, group: GroupEntry | null = null): Promise<void> {
    const entry = this.#ledger.next(plan.heads, plan.settled)
    const record = encodeCommit(this.#store.storeId, entry)
    await this.#write([...plan.puts, record], plan.deletes)
    this.#ledger.take(entry)
    if (group !== null) this.#ledger.takeGroup(group)
    this.#remember(plan.heads)
    await this.#keeper.note(
      this.#ledger,
      (journal) => journal.add(entry) && (group === null || journal.addGroup(group)),
    )
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

  async #heal(): Promise<void> {
    if (!this.#latched) return
    // Whoever comes after the end would open it again, and nobody close it.
    if (this.#closed && this.#database === null) throw unavailable(null)
    try {
      const { path } = this.#setup
      if (this.#database !== null) await proveSpace(path, databasePath(path))
      await this.#gate.exclusive(() => this.#reopen())
    } catch (error) {
      throw unavailable(error)
    }
    // A group that was reported as failed and is there must not come back when its documents are long deleted.
    const failed = groupKey(this.#ledger.lastGroup.number + 1)
    await this.#commit({ puts: [], deletes: [failed], heads: [] })
    // What is in memory is right whatever became of the other groups.
    await this.#settleStage()
  }

  async #reopen(): Promise<void> {
    await this.#database?.close()
    this.#database = null
    this.#database = await openDatabase(this.#setup.path, false)
    const view = this.#database.view()
    try {
      const found = await reconcileHeads(view, this.#store.storeId, this.#ledger)
      const landed = found.ledger.commit > this.#ledger.commit
      this.#ledger = found.ledger
      this.setAside.take(found)
      // What was remembered meanwhile is older than what is there now.
      this.#heads.clear()
      // What was reported as failed has put all in its place.
      if (landed && this.#carrying !== null) {
        if (this.#carrying.entry !== null) this.#ledger.takeGroup(this.#carrying.entry)
        this.#settled()
      }
      this.#carrying = null
    } finally {
      await view.close()
    }
    // The journal has not heard of a commit that was reported as failed and is there.
    this.#keeper.behind()
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

  #opened(): Database {
    if (this.#database === null) throw unavailable(null)
    return this.#database
  }
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

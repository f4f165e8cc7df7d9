import { CoscribeError, type Clock, type Random } from '@coscribe/shared'
import {
  LISTING,
  ReadNotes,
  readState,
  unfinishedReads,
  writeState,
  type StateNote,
} from './crash-notes.js'
import { Damage } from './damage.js'
import { Database, levelCode } from './database.js'
import { damaged, databasePath, enterFolder, writeMarker, type Marker } from './folder.js'
import { Journal } from './journal.js'
import { encodeCommit, Ledger } from './ledger.js'
import { probe } from './probe.js'
import { Quarantine } from './quarantine.js'
import { reconcile, type Reconciliation } from './reconcile.js'

/** Where a store says what an operator should know: any logger with this method, such as pino. */
export interface StoreLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** A store's options with defaults filled in. */
export interface StoreSetup {
  readonly path: string
  readonly durability: 'fsync' | 'os'
  readonly clock: Clock
  readonly random: Random
  readonly logger: StoreLogger
}

/** Everything of a store that passed its checks. */
export interface OpenedStore {
  readonly storeId: string
  readonly database: Database
  readonly journal: Journal
  readonly notes: ReadNotes
  readonly quarantine: Quarantine
  readonly found: Reconciliation
}

/** After this many bad ends in a row the whole database is read in a child process first. */
const CRASHES_BEFORE_THOROUGH = 3

/**
 * Folder, marker, notes of the last run, LevelDB, journal, comparison: in this order, each refusing with a sentence.
 *
 * @throws CoscribeError `store-locked`, `store-foreign`, `store-newer`, `store-damaged`, `storage-unavailable`
 */
export async function openStore(setup: StoreSetup): Promise<OpenedStore> {
  const folder = setup.path
  const marker = await enterFolder(folder, setup.random)
  const quarantine = new Quarantine(folder)
  await quarantine.load()
  const last = readState(folder)
  const crashes = await survive(setup, marker, quarantine, last)
  note(folder, { phase: 'opening', crashes })
  let database: Database
  try {
    database = await openDatabase(folder, marker.state === 'creating')
  } catch (error) {
    // It said no rather than die.
    note(folder, last)
    throw error
  }
  try {
    const opened = await check(setup, marker, database)
    note(folder, { phase: 'open', crashes })
    return { ...opened, quarantine, storeId: marker.storeId, notes: new ReadNotes(folder) }
  } catch (error) {
    await database.close()
    note(folder, { phase: 'closed', crashes: 0 })
    if (error instanceof CoscribeError) throw error
    throw unusable(folder, error)
  }
}

function note(folder: string, state: StateNote): void {
  try {
    writeState(folder, state)
  } catch (error) {
    throw unusable(folder, error)
  }
}

function unusable(folder: string, cause: unknown): CoscribeError {
  return new CoscribeError(
    'storage-unavailable',
    `the data folder ${folder} cannot be written: ${messageOf(cause)}`,
    { cause },
  )
}

/** What the notes of the last run call for; returns how many bad ends in a row there are now. */
async function survive(
  setup: StoreSetup,
  marker: Marker,
  quarantine: Quarantine,
  last: StateNote,
): Promise<number> {
  if (last.phase === 'closed' || marker.state === 'creating') return 0
  const crashes = last.crashes + 1
  const unfinished = new Set(unfinishedReads(setup.path))
  const thorough = unfinished.delete(LISTING) || crashes >= CRASHES_BEFORE_THOROUGH
  const reads = [...unfinished].filter((id) => quarantine.deadly(id) === undefined)
  if (last.phase === 'opening' || thorough || reads.length > 0) {
    await probeUntilQuiet(setup, quarantine, reads, thorough)
  }
  return thorough ? 0 : crashes
}

async function probeUntilQuiet(
  setup: StoreSetup,
  quarantine: Quarantine,
  reads: readonly string[],
  thorough: boolean,
): Promise<void> {
  const suspects = new Set(reads)
  for (;;) {
    const outcome = await probe(databasePath(setup.path), [...suspects], thorough)
    if (outcome.kind === 'survived') return
    if (outcome.kind === 'locked') throw locked(setup.path)
    if (outcome.documentId === null) {
      throw damaged(setup.path, 'LevelDB ends the process that opens and reads it')
    }
    const reason = 'reading it ended the process'
    setup.logger.warn({ documentId: outcome.documentId }, `document set aside: ${reason}`)
    await quarantine.addDeadly(outcome.documentId, reason)
    suspects.delete(outcome.documentId)
  }
}

async function check(
  setup: StoreSetup,
  marker: Marker,
  database: Database,
): Promise<{ database: Database; journal: Journal; found: Reconciliation }> {
  const { path, durability } = setup
  const { storeId } = marker
  if (marker.state === 'creating') {
    const entry = new Ledger().next([])
    await database.write({ puts: [encodeCommit(storeId, entry)], deletes: [] }, true)
  }
  const { journal, content } = await Journal.open(path, storeId, durability === 'fsync')
  try {
    const found = await compare(path, database, storeId, content)
    await journal.checkpoint(found.ledger)
    // Before anything of this version is in it, and not before it is known to be whole.
    if (marker.state === 'creating' || marker.isOld) {
      await writeMarker(path, { storeId, state: 'ready' })
    }
    report(setup, found, content !== null)
    return { database, journal, found }
  } catch (error) {
    await journal.close()
    throw error
  }
}

async function compare(
  folder: string,
  database: Database,
  storeId: string,
  content: Parameters<typeof reconcile>[2],
): Promise<Reconciliation> {
  const view = database.view()
  try {
    return await reconcile(view, storeId, content)
  } catch (error) {
    if (error instanceof Damage) throw damaged(folder, error.message, error)
    if (levelCode(error) !== undefined) throw damaged(folder, messageOf(error), error)
    throw error
  } finally {
    await view.close()
  }
}

function report({ logger }: StoreSetup, found: Reconciliation, hadJournal: boolean): void {
  if (found.lostBuckets.size > 0) {
    logger.warn(
      { documents: [...found.suspects], buckets: found.lostBuckets.size },
      'part of what was stored is lost; the documents it may concern were set aside',
    )
  }
  if (found.vouched && found.ledger.commit > 1) {
    logger.warn(
      { hadJournal, commit: found.ledger.commit },
      'the integrity journal ended early; the database is complete as of its last commit',
    )
  }
}

/**
 * @param create whether to make the database if it is not there
 * @throws CoscribeError `store-locked`, `store-damaged` or `storage-unavailable`
 */
export async function openDatabase(folder: string, create: boolean): Promise<Database> {
  try {
    return await Database.open(databasePath(folder), create)
  } catch (error) {
    if (levelCode(error) === 'LEVEL_LOCKED') throw locked(folder, error)
    const reason = messageOf(error instanceof Error ? (error.cause ?? error) : error)
    if (levelCode(error) === 'LEVEL_IO_ERROR' && !/no such file/i.test(reason)) {
      throw new CoscribeError('storage-unavailable', `LevelDB cannot open ${folder}: ${reason}`, {
        cause: error,
      })
    }
    throw damaged(folder, `LevelDB cannot open it (${reason})`, error)
  }
}

function locked(folder: string, cause?: unknown): CoscribeError {
  return new CoscribeError(
    'store-locked',
    `the data folder ${folder} is in use by another process; stop it or name another folder`,
    { cause },
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

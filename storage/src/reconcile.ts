import type { DatabaseView } from './database.js'
import { Damage } from './damage.js'
import { DigestTable } from './digest-table.js'
import { CHECKSUM_BYTES } from './sealed.js'
import { commitKey, idOf, rangeAfter } from './keys.js'
import { readGroups, type FoundGroups, type Group, type GroupLink } from './group.js'
import { decodeCommit, Ledger, type LedgerEntry } from './ledger.js'
import type { JournalContent } from './journal.js'
import { visitIds } from './listing.js'
import { entryOf } from './stage.js'

/**
 * LevelDB verifies nothing it reads and reports no loss. A flipped bit in its log drops whatever was written behind
 * it, one in a table's index drops the table's newer values and lets older ones resurface; what is left looks like a
 * healthy, younger database. The checksums and chains of single documents cannot show that, so the whole is compared
 * with a ledger that lives outside LevelDB:
 *
 * - Each commit has a number, and writes a commit record along: number, digest of the whole, digests of the buckets
 *   it touched. After the commit, and before its acknowledgement, the same goes to the journal.
 * - On open all heads are read and digested. A journal that ends at the database's last commit, or one before it
 *   (the process died in between; the commit record fills in), says for every bucket what it must be. A bucket that
 *   differs has lost something: its documents, and ids in it that seem new, are refused.
 * - A journal that ends after the database's last commit is right as well, and the missing commits show as buckets.
 * - Groups (group.ts) are commits that touch no head. Each names the one before it, and the journal the buckets of its
 *   documents: those of a group that is missing or damaged are lost.
 * - A journal that ends earlier lost its end in a power loss, or is damaged. Then the commit record vouches for the
 *   whole: equal, and the database is what it was at its last commit; not equal, and something is lost that cannot be
 *   located: the store refuses to open.
 *
 * What remains: after a power loss that also took the journal's end, damage in the last block of LevelDB's log (32 KiB)
 * passes for a write that was torn, as LevelDB gives up the rest of the block in both cases.
 */
export interface Reconciliation {
  /** What the database has to contain from here on; lost buckets keep the digest they should have. */
  readonly ledger: Ledger
  readonly lostBuckets: ReadonlySet<number>
  /** Documents in lost buckets, {@link MAX_NAMED} of them at most. */
  readonly suspects: ReadonlySet<string>
  /** What was committed and is not in its place yet, in order. */
  readonly groups: readonly Group[]
  /** Whether the journal was of no help and the commit record vouched for everything. */
  readonly vouched: boolean
}

/** Documents that are listed by name as damaged; beyond it they are refused all the same. */
export const MAX_NAMED = 1_000

/**
 * Compares the database with its journal.
 *
 * @throws Damage when something is lost and cannot be located
 */
export async function reconcile(
  view: DatabaseView,
  storeId: string,
  journal: JournalContent | null,
): Promise<Reconciliation> {
  const commit = await readCommit(view, storeId)
  const actual = await digestHeads(view)
  const strict = journal?.strict === true ? withCommit(journal.ledger, commit) : null
  if (strict !== null) {
    const found = await readGroups(view, strict.settled.number)
    if (knowsAll(strict, found)) return locate(view, strict, actual, found)
  }
  if (commit === null) throw new Damage('neither its journal nor its commit record is there')
  const ledger = new Ledger(commit.commit, actual, commit.settled)
  for (const bucket of commit.lost) ledger.spoil(bucket)
  if (commit.total !== ledger.total) throw new Damage('it does not add up to its last commit')
  const found = await readGroups(view, commit.settled.number)
  checkChain(commit, found)
  ledger.takeGroups(found.groups.map(entryOf))
  const lostBuckets = new Set(commit.lost)
  const suspects = await suspectsIn(view, lostBuckets)
  return { ledger, lostBuckets, suspects, groups: found.groups, vouched: true }
}

/**
 * Compares the heads of a database that was opened again with the ledger of the process, which also has in memory what
 * the groups hold.
 *
 * @throws Damage when something is lost and cannot be located
 */
export async function reconcileHeads(
  view: DatabaseView,
  storeId: string,
  known: Ledger,
): Promise<Reconciliation> {
  const ledger = withCommit(known, await readCommit(view, storeId))
  if (ledger === null) throw new Damage('it holds commits that nobody made')
  return locate(view, ledger, await digestHeads(view), null)
}

/** The ledger with a last commit that it had not heard of; `null` if it had not heard of more than that. */
function withCommit(known: Ledger, commit: LedgerEntry | null): Ledger | null {
  const ledger = known.copy()
  if (commit === null || commit.commit <= ledger.commit) return ledger
  if (commit.commit > ledger.commit + 1) return null
  ledger.take(commit)
  return ledger
}

/** Whether there are no more groups than a journal has heard of, but for the last. */
function knowsAll({ lastGroup }: Ledger, { groups, unreadable }: FoundGroups): boolean {
  const news = groups.filter(({ number }) => number > lastGroup.number)
  return (
    news.length <= 1 &&
    news.every(({ previous }) => previous === lastGroup.checksum) &&
    unreadable.every((number) => number <= lastGroup.number)
  )
}

/** Says for every bucket whether it is as it must be. */
async function locate(
  view: DatabaseView,
  ledger: Ledger,
  actual: DigestTable,
  found: FoundGroups | null,
): Promise<Reconciliation> {
  const lostBuckets = ledger.table.differences(actual)
  if (found !== null) noteLostGroups(ledger, found.groups, lostBuckets)
  const suspects = await suspectsIn(view, lostBuckets)
  return { ledger, lostBuckets, suspects, groups: found?.groups ?? [], vouched: false }
}

/** A group that is gone takes everything along that its documents appended later. */
function noteLostGroups(ledger: Ledger, groups: readonly Group[], lostBuckets: Set<number>): void {
  const there = new Map(groups.map(({ number, checksum }) => [number, checksum]))
  for (const { number, checksum, buckets } of ledger.groups) {
    if (there.get(number) === checksum) continue
    for (const bucket of buckets) {
      ledger.spoil(bucket)
      lostBuckets.add(bucket)
    }
  }
  ledger.takeGroups(groups.map(entryOf))
}

/** @throws Damage when a group between others is missing: nobody can say whose updates it held */
function checkChain({ settled }: LedgerEntry, { groups, unreadable }: FoundGroups): void {
  let last: GroupLink = settled
  for (const group of groups) {
    if (group.number !== last.number + 1 || group.previous !== last.checksum) {
      throw new Damage('a group of its last commits is missing')
    }
    last = group
  }
  if (unreadable.length > 0) throw new Damage('a group of its last commits is damaged')
}

async function readCommit(view: DatabaseView, storeId: string) {
  const value = await view.get(commitKey)
  if (value === undefined) return null
  try {
    const record = decodeCommit(value)
    if (record.storeId !== storeId) throw new ForeignDatabase()
    return record.entry
  } catch (error) {
    if (error instanceof ForeignDatabase || !(error instanceof Damage)) throw error
    // Damaged alone it is like one that is absent: the journal has to do.
    return null
  }
}

class ForeignDatabase extends Damage {
  constructor() {
    super('its database belongs to another data folder')
  }
}

/**
 * A head that fails its checks counts with the checksum it carries: if that is right, its bucket is, and the document
 * alone is refused when it is loaded.
 */
async function digestHeads(view: DatabaseView): Promise<DigestTable> {
  const table = new DigestTable()
  for await (const page of view.readablePages(rangeAfter('head', ''))) {
    for (const [key, value] of page) {
      const id = idOf('head', key)
      if (id === null || value.length < CHECKSUM_BYTES) continue
      const checksum = Buffer.from(value.subarray(-CHECKSUM_BYTES)).toString('hex')
      table.toggle(DigestTable.bucketOf(id), checksum)
    }
  }
  return table
}

async function suspectsIn(view: DatabaseView, buckets: ReadonlySet<number>): Promise<Set<string>> {
  const ids = new Set<string>()
  if (buckets.size === 0) return ids
  for (const section of ['head', 'log', 'snapshot'] as const) {
    await visitIds(view, section, '', (id) => {
      if (buckets.has(DigestTable.bucketOf(id))) ids.add(id)
      return ids.size < MAX_NAMED
    })
  }
  return ids
}

import type { HeadChange } from './change-plan.js'
import { Damage } from './damage.js'
import { DigestTable, digestOf } from './digest-table.js'
import type { GroupLink } from './group.js'
import { commitKey } from './keys.js'
import {
  CHECKSUM_BYTES,
  checksumOf,
  MAX_VARINT_BYTES,
  NO_CHECKSUM,
  SealedReader,
  SealedWriter,
  type Sealed,
} from './sealed.js'

const FORMAT = 2

/** The effect of one commit on the digests. */
export interface LedgerEntry {
  readonly commit: number
  /** {@link DigestTable.total} after it. */
  readonly total: bigint
  /** The buckets it touched, with their digests after it. */
  readonly buckets: ReadonlyMap<number, bigint>
  /** The last group whose content is in the logs of its documents. */
  readonly settled: GroupLink
  /** The buckets that lost something for good. */
  readonly lost: readonly number[]
}

/** A group whose content is nowhere else yet, and the buckets of its documents. */
export interface GroupEntry extends GroupLink {
  readonly buckets: readonly number[]
}

const NO_GROUP: GroupLink = Object.freeze({ number: 0, checksum: NO_CHECKSUM })

/**
 * What the database has to contain: the number of the last commit, the digests of all heads after it, and the groups
 * that came since they were last put in their places.
 */
export class Ledger {
  readonly table: DigestTable
  #commit: number
  #total: bigint
  #settled: GroupLink
  #groups: GroupEntry[] = []
  /** No number is given to two groups, also if the first one is lost. */
  #lastGroup: GroupLink
  readonly #lost: Set<number>

  /** @param lost buckets that are spoiled in `table` already */
  constructor(
    commit = 0,
    table = new DigestTable(),
    settled = NO_GROUP,
    lost: Iterable<number> = [],
  ) {
    this.table = table
    this.#commit = commit
    this.#total = table.total()
    this.#settled = settled
    this.#lastGroup = settled
    this.#lost = new Set(lost)
  }

  get commit(): number {
    return this.#commit
  }

  get total(): bigint {
    return this.#total
  }

  get settled(): GroupLink {
    return this.#settled
  }

  /** Bounded by whoever makes groups: {@link Stage}. */
  get groups(): readonly GroupEntry[] {
    return this.#groups
  }

  /** The newest group, whether it is in its place, or lost, or not. */
  get lastGroup(): GroupLink {
    return this.#lastGroup
  }

  /** The buckets that lost something for good. */
  get lost(): readonly number[] {
    return [...this.#lost]
  }

  /** The entry of the next commit; nothing changes before {@link take}. */
  next(heads: readonly HeadChange[], settled = this.#settled): LedgerEntry {
    const buckets = new Map<number, bigint>()
    let total = this.#total
    for (const { documentId, before, after } of heads) {
      const bucket = DigestTable.bucketOf(documentId)
      const change = digestOrNothing(before) ^ digestOrNothing(after)
      buckets.set(bucket, (buckets.get(bucket) ?? this.table.get(bucket)) ^ change)
      total ^= change
    }
    return { commit: this.#commit + 1, total, buckets, settled, lost: this.lost }
  }

  take(entry: LedgerEntry): void {
    for (const bucket of entry.lost) this.spoil(bucket)
    for (const [bucket, digest] of entry.buckets) this.table.set(bucket, digest)
    this.#total = entry.total
    this.#commit = entry.commit
    this.#settled = entry.settled
    this.#groups = this.#groups.filter(({ number }) => number > entry.settled.number)
    this.#reached(entry.settled)
  }

  takeGroup(entry: GroupEntry): void {
    this.#groups.push(entry)
    this.#reached(entry)
  }

  /** The groups that are there are these. */
  takeGroups(entries: readonly GroupEntry[]): void {
    this.#groups = [...entries]
    for (const entry of entries.slice(-1)) this.#reached(entry)
  }

  #reached({ number, checksum }: GroupLink): void {
    if (number > this.#lastGroup.number) this.#lastGroup = { number, checksum }
  }

  /** Part of what belongs into a bucket is lost for good: from now on it never adds up. */
  spoil(bucket: number): void {
    if (this.#lost.has(bucket)) return
    this.#lost.add(bucket)
    const change = digestOf(checksumOf(Buffer.from(`lost from bucket ${bucket}`)))
    this.table.set(bucket, this.table.get(bucket) ^ change)
    this.#total ^= change
  }

  copy(): Ledger {
    const copy = new Ledger(this.#commit, this.table.copy(), this.#settled, this.#lost)
    copy.takeGroups(this.#groups)
    copy.#reached(this.#lastGroup)
    return copy
  }
}

function digestOrNothing(head: HeadChange['before']): bigint {
  return head === null ? 0n : digestOf(head.checksum)
}

const LINK_BYTES = MAX_VARINT_BYTES + CHECKSUM_BYTES
const ENTRY_BYTES = 2 * MAX_VARINT_BYTES + CHECKSUM_BYTES + LINK_BYTES
const BUCKET_BYTES = MAX_VARINT_BYTES + CHECKSUM_BYTES

/** Bytes an entry takes at most. */
export function entryCapacity(entry: LedgerEntry): number {
  const lostBytes = (1 + entry.lost.length) * MAX_VARINT_BYTES
  return ENTRY_BYTES + entry.buckets.size * BUCKET_BYTES + lostBytes
}

/** The same for the entry of a group. */
export function groupEntryCapacity({ buckets }: GroupEntry): number {
  return LINK_BYTES + (1 + buckets.length) * MAX_VARINT_BYTES
}

export function writeEntry(writer: SealedWriter, entry: LedgerEntry): void {
  writer.varint(entry.commit)
  writer.hex(hexOf(entry.total))
  writeLink(writer, entry.settled)
  writeBuckets(writer, entry.lost)
  writer.varint(entry.buckets.size)
  for (const [bucket, digest] of entry.buckets) {
    writer.varint(bucket)
    writer.hex(hexOf(digest))
  }
}

/** @throws Damage */
export function readEntry(reader: SealedReader): LedgerEntry {
  const commit = reader.varint()
  const total = digestOf(reader.checksumField())
  const settled = readLink(reader)
  const lost = readBuckets(reader)
  const buckets = new Map<number, bigint>()
  for (let count = reader.varint(); count > 0; count--) {
    buckets.set(reader.varint(), digestOf(reader.checksumField()))
  }
  return { commit, total, buckets, settled, lost }
}

export function writeLink(writer: SealedWriter, { number, checksum }: GroupLink): void {
  writer.varint(number)
  writer.hex(checksum)
}

/** @throws Damage */
export function readLink(reader: SealedReader): GroupLink {
  return { number: reader.varint(), checksum: reader.checksumField() }
}

export function writeGroupEntry(writer: SealedWriter, entry: GroupEntry): void {
  writeLink(writer, entry)
  writeBuckets(writer, entry.buckets)
}

/** @throws Damage */
export function readGroupEntry(reader: SealedReader): GroupEntry {
  return { ...readLink(reader), buckets: readBuckets(reader) }
}

export function writeBuckets(writer: SealedWriter, buckets: readonly number[]): void {
  writer.varint(buckets.length)
  for (const bucket of buckets) writer.varint(bucket)
}

/** @throws Damage */
export function readBuckets(reader: SealedReader): number[] {
  const buckets: number[] = []
  for (let count = reader.varint(); count > 0; count--) buckets.push(reader.varint())
  return buckets
}

function hexOf(digest: bigint): string {
  return digest.toString(16).padStart(16, '0')
}

/** The record of the latest commit, written with it: the store's id and the ledger entry. */
export function encodeCommit(storeId: string, entry: LedgerEntry): Sealed {
  const writer = new SealedWriter(commitKey, 1 + 16 + entryCapacity(entry))
  writer.byte(FORMAT)
  writer.hex(storeId)
  writeEntry(writer, entry)
  return writer.seal()
}

/** @throws Damage */
export function decodeCommit(value: Uint8Array): { storeId: string; entry: LedgerEntry } {
  const reader = new SealedReader(commitKey, value)
  if (reader.byte() !== FORMAT) throw new Damage('the commit record has an unknown format')
  const storeId = reader.hex(16)
  const entry = readEntry(reader)
  reader.end()
  return { storeId, entry }
}

import type { HeadChange } from './change-plan.js'
import { Damage } from './damage.js'
import { DigestTable, digestOf } from './digest-table.js'
import { commitKey } from './keys.js'
import { MAX_VARINT_BYTES, SealedReader, SealedWriter, type Sealed } from './sealed.js'

const FORMAT = 1

/** The effect of one commit on the digests. */
export interface LedgerEntry {
  readonly commit: number
  /** {@link DigestTable.total} after it. */
  readonly total: bigint
  /** The buckets it touched, with their digests after it. */
  readonly buckets: ReadonlyMap<number, bigint>
}

/** What the database has to contain: the number of the last commit, and the digests of all heads after it. */
export class Ledger {
  readonly table: DigestTable
  #commit: number
  #total: bigint

  constructor(commit = 0, table = new DigestTable()) {
    this.table = table
    this.#commit = commit
    this.#total = table.total()
  }

  get commit(): number {
    return this.#commit
  }

  get total(): bigint {
    return this.#total
  }

  /** The entry of the next commit; nothing changes before {@link take}. */
  next(heads: readonly HeadChange[]): LedgerEntry {
    const buckets = new Map<number, bigint>()
    let total = this.#total
    for (const { documentId, before, after } of heads) {
      const bucket = DigestTable.bucketOf(documentId)
      const change = digestOrNothing(before) ^ digestOrNothing(after)
      buckets.set(bucket, (buckets.get(bucket) ?? this.table.get(bucket)) ^ change)
      total ^= change
    }
    return { commit: this.#commit + 1, total, buckets }
  }

  take(entry: LedgerEntry): void {
    for (const [bucket, digest] of entry.buckets) this.table.set(bucket, digest)
    this.#total = entry.total
    this.#commit = entry.commit
  }

  copy(): Ledger {
    return new Ledger(this.#commit, this.table.copy())
  }
}

function digestOrNothing(head: HeadChange['before']): bigint {
  return head === null ? 0n : digestOf(head.checksum)
}

const ENTRY_BYTES = 2 * MAX_VARINT_BYTES + 8
const BUCKET_BYTES = MAX_VARINT_BYTES + 8

/** Bytes an entry takes at most. */
export function entryCapacity(entry: LedgerEntry): number {
  return ENTRY_BYTES + entry.buckets.size * BUCKET_BYTES
}

export function writeEntry(writer: SealedWriter, entry: LedgerEntry): void {
  writer.varint(entry.commit)
  writer.hex(hexOf(entry.total))
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
  const buckets = new Map<number, bigint>()
  for (let count = reader.varint(); count > 0; count--) {
    buckets.set(reader.varint(), digestOf(reader.checksumField()))
  }
  return { commit, total, buckets }
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

import { Damage } from './damage.js'
import { headKey } from './keys.js'
import {
  MAX_VARINT_BYTES,
  NO_CHECKSUM,
  SealedReader,
  SealedWriter,
  type Checksum,
  type Sealed,
} from './sealed.js'

const FORMAT = 1
const FIXED_BYTES = 1 + 16 + 3 * 8 + 1

/**
 * What a document is supposed to consist of. It lies in another key range than the log and pins both ends of it, so
 * that neither can be lost, cut or replaced by an older version unnoticed.
 */
export interface Head {
  readonly historyId: string
  readonly lastSeq: number
  /** The snapshot stands for the numbers up to this one; 0 without a snapshot. */
  readonly snapshotSeq: number
  /** Changes with each snapshot and is part of its keys; 0 without a snapshot. */
  readonly generation: number
  /** Bytes of snapshot and tail as their owner sees them. */
  readonly bytes: number
  /** What the oldest log record names as its predecessor. */
  readonly base: Checksum
  /** The last log record; the same as `base` when there is none. */
  readonly last: Checksum
  /** The snapshot's manifest. */
  readonly manifest: Checksum
  readonly readOnlyReason: string | null
  /** When it was put into the trash. It says so here, too: whatever becomes of the info, what is removed for good is in the trash. */
  readonly trashedAt: number | null
}

/** Bits of what follows the checksums. */
const HAS_REASON = 1
const IN_TRASH = 2

/** The head of a document that has no update yet. Its log begins with the history id: a new life, a new chain. */
export function firstHead(historyId: string): Head {
  const base = historyId.slice(0, NO_CHECKSUM.length)
  return {
    historyId,
    lastSeq: 0,
    snapshotSeq: 0,
    generation: 0,
    bytes: 0,
    base,
    last: base,
    manifest: NO_CHECKSUM,
    readOnlyReason: null,
    trashedAt: null,
  }
}

export function encodeHead(documentId: string, head: Head): Sealed {
  const reason = head.readOnlyReason === null ? null : Buffer.from(head.readOnlyReason)
  const capacity = FIXED_BYTES + 6 * MAX_VARINT_BYTES + (reason?.length ?? 0)
  const writer = new SealedWriter(headKey(documentId), capacity)
  writer.byte(FORMAT)
  writer.hex(head.historyId)
  writer.varint(head.lastSeq)
  writer.varint(head.snapshotSeq)
  writer.varint(head.generation)
  writer.varint(head.bytes)
  writer.hex(head.base)
  writer.hex(head.last)
  writer.hex(head.manifest)
  writer.byte((reason === null ? 0 : HAS_REASON) | (head.trashedAt === null ? 0 : IN_TRASH))
  if (head.trashedAt !== null) writer.varint(head.trashedAt)
  if (reason !== null) writer.bytes(reason)
  return writer.seal()
}

/** A head as it is stored. */
export interface StoredHead extends Head {
  readonly checksum: Checksum
}

/**
 * What is kept of a head in memory, for each of many documents: an object of one fixed shape, which a spread does not
 * make, and checksums that are strings of their own, not slices that keep the whole digest.
 */
export function storedHead(head: Head, checksum: Checksum): StoredHead {
  return {
    checksum: ownString(checksum),
    historyId: head.historyId,
    lastSeq: head.lastSeq,
    snapshotSeq: head.snapshotSeq,
    generation: head.generation,
    bytes: head.bytes,
    base: head.base,
    last: ownString(head.last),
    manifest: head.manifest,
    readOnlyReason: head.readOnlyReason,
    trashedAt: head.trashedAt,
  }
}

function ownString(digits: string): string {
  return Buffer.from(digits, 'latin1').toString('latin1')
}

/** @throws Damage */
export function decodeHead(key: Uint8Array, value: Uint8Array): StoredHead {
  const reader = new SealedReader(key, value)
  if (reader.byte() !== FORMAT) throw new Damage('the head has an unknown format')
  return {
    checksum: reader.checksum,
    historyId: reader.hex(16),
    lastSeq: reader.varint(),
    snapshotSeq: reader.varint(),
    generation: reader.varint(),
    bytes: reader.varint(),
    base: reader.checksumField(),
    last: reader.checksumField(),
    manifest: reader.checksumField(),
    ...readStates(reader),
  }
}

function readStates(reader: SealedReader): Pick<Head, 'readOnlyReason' | 'trashedAt'> {
  const states = reader.byte()
  const trashedAt = (states & IN_TRASH) === 0 ? null : reader.varint()
  const reason = Buffer.from(reader.bytes(reader.remaining)).toString()
  return { trashedAt, readOnlyReason: (states & HAS_REASON) === 0 ? null : reason }
}

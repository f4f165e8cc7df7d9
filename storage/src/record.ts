import { Damage } from './damage.js'
import { numberOf, recordKey } from './keys.js'
import {
  MAX_VARINT_BYTES,
  SealedReader,
  SealedWriter,
  type Checksum,
  type Sealed,
} from './sealed.js'

const FORMAT = 1
const HEADER_BYTES = 1 + 8 + MAX_VARINT_BYTES

/** A log record: the updates of one append, chained to the record before it. */
export interface LogRecord {
  readonly key: Uint8Array
  readonly firstSeq: number
  readonly lastSeq: number
  /** Checksum of the record before, or what the document's log begins with. */
  readonly previous: Checksum
  readonly checksum: Checksum
  /** Views of the stored value. */
  readonly updates: readonly Uint8Array[]
}

/** Format, checksum of the record before, count, lengths, bytes. */
export function encodeRecord(
  documentId: string,
  firstSeq: number,
  previous: Checksum,
  updates: readonly Uint8Array[],
): Sealed {
  const bytes = updates.reduce((sum, update) => sum + update.length + MAX_VARINT_BYTES, 0)
  const writer = new SealedWriter(recordKey(documentId, firstSeq), HEADER_BYTES + bytes)
  writer.byte(FORMAT)
  writer.hex(previous)
  writer.varint(updates.length)
  for (const update of updates) writer.varint(update.length)
  for (const update of updates) writer.bytes(update)
  return writer.seal()
}

/** @throws Damage */
export function decodeRecord(key: Uint8Array, value: Uint8Array): LogRecord {
  const reader = new SealedReader(key, value)
  if (reader.byte() !== FORMAT) throw new Damage('a log record has an unknown format')
  const previous = reader.checksumField()
  const updates = readList(reader)
  const firstSeq = numberOf(key)
  if (updates.length === 0) throw new Damage('a log record is empty')
  const { checksum } = reader
  return { key, firstSeq, lastSeq: firstSeq + updates.length - 1, previous, checksum, updates }
}

function readList(reader: SealedReader): Uint8Array[] {
  const count = reader.varint()
  if (count > reader.remaining) throw new Damage('a log record ends too early')
  const lengths = Array.from({ length: count }, () => reader.varint())
  const updates = lengths.map((length) => reader.bytes(length))
  reader.end()
  return updates
}

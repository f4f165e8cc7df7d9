import type { DatabaseView } from './database.js'
import { Damage } from './damage.js'
import { GROUP_KEY_BYTES, groupKey, groupsAfter, numberOf } from './keys.js'
import {
  CHECKSUM_BYTES,
  MAX_VARINT_BYTES,
  SealedReader,
  SealedWriter,
  type Checksum,
  type Sealed,
} from './sealed.js'
import type { Author } from './store.js'

const FORMAT = 1
const HISTORY_BYTES = 16
const UTF8_BYTES_PER_UNIT = 3

/** Bits of the byte behind an id that say what is told of the document besides its updates. */
const HAS_HISTORY = 1
const HAS_AUTHORS = 2

/** Names a group by its number and its checksum; groups are numbered from 1. */
export interface GroupLink {
  readonly number: number
  readonly checksum: Checksum
}

/** Updates of one document in a group. */
export interface GroupedAppend {
  readonly documentId: string
  /** Only of a document that has no head yet. */
  readonly historyId: string | null
  readonly firstSeq: number
  readonly updates: readonly Uint8Array[]
  readonly authors?: readonly Author[]
}

/**
 * What one commit brought for several documents, in one value: most of what it costs to store a value does not depend
 * on how much is in it, and of people who type a commit brings a few bytes for each of many documents. Within a second
 * or two what groups hold is put into the logs of its documents, all that came together at once (stage.ts).
 */
export interface Group extends GroupLink {
  /** The checksum of the group before it: an older one that resurfaces under a number does not pass. */
  readonly previous: Checksum
  readonly appends: readonly GroupedAppend[]
}

/** Format, checksum of the group before, count; each document's id, what is told, history, number, updates, authors. */
export function encodeGroup(
  { number, checksum }: GroupLink,
  appends: readonly GroupedAppend[],
): Sealed {
  const writer = new SealedWriter(groupKey(number + 1), capacityFor(appends))
  writer.byte(FORMAT)
  writer.hex(checksum)
  writer.varint(appends.length)
  for (const append of appends) writeAppend(writer, append)
  return writer.seal()
}

function capacityFor(appends: readonly GroupedAppend[]): number {
  let bytes = 1 + CHECKSUM_BYTES + MAX_VARINT_BYTES
  for (const { documentId, updates, authors = [] } of appends) {
    bytes += UTF8_BYTES_PER_UNIT * documentId.length + HISTORY_BYTES + 1 + 4 * MAX_VARINT_BYTES
    for (const update of updates) bytes += MAX_VARINT_BYTES + update.length
    for (const { subject } of authors) {
      bytes += 2 * MAX_VARINT_BYTES + UTF8_BYTES_PER_UNIT * subject.length
    }
  }
  return bytes
}

function writeAppend(writer: SealedWriter, append: GroupedAppend): void {
  const { authors = [] } = append
  writer.text(append.documentId)
  writer.byte(
    (append.historyId === null ? 0 : HAS_HISTORY) | (authors.length === 0 ? 0 : HAS_AUTHORS),
  )
  if (append.historyId !== null) writer.hex(append.historyId)
  writer.varint(append.firstSeq)
  writer.varint(append.updates.length)
  for (const update of append.updates) {
    writer.varint(update.length)
    writer.bytes(update)
  }
  if (authors.length === 0) return
  writer.varint(authors.length)
  for (const { client, subject } of authors) {
    writer.varint(client)
    writer.text(subject)
  }
}

/** @throws Damage */
export function decodeGroup(key: Uint8Array, value: Uint8Array): Group {
  const reader = new SealedReader(key, value)
  if (reader.byte() !== FORMAT) throw new Damage('a group has an unknown format')
  const previous = reader.checksumField()
  const appends = readList(reader, () => readAppend(reader))
  reader.end()
  return { number: numberOf(key), checksum: reader.checksum, previous, appends }
}

function readAppend(reader: SealedReader): GroupedAppend {
  const documentId = reader.text()
  const told = reader.byte()
  if (told > (HAS_HISTORY | HAS_AUTHORS)) throw new Damage('a group tells of something unknown')
  const historyId = (told & HAS_HISTORY) === 0 ? null : reader.hex(HISTORY_BYTES)
  const firstSeq = reader.varint()
  const updates = readList(reader, () => reader.bytes(reader.varint()))
  const append = { documentId, historyId, firstSeq, updates }
  return (told & HAS_AUTHORS) === 0 ? append : { ...append, authors: readAuthors(reader) }
}

function readAuthors(reader: SealedReader): Author[] {
  return readList(reader, () => ({ client: reader.varint(), subject: reader.text() }))
}

function readList<Item>(reader: SealedReader, read: () => Item): Item[] {
  const count = reader.varint()
  if (count > reader.remaining) throw new Damage('a group ends too early')
  return Array.from({ length: count }, read)
}

/** The groups of a database, and the numbers of those that cannot be read. */
export interface FoundGroups {
  readonly groups: readonly Group[]
  readonly unreadable: readonly number[]
}

/** All groups after number `settled`, in order. */
export async function readGroups(view: DatabaseView, settled: number): Promise<FoundGroups> {
  const groups: Group[] = []
  const unreadable: number[] = []
  for await (const page of view.readablePages(groupsAfter(settled))) {
    for (const [key, value] of page) {
      // A key that no store of ours wrote: damage made it.
      if (key.length !== GROUP_KEY_BYTES) continue
      try {
        groups.push(decodeGroup(key, value))
      } catch (error) {
        if (!(error instanceof Damage)) throw error
        unreadable.push(numberOf(key))
      }
    }
  }
  return { groups, unreadable }
}

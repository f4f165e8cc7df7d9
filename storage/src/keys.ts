/**
 * Where things are in the database. One byte says what a key is for, then come the document id's UTF-8 bytes. Ids
 * hold no NUL, so a NUL ends the id where a number follows: no two ids share a key or a range, and keys sort like
 * ids.
 *
 *     'a' id NUL client(8) seq(8)       an author: whose a client id is since an update of the document; the first counts
 *     'c'                               the commit record
 *     'd' id NUL firstSeq(8)            a log record: updates of one document
 *     'g' number(8)                     a group: what several documents appended, not in its place yet
 *     'h' id                            the head
 *     'i' id                            the info
 *     'o' trash(1) age(8) id            the info again, in the order of listings: 2^53 - 1 less the time of change
 *     's' id NUL generation(8) piece(4) a snapshot: piece 0 is its manifest, then its chunks
 */
const AUTHOR = 0x61
const LOG = 0x64
const GROUP = 0x67
const HEAD = 0x68
const INFO = 0x69
const ORDER = 0x6f
const SNAPSHOT = 0x73

/** Keys from `gte` up to, not including, `lt`. */
export interface KeyRange {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

/** The places where something of a document is stored, by its id. */
export type Section = 'author' | 'head' | 'info' | 'log' | 'snapshot'

const sectionBytes: Readonly<Record<Section, number>> = Object.freeze({
  author: AUTHOR,
  head: HEAD,
  info: INFO,
  log: LOG,
  snapshot: SNAPSHOT,
})

export const commitKey: Uint8Array = Uint8Array.of(0x63)

export function headKey(documentId: string): Uint8Array {
  return withId(HEAD, documentId, 0)
}

/** Bytes of the numbers at the end of an author's key. */
export const AUTHOR_NUMBER_BYTES = 16

export function authorKey(documentId: string, client: number, seq: number): Uint8Array {
  const key = withId(AUTHOR, documentId, 1 + AUTHOR_NUMBER_BYTES)
  writeNumber(key, key.length - AUTHOR_NUMBER_BYTES, client)
  writeNumber(key, key.length - 8, seq)
  return key
}

export function recordKey(documentId: string, firstSeq: number): Uint8Array {
  const key = withId(LOG, documentId, 9)
  writeNumber(key, key.length - 8, firstSeq)
  return key
}

/** Key of the manifest (piece 0) or a chunk (from 1) of a snapshot. */
export function pieceKey(documentId: string, generation: number, piece: number): Uint8Array {
  const key = withId(SNAPSHOT, documentId, 13)
  writeNumber(key, key.length - 12, generation)
  key.writeUInt32BE(piece, key.length - 4)
  return key
}

export const GROUP_KEY_BYTES = 9

export function groupKey(number: number): Uint8Array {
  const key = Buffer.alloc(GROUP_KEY_BYTES)
  key[0] = GROUP
  writeNumber(key, 1, number)
  return key
}

/** The keys of all groups after this one. */
export function groupsAfter(number: number): KeyRange {
  return { gte: groupKey(number + 1), lt: Uint8Array.of(GROUP + 1) }
}

export function infoKey(documentId: string): Uint8Array {
  return withId(INFO, documentId, 0)
}

const ORDER_KEY_BYTES = 10

/** Where an info is in the order of listings: the trash apart, the newest first. */
export function orderKey(
  trashed: boolean,
  { updatedAt, documentId }: { readonly updatedAt: number; readonly documentId: string },
): Uint8Array {
  const key = Buffer.alloc(ORDER_KEY_BYTES + Buffer.byteLength(documentId))
  key[0] = ORDER
  key[1] = trashed ? 1 : 0
  writeNumber(key, 2, Number.MAX_SAFE_INTEGER - updatedAt)
  key.write(documentId, ORDER_KEY_BYTES)
  return key
}

/** Around all places in the order of listings. */
export const orderStart: Uint8Array = Uint8Array.of(ORDER)
export const orderEnd: Uint8Array = Uint8Array.of(ORDER + 1)

/** The order of the trash, or of all else. */
export function orderRange(trashed: boolean): KeyRange {
  const first = trashed ? 1 : 0
  return { gte: Uint8Array.of(ORDER, first), lt: Uint8Array.of(ORDER, first + 1) }
}

/** Whose place a key in the order is, or `null` if no store of ours wrote it. */
export function idOfOrder(key: Uint8Array): string | null {
  return key.length > ORDER_KEY_BYTES ? decodedId(key.subarray(ORDER_KEY_BYTES)) : null
}

/** All keys of a document in one section. */
export function documentRange(section: Section, documentId: string): KeyRange {
  const gte = withId(sectionBytes[section], documentId, 1)
  if (isWhole(section)) return { gte: gte.subarray(0, -1), lt: gte }
  const lt = Buffer.from(gte)
  lt[lt.length - 1] = 1
  return { gte, lt }
}

/** The keys of one generation of a document's snapshot, manifest first. */
export function generationRange(documentId: string, generation: number): KeyRange {
  return {
    gte: pieceKey(documentId, generation, 0),
    lt: pieceKey(documentId, generation + 1, 0),
  }
}

/** All keys of a section that belong to ids after `documentId` (from the first when it is empty). */
export function rangeAfter(section: Section, documentId: string): KeyRange {
  const first = sectionBytes[section]
  const lt = Uint8Array.of(first + 1)
  if (documentId === '') return { gte: Uint8Array.of(first), lt }
  // Ids hold no NUL, so the id with a 1 behind it comes after all keys of the id and before all later ids.
  const gte = withId(first, documentId, 1)
  gte[gte.length - 1] = 1
  return { gte, lt }
}

/** The id in a key of `section`, or `null` if no store of ours wrote such a key. */
export function idOf(section: Section, key: Uint8Array): string | null {
  const end = isWhole(section) ? key.length : key.indexOf(0, 1)
  if (key[0] !== sectionBytes[section] || end < 2) return null
  return decodedId(key.subarray(1, end))
}

/** Whether a key of this section ends with the id. */
function isWhole(section: Section): boolean {
  return section === 'head' || section === 'info'
}

function decodedId(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    // Not UTF-8: a flipped bit made another key of it.
    return null
  }
}

/** The number at the end of a log record's or a group's key: the first one in it, or its own. */
export function numberOf(key: Uint8Array): number {
  return numberAt(key, key.length - 8)
}

/** The client in an author's key. */
export function clientOf(key: Uint8Array): number {
  return numberAt(key, key.length - AUTHOR_NUMBER_BYTES)
}

function numberAt(key: Uint8Array, offset: number): number {
  return Number(Buffer.from(key.buffer, key.byteOffset).readBigUInt64BE(offset))
}

/** The key that follows this one directly. */
export function keyBehind(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, Buffer.alloc(1)])
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function withId(first: number, documentId: string, room: number): Buffer {
  const length = Buffer.byteLength(documentId)
  const key = Buffer.alloc(1 + length + room)
  key[0] = first
  key.write(documentId, 1)
  return key
}

function writeNumber(key: Buffer, offset: number, value: number): void {
  key.writeUInt32BE(Math.floor(value / 2 ** 32), offset)
  key.writeUInt32BE(value >>> 0, offset + 4)
}

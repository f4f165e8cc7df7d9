import { Damage } from './damage.js'
import { isLevelError, type DatabaseView } from './database.js'
import { readHead } from './document-reader.js'
import { infoKey, orderKey } from './keys.js'
import { MAX_VARINT_BYTES, SealedReader, SealedWriter, type Sealed } from './sealed.js'
import { unknownInfo, type DocumentInfo } from './store.js'

const FORMAT = 1

/** Bits that say which of the fields follow that may be absent. */
const CREATED_AT = 1
const CREATED_BY = 2
const TRASHED_AT = 4
const TRASHED_BY = 8

const UTF8_BYTES_PER_UNIT = 3

/** An info under its id, and again in the order of listings. */
export function encodeInfo(documentId: string, info: DocumentInfo): readonly [Sealed, Sealed] {
  return [sealed(infoKey(documentId), info), sealed(placeOf(documentId, info), info)]
}

/** Where an info is in the order of listings. */
export function placeOf(documentId: string, { updatedAt, trashedAt }: DocumentInfo): Uint8Array {
  return orderKey(trashedAt !== null, { updatedAt, documentId })
}

function sealed(key: Uint8Array, info: DocumentInfo): Sealed {
  const { title, createdAt, createdBy, updatedAt, trashedAt, trashedBy } = info
  const units = title.length + (createdBy?.length ?? 0) + (trashedBy?.length ?? 0)
  const writer = new SealedWriter(key, 2 + 6 * MAX_VARINT_BYTES + units * UTF8_BYTES_PER_UNIT)
  writer.byte(FORMAT)
  writer.byte(
    (createdAt === null ? 0 : CREATED_AT) |
      (createdBy === null ? 0 : CREATED_BY) |
      (trashedAt === null ? 0 : TRASHED_AT) |
      (trashedBy === null ? 0 : TRASHED_BY),
  )
  writer.text(title)
  writer.varint(updatedAt)
  if (createdAt !== null) writer.varint(createdAt)
  if (createdBy !== null) writer.text(createdBy)
  if (trashedAt !== null) writer.varint(trashedAt)
  if (trashedBy !== null) writer.text(trashedBy)
  return writer.seal()
}

/** What was stored under a key, or `null` if that is damaged: an info is never a reason to refuse anything. */
export function decodeInfo(key: Uint8Array, value: Uint8Array): DocumentInfo | null {
  try {
    return infoIn(new SealedReader(key, value))
  } catch (error) {
    if (error instanceof Damage) return null
    throw error
  }
}

function infoIn(reader: SealedReader): DocumentInfo {
  if (reader.byte() !== FORMAT) throw new Damage('an info has an unknown format')
  const fields = reader.byte()
  const has = (field: number): boolean => (fields & field) !== 0
  // In the order in which they stand: object literals evaluate in source order.
  const info = {
    title: reader.text(),
    updatedAt: reader.varint(),
    createdAt: has(CREATED_AT) ? reader.varint() : null,
    createdBy: has(CREATED_BY) ? reader.text() : null,
    trashedAt: has(TRASHED_AT) ? reader.varint() : null,
    trashedBy: has(TRASHED_BY) ? reader.text() : null,
  }
  reader.end()
  return info
}

/** The info under an id; `undefined` when there is none, `null` when it is damaged. */
export async function readStoredInfo(
  view: DatabaseView,
  documentId: string,
): Promise<DocumentInfo | null | undefined> {
  const key = infoKey(documentId)
  const value = await view.get(key)
  return value === undefined ? undefined : decodeInfo(key, value)
}

/**
 * What is known of a document, `undefined` if nothing was ever stored of it. Of the trash its head has the last word,
 * since nothing of a head is lost unnoticed.
 *
 * @param isStaged whether it has content that is in no section yet
 */
export async function knownInfo(
  view: DatabaseView,
  documentId: string,
  isStaged: boolean,
  readsHead: boolean,
): Promise<DocumentInfo | undefined> {
  const info = await readable(() => readStoredInfo(view, documentId))
  const head = readsHead ? await readable(() => readHead(view, documentId)) : null
  if (info === undefined && head === undefined && !isStaged) return undefined
  const known = info ?? unknownInfo
  if (!head || head.trashedAt === known.trashedAt) return known
  return { ...known, trashedAt: head.trashedAt, trashedBy: null }
}

/** `null` for what is damaged: whoever loads the document hears of that. */
async function readable<Value>(read: () => Promise<Value>): Promise<Value | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Damage || isLevelError(error)) return null
    throw error
  }
}

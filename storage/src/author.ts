import { Damage } from './damage.js'
import type { DatabaseView } from './database.js'
import { AUTHOR_NUMBER_BYTES, authorKey, clientOf, documentRange } from './keys.js'
import { MAX_VARINT_BYTES, SealedReader, SealedWriter, type Sealed } from './sealed.js'
import type { Append, Author } from './store.js'

const FORMAT = 1
const HISTORY_BYTES = 16
const UTF8_BYTES_PER_UNIT = 3

/**
 * The authors that came with updates from number `seq` on, each under a key of its own: format, history, subject.
 *
 * The number is in the key, so that nobody has to look for an earlier author of the client before one is written. The
 * history says of which life of the document it is: what resurfaces after the document was deleted and made again is
 * nobody's.
 */
export function encodeAuthors(
  { documentId, historyId, authors = [] }: Append,
  seq: number,
): readonly Sealed[] {
  const first = new Map<number, string>()
  for (const { client, subject } of authors) if (!first.has(client)) first.set(client, subject)
  return [...first].map(([client, subject]) =>
    sealed(authorKey(documentId, client, seq), historyId, subject),
  )
}

function sealed(key: Uint8Array, historyId: string, subject: string): Sealed {
  const capacity = 1 + HISTORY_BYTES + MAX_VARINT_BYTES + subject.length * UTF8_BYTES_PER_UNIT
  const writer = new SealedWriter(key, capacity)
  writer.byte(FORMAT)
  writer.hex(historyId)
  writer.text(subject)
  return writer.seal()
}

/** Whose a client is in one life of its document. */
interface StoredAuthor {
  readonly historyId: string
  readonly subject: string
}

/** What was stored under a key, or `null` if that is damaged: an author is never a reason to refuse content. */
export function decodeAuthor(key: Uint8Array, value: Uint8Array): StoredAuthor | null {
  try {
    const reader = new SealedReader(key, value)
    if (reader.byte() !== FORMAT) throw new Damage('an author has an unknown format')
    // In the order in which they stand: object literals evaluate in source order.
    const author = { historyId: reader.hex(HISTORY_BYTES), subject: reader.text() }
    reader.end()
    return author
  } catch (error) {
    if (error instanceof Damage) return null
    throw error
  }
}

/**
 * The authors of a document, as far as they can be read; equal subjects are one string.
 *
 * @param staged what may not be in its place yet, behind all that is
 */
export async function readAuthors(
  view: DatabaseView,
  documentId: string,
  historyId: string,
  staged: readonly Author[] = [],
): Promise<Map<number, string>> {
  const range = documentRange('author', documentId)
  const keyLength = range.gte.length + AUTHOR_NUMBER_BYTES
  const authors = new Map<number, string>()
  const subjects = new Map<string, string>()
  // Of whom the first is damaged: it was somebody's, and must not become that of who came next.
  const damaged = new Set<number>()
  for await (const page of view.readablePages(range)) {
    for (const [key, value] of page) {
      if (key.length !== keyLength) continue
      const client = clientOf(key)
      // By client they lie in the order in which they came.
      if (authors.has(client) || damaged.has(client)) continue
      const author = decodeAuthor(key, value)
      if (author === null) damaged.add(client)
      if (author?.historyId !== historyId) continue
      const subject = subjects.get(author.subject) ?? author.subject
      subjects.set(subject, subject)
      authors.set(client, subject)
    }
  }
  for (const { client, subject } of staged) {
    if (!authors.has(client) && !damaged.has(client)) authors.set(client, subject)
  }
  return authors
}

/** The keys of a document's authors, as far as they can be read. */
export async function authorKeysOf(view: DatabaseView, documentId: string): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = []
  for await (const page of view.readablePages(documentRange('author', documentId))) {
    for (const [key] of page) keys.push(key)
  }
  return keys
}

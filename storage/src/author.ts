import { AuthorShares } from './author-shares.js'
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
  return [...firstOf(authors)].map(([client, subject]) =>
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
 * The authors of a document, as far as they can be read and within the bound of {@link AuthorShares}; equal subjects are
 * one string.
 *
 * @param staged what may not be in its place yet, behind all that is
 */
export async function readAuthors(
  view: DatabaseView,
  documentId: string,
  historyId: string,
  staged: readonly Author[] = [],
): Promise<Map<number, string>> {
  const late = firstOf(staged)
  const shares = new AuthorShares()
  for await (const [client, subject] of firstStored(view, documentId, historyId)) {
    // Where it is damaged it was somebody's, too, and must not become that of who came next.
    late.delete(client)
    if (subject !== null) shares.add(client, subject)
  }
  for (const [client, subject] of late) shares.add(client, subject)
  return shares.authors()
}

/** By client the first subject that is stored in this life of a document, or `null` where that is damaged. */
async function* firstStored(
  view: DatabaseView,
  documentId: string,
  historyId: string,
): AsyncGenerator<[client: number, subject: string | null]> {
  const range = documentRange('author', documentId)
  const keyLength = range.gte.length + AUTHOR_NUMBER_BYTES
  let last = -1
  for await (const page of view.readablePages(range)) {
    for (const [key, value] of page) {
      // By client they lie in the order in which they came.
      if (key.length !== keyLength || clientOf(key) === last) continue
      const author = decodeAuthor(key, value)
      if (author !== null && author.historyId !== historyId) continue
      last = clientOf(key)
      yield [last, author?.subject ?? null]
    }
  }
}

/** Of each client the first that is named. */
function firstOf(authors: readonly Author[]): Map<number, string> {
  const first = new Map<number, string>()
  for (const { client, subject } of authors) if (!first.has(client)) first.set(client, subject)
  return first
}

/** The keys of a document's authors, as far as they can be read. */
export async function authorKeysOf(view: DatabaseView, documentId: string): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = []
  for await (const page of view.readablePages(documentRange('author', documentId))) {
    for (const [key] of page) keys.push(key)
  }
  return keys
}

import { decodeDocumentId, type Random } from '@coscribe/shared'

const PREFIX = '/d/'
/** 128 bits: knowing an address is having been given it. */
const ID_BYTES = 16

/** Where the documents are listed. */
export const HOME_PATH = '/'
/** Where those are that were thrown away. */
export const TRASH_PATH = '/trash'
/** What becomes a new document. */
export const NEW_PATH = '/new'

/** What a page's path asks for. */
export type Route =
  | { readonly kind: 'home' }
  | { readonly kind: 'trash' }
  | { readonly kind: 'new' }
  | { readonly kind: 'document'; readonly id: string }
  /** It names a document that cannot exist. */
  | { readonly kind: 'unusable'; readonly reason: string }

/** What a page's path asks for; a path that names nothing leads home. */
export function routeOf(path: string): Route {
  if (path === NEW_PATH || path === PREFIX) return { kind: 'new' }
  if (path === TRASH_PATH) return { kind: 'trash' }
  if (!path.startsWith(PREFIX)) return { kind: 'home' }
  try {
    return { kind: 'document', id: decodeDocumentId(path.slice(PREFIX.length)) }
  } catch (error) {
    return { kind: 'unusable', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Whether the page itself has something to show at a path; others are the server's. */
export function isPlace(path: string): boolean {
  const { kind } = routeOf(path)
  return kind === 'home' ? path === HOME_PATH : kind !== 'unusable'
}

/** The page of a document. */
export function pathOf(documentId: string): string {
  return PREFIX + documentId.split('/').map(encodeURIComponent).join('/')
}

/** An id that nobody guesses, in letters that survive being sent around. */
export function newDocumentId(random: Random): string {
  const letters = '0123456789abcdefghjkmnpqrstvwxyz'
  let id = ''
  let bits = 0
  let count = 0
  for (const byte of random.bytes(ID_BYTES)) {
    bits = (bits << 8) | byte
    for (count += 8; count >= 5; count -= 5) id += letters[(bits >> (count - 5)) & 31]
  }
  return id + letters[(bits << (5 - count)) & 31]
}

import { decodeDocumentId, type Random } from '@coscribe/shared'

const PREFIX = '/d/'
/** 128 bits: knowing an address is having been given it. */
const ID_BYTES = 16

/** What a page's path asks for. */
export type Route =
  | { readonly kind: 'new' }
  | { readonly kind: 'document'; readonly id: string }
  /** It names a document that cannot exist. */
  | { readonly kind: 'unusable'; readonly reason: string }

/** What a page's path asks for; a path that names nothing asks for a new document. */
export function routeOf(path: string): Route {
  if (!path.startsWith(PREFIX) || path === PREFIX) return { kind: 'new' }
  try {
    return { kind: 'document', id: decodeDocumentId(path.slice(PREFIX.length)) }
  } catch (error) {
    return { kind: 'unusable', reason: error instanceof Error ? error.message : String(error) }
  }
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

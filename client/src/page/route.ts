import { checkDocumentId, type Random } from '@coscribe/shared'

const PREFIX = '/d/'
/** 128 bits: knowing an address is having been given it. */
const ID_BYTES = 16

/** The document that a page's path names, or `null` when it names none that can exist. */
export function documentIdOf(path: string): string | null {
  if (!path.startsWith(PREFIX)) return null
  try {
    const documentId = decodeURIComponent(path.slice(PREFIX.length))
    checkDocumentId(documentId)
    return documentId
  } catch {
    // Escapes that do not spell UTF-8, or an id that no server takes.
    return null
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

import { CoscribeError } from './errors.js'

/** Longest document id, in UTF-8 bytes. */
export const MAX_DOCUMENT_ID_BYTES = 255

/**
 * Accepts a document id: 1–255 UTF-8 bytes of well-formed Unicode without NUL, not beginning with a dot. Ids are
 * compared code point by code point; nothing is normalised.
 *
 * @throws CoscribeError `bad-document-id` for anything else
 */
export function checkDocumentId(documentId: string): void {
  const fault = documentIdFault(documentId)
  if (fault !== null) throw new CoscribeError('bad-document-id', fault)
}

/** What {@link checkDocumentId} would complain about, as a sentence; `null` for a document id. */
export function documentIdFault(documentId: string): string | null {
  const fault = faultOf(documentId)
  return fault === null ? null : `a document id ${fault}`
}

/**
 * The document id that was written into an address, percent-encoded.
 *
 * @throws CoscribeError `bad-document-id` when it is not percent-encoded UTF-8, or no document id
 */
export function decodeDocumentId(encoded: string): string {
  let documentId: string
  try {
    documentId = decodeURIComponent(encoded)
  } catch (cause) {
    const message = 'a document id cannot hold a percent sign that stands for no character'
    throw new CoscribeError('bad-document-id', message, { cause })
  }
  checkDocumentId(documentId)
  return documentId
}

function faultOf(documentId: string): string | null {
  if (documentId.length === 0) return 'cannot be empty'
  if (documentId.startsWith('.')) return 'cannot begin with a dot'
  if (documentId.includes('\0')) return 'cannot contain NUL'
  // Two different lone surrogates become the same bytes in UTF-8, and two documents would become one.
  const bytes = utf8Length(documentId)
  if (bytes === null) return 'cannot contain half of a surrogate pair'
  if (bytes > MAX_DOCUMENT_ID_BYTES) {
    return `cannot be longer than ${MAX_DOCUMENT_ID_BYTES} bytes in UTF-8`
  }
  return null
}

/** Bytes of `text` in UTF-8 (counting stops soon after the limit), or `null` if it has a lone surrogate. */
function utf8Length(text: string): number | null {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    if (point >= 0xd800 && point <= 0xdfff) return null
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    if (bytes > MAX_DOCUMENT_ID_BYTES) return bytes
  }
  return bytes
}

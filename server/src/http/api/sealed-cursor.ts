import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { MAX_DOCUMENT_ID_BYTES } from '@coscribe/shared'
import type { InfoPlace } from '@coscribe/storage'

const IV_BYTES = 12
const TAG_BYTES = 16
const ID_AT = 9
const PLACE_BYTES = ID_AT + MAX_DOCUMENT_ID_BYTES
const CIPHER = 'aes-256-gcm'

/**
 * Places in a listing as texts that say nothing: where a page ends may be a document that its reader may not see. They
 * are all of one length, and good for as long as the process runs.
 */
export class SealedCursors {
  readonly #key = randomBytes(32)

  seal({ updatedAt, documentId }: InfoPlace): string {
    const place = Buffer.alloc(PLACE_BYTES)
    place.writeBigUInt64BE(BigInt(updatedAt))
    place[ID_AT - 1] = place.write(documentId, ID_AT)
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv(CIPHER, this.#key, iv)
    const sealed = [iv, cipher.update(place), cipher.final()]
    return Buffer.concat([...sealed, cipher.getAuthTag()]).toString('base64url')
  }

  /** `null` for what this process has not sealed. */
  open(cursor: string): InfoPlace | null {
    const bytes = Buffer.from(cursor, 'base64url')
    if (bytes.length !== IV_BYTES + PLACE_BYTES + TAG_BYTES) return null
    const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, IV_BYTES))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    const place = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
    try {
      decipher.final()
    } catch {
      // The one way to get here: it is not what was sealed.
      return null
    }
    const documentId = place.toString('utf8', ID_AT, ID_AT + (place[ID_AT - 1] ?? 0))
    return { updatedAt: Number(place.readBigUInt64BE()), documentId }
  }
}

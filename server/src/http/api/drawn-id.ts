import { MAX_DOCUMENT_ID_BYTES, randomHex, type Random } from '@coscribe/shared'
import type { Identity } from '../../auth/authenticator.js'
import { accessTo } from '../../auth/grants.js'
import { reaches } from '../../auth/levels.js'

/** 128 bits: knowing an id is having been given it. */
const ID_BYTES = 16
/** A longer prefix below which nothing may be written takes a part of the ids that are drawn. */
const DRAWS = 100

export interface IdDrawing {
  readonly random: Random
  /** Longest document id, in bytes of UTF-8. */
  readonly documentIdBytes: number
}

/**
 * An id that nobody guesses, behind the shortest prefix that its maker may write under; one that they may not write, where
 * there is no such prefix.
 */
export function drawnId(drawing: IdDrawing, { grants }: Identity): string {
  const { random } = drawing
  const draw = (): string => randomHex(random, ID_BYTES)
  for (const prefix of prefixesFor(drawing, grants)) {
    for (let count = 0; count < DRAWS; count++) {
      const id = `${prefix}${draw()}`
      if (reaches(accessTo(id, grants), 'write')) return id
    }
  }
  return draw()
}

/** Those that leave room for an id, the shortest first. */
function prefixesFor({ documentIdBytes }: IdDrawing, { prefixes }: Identity['grants']): string[] {
  const room = Math.min(documentIdBytes, MAX_DOCUMENT_ID_BYTES) - 2 * ID_BYTES
  return [...prefixes]
    .filter(([prefix, access]) => reaches(access, 'write') && Buffer.byteLength(prefix) <= room)
    .map(([prefix]) => prefix)
    .toSorted((one, other) => one.length - other.length)
}

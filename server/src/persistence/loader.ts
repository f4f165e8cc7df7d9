import {
  CoscribeError,
  randomHex,
  storedWalkLimits,
  UpdateScan,
  walkUpdate,
  type Clock,
  type Random,
} from '@coscribe/shared'
import type { DocumentStore, StoredDocument } from '@coscribe/storage'
import { DocumentIndex, type IndexLimits } from '../rooms/document-index.js'
import { KnownAuthors } from '../rooms/known-authors.js'
import { RoomLog } from '../rooms/room-log.js'
import type { OpenDocument } from '../rooms/room-setup.js'

export interface LoaderSetup {
  readonly store: Pick<DocumentStore, 'load'>
  readonly clock: Clock
  readonly random: Random
  /** What later updates are judged by; stored ones are taken whatever they hold. */
  readonly limits: IndexLimits
}

/** Other rooms get their turn after this many bytes were walked. */
const BYTES_A_TURN = 1024 * 1024

/**
 * Loads a document and builds its index from the stored bytes. A document that was never stored is empty and gets a
 * new history id, which its first append stores.
 *
 * @throws CoscribeError `document-unavailable` if anything of it cannot be read: it is never opened empty or shorter
 */
export async function loadDocument(setup: LoaderSetup, documentId: string): Promise<OpenDocument> {
  const stored = await readStored(setup, documentId)
  if (stored === undefined) {
    const historyId = randomHex(setup.random, 16)
    const log = new RoomLog(undefined)
    const index = new DocumentIndex(setup.limits)
    return { historyId, log, index, readOnlyReason: null, authors: null }
  }
  const { historyId, readOnlyReason } = stored
  const log = new RoomLog(stored)
  if (log.headSeq !== stored.lastSeq) throw unavailable(documentId, 'its log has a hole')
  const index = await buildIndex(setup, documentId, log.records())
  const authors = stored.authors.size === 0 ? null : new KnownAuthors(stored.authors)
  return { historyId, log, index, readOnlyReason, authors }
}

async function readStored(
  { store }: LoaderSetup,
  documentId: string,
): Promise<StoredDocument | undefined> {
  try {
    return await store.load(documentId)
  } catch (cause) {
    if (cause instanceof CoscribeError && cause.code === 'document-unavailable') throw cause
    throw unavailable(documentId, 'it cannot be read', cause)
  }
}

/**
 * The index of `records` in this order.
 *
 * @throws CoscribeError `document-unavailable` if one of them is not a well-formed update
 */
async function buildIndex(
  { clock, limits }: LoaderSetup,
  documentId: string,
  records: readonly Uint8Array[],
): Promise<DocumentIndex> {
  const scan = new UpdateScan()
  const index = new DocumentIndex(limits)
  let walked = 0
  for (const record of records) {
    const fault = walkUpdate(record, scan, storedWalkLimits)
    if (fault !== null)
      throw unavailable(documentId, `a stored record is damaged: ${fault.message}`)
    index.add(scan)
    walked += record.length
    if (walked < BYTES_A_TURN) continue
    walked = 0
    await new Promise<void>((resolve) => clock.soon(resolve))
  }
  return index
}

function unavailable(documentId: string, why: string, cause?: unknown): CoscribeError {
  const message = `document "${documentId}" is unavailable: ${why}`
  return new CoscribeError('document-unavailable', message, { cause })
}

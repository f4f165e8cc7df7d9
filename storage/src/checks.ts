import { checkDocumentId, CoscribeError } from '@coscribe/shared'
import type { Append, Author, DocumentInfo, InfoEntry, ListOptions, Snapshot } from './store.js'

const HISTORY_ID = /^[0-9a-f]{32}$/
const DEFAULT_PAGE = 100
const MAX_PAGE = 1_000
/** Longest title and subject, in UTF-16 units. */
const MAX_TEXT = 1_000

/**
 * Checks what can be checked of a batch without looking at what is stored.
 *
 * @throws CoscribeError `bad-document-id`
 * @throws TypeError or RangeError for a malformed append, or two for one document
 */
export function checkBatch(batch: readonly Append[]): void {
  const ids = new Set<string>()
  for (const append of batch) {
    checkAppend(append)
    if (ids.has(append.documentId)) {
      throw new RangeError(`two appends for document "${append.documentId}" in one batch`)
    }
    ids.add(append.documentId)
  }
}

function checkAppend(append: Append): void {
  checkDocumentId(append.documentId)
  if (!HISTORY_ID.test(append.historyId)) {
    throw new TypeError(`a history id is 32 lower-case hex digits, got "${append.historyId}"`)
  }
  checkSeq('firstSeq', append.firstSeq)
  if (append.updates.length === 0) throw new RangeError('an append has at least one update')
  checkSeq('last number', append.firstSeq + append.updates.length - 1)
  append.authors?.forEach(checkAuthor)
}

function checkAuthor({ client, subject }: Author): void {
  if (!Number.isSafeInteger(client) || client < 0) {
    throw new RangeError(`a client id is a whole number, got ${client}`)
  }
  if (subject === '' || subject.length > MAX_TEXT) {
    throw new RangeError(`a subject has 1 to ${MAX_TEXT} units, got ${subject.length}`)
  }
}

function checkSeq(name: string, seq: number): void {
  if (!Number.isSafeInteger(seq) || seq < 1) {
    throw new RangeError(`${name} must be a whole number from 1 on, got ${seq}`)
  }
}

/** What an append has to fit to: the stored document, or `undefined` for a new one. */
export type StoredEnd = { readonly historyId: string; readonly lastSeq: number } | undefined

/**
 * How many of an append's first updates have numbers that are stored already: those of an earlier attempt that was
 * reported as failed.
 *
 * @throws CoscribeError `history-mismatch`
 * @throws RangeError when it would leave a hole
 */
export function overlapOf(append: Append, stored: StoredEnd): number {
  if (stored !== undefined && stored.historyId !== append.historyId) {
    throw new CoscribeError(
      'history-mismatch',
      `document "${append.documentId}" has history ${stored.historyId}, not ${append.historyId}`,
    )
  }
  const nextSeq = (stored?.lastSeq ?? 0) + 1
  if (append.firstSeq > nextSeq) {
    throw new RangeError(
      `document "${append.documentId}" continues at ${nextSeq}, not at ${append.firstSeq}`,
    )
  }
  return Math.min(append.updates.length, nextSeq - append.firstSeq)
}

/** A number was appended a second time with other bytes: the caller lost count. */
export function conflict(documentId: string, seq: number): RangeError {
  return new RangeError(`document "${documentId}" already has another update with number ${seq}`)
}

/**
 * @throws RangeError when a snapshot has no part, or does not end between the present one and the log's end
 */
export function checkSnapshot(
  documentId: string,
  snapshot: Snapshot,
  stored: { readonly lastSeq: number; readonly snapshotSeq: number } | undefined,
): void {
  checkSeq('upToSeq', snapshot.upToSeq)
  if (snapshot.parts.length === 0) throw new RangeError('a snapshot has at least one part')
  if (stored === undefined) throw new RangeError(`there is no document "${documentId}" to compact`)
  if (snapshot.upToSeq > stored.lastSeq || snapshot.upToSeq < stored.snapshotSeq) {
    throw new RangeError(
      `a snapshot of "${documentId}" ends between ${stored.snapshotSeq} and ${stored.lastSeq}, ` +
        `not at ${snapshot.upToSeq}`,
    )
  }
}

/**
 * The options of a listing with defaults filled in.
 *
 * @throws RangeError for a limit outside 1 … 1,000
 */
export function checkListOptions(options: ListOptions = {}): { after: string; limit: number } {
  return { after: options.after ?? '', limit: checkLimit(options.limit) }
}

/**
 * How many a page has at most, with the default filled in.
 *
 * @throws RangeError for a limit outside 1 … 1,000
 */
export function checkLimit(limit = DEFAULT_PAGE): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit
  throw new RangeError(`a page has 1 to ${MAX_PAGE} ids, got ${limit}`)
}

/**
 * @throws CoscribeError `bad-document-id`
 * @throws RangeError for an info that cannot be stored, two for one document, or too many
 */
export function checkInfos(batch: readonly InfoEntry[]): void {
  if (batch.length > MAX_PAGE) throw new RangeError(`a batch has at most ${MAX_PAGE} infos`)
  const ids = new Set<string>()
  for (const { documentId, info } of batch) {
    checkDocumentId(documentId)
    if (ids.has(documentId)) throw new RangeError(`two infos of document "${documentId}"`)
    ids.add(documentId)
    checkInfo(info)
  }
}

function checkInfo({ title, createdBy, trashedBy, ...times }: DocumentInfo): void {
  for (const text of [title, createdBy ?? '', trashedBy ?? '']) {
    if (text.length > MAX_TEXT) {
      throw new RangeError(`a text of an info has at most ${MAX_TEXT} units`)
    }
  }
  for (const time of [times.createdAt ?? 0, times.updatedAt, times.trashedAt ?? 0]) {
    if (!Number.isSafeInteger(time) || time < 0) {
      throw new RangeError(`a time is whole milliseconds, not ${time}`)
    }
  }
}

/** The error of a call on a store that is not open. */
export function notOpen(): CoscribeError {
  return new CoscribeError('closed', 'the store is not open')
}

import { storedWalkLimits, UpdateScan, walkUpdate } from '@coscribe/shared'
import * as Y from 'yjs'
import { DocumentIndex } from '../rooms/document-index.js'
import { coverageOf, derivedDeletes, lossOf } from './coverage.js'
import { cutInPieces, piecesForJoiners } from './pieces.js'

/** What became of records that were to be folded into one state. */
export type FoldResult =
  | {
      readonly kind: 'folded'
      /**
       * Updates to be applied in this order: the integrated state in pieces, of which none waits for a later one, then
       * what waits. They contain what the records contain, checked.
       */
      readonly parts: Uint8Array[]
      /** Deletions in `parts` that no record names, because yjs derived them, as an update; `null` if there are none. */
      readonly derived: Uint8Array | null
    }
  /** The first record with which yjs cannot integrate the records before it. */
  | { readonly kind: 'unintegrable'; readonly record: number; readonly message: string }
  /** Nothing is known of the records; they stay as they are. */
  | { readonly kind: 'failed'; readonly message: string }

/** A state as updates. */
interface State {
  /** What yjs integrated, to be applied in this order. */
  readonly integrated: readonly Uint8Array[]
  /** What waits for something missing. */
  readonly waiting: readonly Uint8Array[]
}

/**
 * Folds updates into the state they make, without the text that was deleted meanwhile. Runs a Y.Doc, whose time and
 * memory nobody can foresee: only for a worker with limits, or for small documents in tests.
 */
export function foldUpdates(records: readonly Uint8Array[], pieceBytes?: number): FoldResult {
  const whole = integrate(records)
  if ('error' in whole) return findCulprit(records, whole.error)
  return checked(records, {
    integrated: whole.integrated.flatMap((update) => piecesForJoiners(update, pieceBytes)),
    waiting: whole.waiting.flatMap((update) => cutInPieces(update, pieceBytes)),
  })
}

/** The state as the result of folding `records`, if it contains exactly what they do and its pieces are in order. */
export function checked(
  records: readonly Uint8Array[],
  { integrated, waiting }: State,
): FoldResult {
  const parts = [...integrated, ...waiting]
  const before = coverageOf(records)
  const after = coverageOf(parts)
  if (before === null) return failed('a record is not a well-formed update')
  if (after === null) return failed('the folded state is not well-formed')
  const loss = lossOf(before, after)
  if (loss !== null) return failed(loss)
  if (!isInOrder(integrated)) return failed('a piece of the folded state waits for a later one')
  return { kind: 'folded', parts, derived: derivedDeletes(before, after) }
}

/** Whether a replica that applies these in order never has anything waiting. */
function isInOrder(pieces: readonly Uint8Array[]): boolean {
  const scan = new UpdateScan()
  const index = new DocumentIndex()
  for (const piece of pieces) {
    if (walkUpdate(piece, scan, storedWalkLimits) !== null) return false
    index.add(scan)
    if (index.hasPending) return false
  }
  return true
}

function failed(message: string): FoldResult {
  return { kind: 'failed', message }
}

/** In one transaction: the work of a transaction grows with the number of clients, whatever it changes. */
function integrate(records: readonly Uint8Array[]): State | { readonly error: unknown } {
  const doc = new Y.Doc({ gc: true })
  try {
    doc.transact(() => {
      for (const record of records) Y.applyUpdate(doc, record)
    })
    return encodeState(doc)
  } catch (error) {
    return { error }
  } finally {
    doc.destroy()
  }
}

/**
 * The integrated state and, apart from it, what waits. yjs's own encoding would merge the two, and what can be
 * integrated would then share its fate with what cannot.
 */
function encodeState(doc: Y.Doc): State {
  const { pendingStructs, pendingDs } = doc.store
  doc.store.pendingStructs = null
  doc.store.pendingDs = null
  const waiting: Uint8Array[] = []
  if (pendingStructs !== null) waiting.push(Y.convertUpdateFormatV2ToV1(pendingStructs.update))
  if (pendingDs !== null) waiting.push(Y.convertUpdateFormatV2ToV1(pendingDs))
  return { integrated: [Y.encodeStateAsUpdate(doc)], waiting }
}

/** Halves the records until one is left with which, and without which not, yjs throws. */
function findCulprit(records: readonly Uint8Array[], error: unknown): FoldResult {
  let fine = 0
  let broken = records.length
  let reason = error
  while (broken - fine > 1) {
    const middle = (fine + broken) >> 1
    const half = integrate(records.slice(0, middle))
    if ('error' in half) {
      broken = middle
      reason = half.error
    } else {
      fine = middle
    }
  }
  const message = reason instanceof Error ? reason.message : String(reason)
  return { kind: 'unintegrable', record: broken - 1, message }
}

import * as Y from 'yjs'
import { coverageOf, lossOf } from './coverage.js'

/** What became of records that were to be folded into one state. */
export type FoldResult =
  /** Updates to be applied in this order; they contain what the records contain, checked. */
  | { readonly kind: 'folded'; readonly parts: Uint8Array[] }
  /** The first record with which yjs cannot integrate the records before it. */
  | { readonly kind: 'unintegrable'; readonly record: number; readonly message: string }
  /** Nothing is known of the records; they stay as they are. */
  | { readonly kind: 'failed'; readonly message: string }

/**
 * Folds updates into the state they make, without the text that was deleted meanwhile. Runs a Y.Doc, whose time and
 * memory nobody can foresee: only for a worker with limits, or for small documents in tests.
 */
export function foldUpdates(records: readonly Uint8Array[]): FoldResult {
  const whole = integrate(records)
  if ('error' in whole) return findCulprit(records, whole.error)
  const before = coverageOf(records)
  const after = coverageOf(whole.parts)
  if (before === null) return { kind: 'failed', message: 'a record is not a well-formed update' }
  if (after === null) return { kind: 'failed', message: 'the folded state is not well-formed' }
  const loss = lossOf(before, after)
  return loss === null ? { kind: 'folded', parts: whole.parts } : { kind: 'failed', message: loss }
}

type Integrated = { readonly parts: Uint8Array[] } | { readonly error: unknown }

/** In one transaction: the work of a transaction grows with the number of clients, whatever it changes. */
function integrate(records: readonly Uint8Array[]): Integrated {
  const doc = new Y.Doc({ gc: true })
  try {
    doc.transact(() => {
      for (const record of records) Y.applyUpdate(doc, record)
    })
    return { parts: encodeParts(doc) }
  } catch (error) {
    return { error }
  } finally {
    doc.destroy()
  }
}

/**
 * The integrated state, then what waits for something missing as parts of their own. yjs's own encoding would merge
 * the three, and what can be integrated would then share its fate with what cannot.
 */
function encodeParts(doc: Y.Doc): Uint8Array[] {
  const { pendingStructs, pendingDs } = doc.store
  doc.store.pendingStructs = null
  doc.store.pendingDs = null
  const parts: Uint8Array[] = [Y.encodeStateAsUpdate(doc)]
  if (pendingStructs !== null) parts.push(Y.convertUpdateFormatV2ToV1(pendingStructs.update))
  if (pendingDs !== null) parts.push(Y.convertUpdateFormatV2ToV1(pendingDs))
  return parts
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

import {
  EditorState,
  StateEffect,
  type Extension,
  type Transaction,
  type TransactionSpec,
} from '@codemirror/state'
import { EditorView, ViewPlugin } from '@codemirror/view'
import type { Room } from '../room.js'
import { DocumentSize } from './document-size.js'

/** Text that was not taken, because its document would have become too large. */
export interface RefusedInsert {
  /** What it would have added, in bytes. */
  readonly bytes: number
  /** How many bytes the document may still grow; 0 when only deleting is possible. */
  readonly freeBytes: number
}

/** Tells an editor's state of text that was not taken. */
export const refusedInsert = StateEffect.define<RefusedInsert>()

/** Room for what Yjs writes around a text. */
const AROUND_BYTES = 64
const UTF8_BYTES_PER_UNIT = 3

/**
 * Refuses what a user writes, pastes or drops, and what a program inserts, if the document could never be stored with
 * it: the text stays as it was, and so does the clipboard. Deleting is always possible. The server has the last word;
 * this is about telling before anything is done. Before a server has said what it takes, nothing is refused.
 *
 * @param onRefused told after the transaction in which {@link refusedInsert} says so
 */
export function fitsDocument(
  room: Pick<Room, 'ydoc' | 'limits' | 'status'>,
  onRefused?: (refused: RefusedInsert, view: EditorView) => void,
): Extension {
  const size = new DocumentSize(room.ydoc)
  const refuse = (transaction: Transaction): TransactionSpec | Transaction => {
    const refused = transaction.docChanged ? judge(transaction, room, size) : null
    return refused === null ? transaction : { effects: refusedInsert.of(refused) }
  }
  return [
    EditorState.transactionFilter.of(refuse),
    ViewPlugin.define(() => ({ destroy: size.follow() })),
    EditorView.updateListener.of(({ transactions, view }) => {
      for (const effect of transactions.flatMap(({ effects }) => effects)) {
        if (effect.is(refusedInsert)) onRefused?.(effect.value, view)
      }
    }),
  ]
}

function judge(
  { changes }: Transaction,
  { limits, status }: Pick<Room, 'limits' | 'status'>,
  size: DocumentSize,
): RefusedInsert | null {
  if (limits === null) return null
  let units = 0
  changes.iterChanges((_fromA, _toA, _fromB, _toB, { length }) => {
    units += length
  })
  if (units === 0) return null
  const isFull = status.error?.code === 'document-full'
  const { documentBytes } = limits
  if (!isFull && size.isBelow(documentBytes - AROUND_BYTES - units * UTF8_BYTES_PER_UNIT))
    return null
  const bytes = AROUND_BYTES + utf8Bytes(changes)
  const freeBytes = isFull ? 0 : Math.max(0, documentBytes - size.measure())
  return bytes <= freeBytes ? null : { bytes, freeBytes }
}

function utf8Bytes(changes: Transaction['changes']): number {
  const encoder = new TextEncoder()
  let bytes = 0
  changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
    for (const chunk of inserted) bytes += encoder.encode(chunk).length
  })
  return bytes
}

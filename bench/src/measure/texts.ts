import * as Y from 'yjs'
import { ROOT, wholeUpdate } from '../load/edits.js'
import { fetchDocument } from '../load/fetch-document.js'
import type { LoadReport } from '../load/load.js'
import type { Address } from '../load/session.js'

/** Longer than any server here takes to read a document from disk. */
const FETCH_MS = 60_000

/**
 * The text that a server gives to somebody who has nothing.
 *
 * @param lingerMs how long to stay: some answer before they have read a document, and send it after
 */
export async function fetchText(address: Address, lingerMs = 0): Promise<string> {
  const updates = await fetchDocument(address, FETCH_MS, lingerMs)
  return textOf(updates)
}

/** The text of a room when everybody has everything. */
export function typedText(report: LoadReport, room: number): string {
  const typed = report.typed[room] ?? []
  const first = report.firstClients[room] ?? 0
  return textOf([
    wholeUpdate(
      typed.map((_, index) => first + index),
      typed,
    ),
  ])
}

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc()
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  return doc.getText(ROOT).toJSON()
}

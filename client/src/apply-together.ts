import * as Y from 'yjs'

/**
 * Puts updates into a document in one transaction. Between two, Yjs joins what stands side by side, and would have to
 * take it apart again for what the next update puts in between.
 *
 * @throws what Yjs throws for damaged bytes, or whoever listens to the document
 */
export function applyTogether(ydoc: Y.Doc, updates: readonly Uint8Array[], origin: object): void {
  ydoc.transact(() => {
    for (const update of updates) Y.applyUpdate(ydoc, update, origin)
  }, origin)
}

import { UpdateScan, walkUpdate } from '@coscribe/shared'
// Internals of a room that no package exports; tests look at them where they are.
import { cutToNew } from '../../server/src/rooms/cut.js'
import { DocumentIndex } from '../../server/src/rooms/document-index.js'

/** What a room does with updates, without the room: walk, judge, cut, store, index. */
export class StoredDocumentModel {
  readonly index: DocumentIndex
  readonly records: Uint8Array[] = []
  readonly scan = new UpdateScan()

  constructor(index = new DocumentIndex()) {
    this.index = index
  }

  /**
   * Returns what was stored of the update: its new part, or `null` if it was known or refused.
   *
   * @throws Error if it is no acceptable update
   */
  receive(update: Uint8Array): Uint8Array | null {
    const fault = walkUpdate(update, this.scan)
    if (fault !== null) throw new Error(`${fault.message} at ${fault.offset}`)
    const judgement = this.index.judge(this.scan)
    if (judgement.kind !== 'new') return null
    const fresh = judgement.wholly ? update : cutToNew(update, this.scan, this.index)
    const cutFault = walkUpdate(fresh, this.scan)
    if (cutFault !== null) throw new Error(`cut: ${cutFault.message} at ${cutFault.offset}`)
    this.index.add(this.scan)
    this.records.push(fresh)
    return fresh
  }
}

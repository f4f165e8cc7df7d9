import { UpdateScan, walkUpdate } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { cutToNew } from '../../server/src/rooms/cut.js'
import { item, section, text, update } from '../support/forge.js'
import { StoredDocumentModel } from '../support/index-model.js'

/** A document with many deletions, and what a room stored of it. */
function edited(): { doc: Y.Doc; model: StoredDocumentModel } {
  const doc = new Y.Doc()
  doc.clientID = 77
  const model = new StoredDocumentModel()
  const content = doc.getText('t')
  content.insert(0, 'x'.repeat(4_000))
  for (let i = 0; i < 1_000; i++) content.delete(i * 3, 1)
  model.receive(Y.encodeStateAsUpdate(doc))
  return { doc, model }
}

describe('cutting an update to its new part', () => {
  it('[U6] one offline character comes out of an answer with 1,000 deletions as a few bytes', () => {
    const { doc, model } = edited()
    const offline = new Y.Doc()
    Y.applyUpdate(offline, Y.encodeStateAsUpdate(doc))
    offline.clientID = 78
    offline.getText('t').insert(5, 'n')
    const answer = Y.encodeStateAsUpdate(offline, model.index.stateVector())
    expect(answer.length).toBeGreaterThan(2_900)
    const stored = model.receive(answer)
    expect(stored?.length).toBeLessThanOrEqual(16)
    Y.applyUpdate(doc, stored!)
    expect(doc.getText('t').toString()).toBe(offline.getText('t').toString())
    expect(model.index.stateVector()).toEqual(Y.encodeStateVector(offline))
  })

  it('[U6] one offline deletion comes out alone', () => {
    const { doc, model } = edited()
    doc.getText('t').delete(2_500, 2)
    const stored = model.receive(Y.encodeStateAsUpdate(doc, model.index.stateVector()))
    expect(Y.decodeUpdate(stored!).ds.clients.get(77)).toHaveLength(1)
    expect(stored?.length).toBeLessThan(12)
    expect(model.receive(Y.encodeStateAsUpdate(doc, model.index.stateVector()))).toBeNull()
  })

  it('[U6] keeps a struct that is known in part, whole, and leaves out what is known around it', () => {
    const { model } = edited()
    const structs = ['ab', 'cd', 'ef'].map((letters, i) => {
      return item(text(letters), i === 0 ? {} : { origin: [5, i * 2 - 1] })
    })
    model.receive(update([section(5, 0, [item(text('abc'), {})])]))
    const stored = model.receive(update([section(5, 0, structs)], [[77, 0, 1]]))
    const { structs: kept, ds } = Y.decodeUpdate(stored!)
    expect(kept.map((struct) => [struct.id.clock, struct.length])).toEqual([[2, 2], [4, 2]]) // prettier-ignore
    expect(ds.clients.size).toBe(0)
  })

  it('[U6] returns the very bytes when all of them are new', () => {
    const model = new StoredDocumentModel()
    const bytes = update([section(5, 0, [item(text('abc'), {})])], [[5, 0, 1]])
    const scan = new UpdateScan()
    expect(walkUpdate(bytes, scan)).toBeNull()
    expect(cutToNew(bytes, scan, model.index)).toBe(bytes)
    expect(model.receive(bytes)).toBe(bytes)
  })

  it('[U6] control: uncut, the same character would be stored with every known deletion', () => {
    const { doc, model } = edited()
    doc.clientID = 79
    doc.getText('t').insert(0, 'n')
    const answer = Y.encodeStateAsUpdate(doc, model.index.stateVector())
    expect(answer.length).toBeGreaterThan(100 * (model.receive(answer)?.length ?? 0))
  })
})

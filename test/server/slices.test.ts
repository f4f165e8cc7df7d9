import { decodeStateVector, UpdateScan, walkUpdate } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { RecordOffsets } from '../../server/src/rooms/record-offsets.js'
import { sliceRecord } from '../../server/src/rooms/slices.js'
import { filler, item, section, text, update } from '../support/forge.js'

/** A snapshot of two authors with many structs and deletions. */
function snapshot(): { doc: Y.Doc; record: Uint8Array } {
  const doc = new Y.Doc()
  for (const [author, edits] of [
    [7, 200],
    [9, 150],
  ] as const) {
    // prettier-ignore
    doc.clientID = author
    for (let i = 0; i < edits; i++)
      doc.getText('t').insert((i * 37) % (doc.getText('t').length + 1), 'word ')
    doc.getText('t').delete(20, 30)
  }
  return { doc, record: Y.encodeStateAsUpdate(doc) }
}

const ways = [
  { way: 'walking the record', offsets: () => undefined },
  { way: 'with kept offsets', offsets: (record: Uint8Array) => new RecordOffsets(record) },
]

describe.each(ways)('slices of a record, $way', ({ offsets }) => {
  it('[U7] everything, for a replica with nothing: the very bytes', () => {
    const { record } = snapshot()
    expect(sliceRecord(record, new Map(), offsets(record))).toBe(record)
  })

  it('[U7] for a replica with all structs the delete set alone, or nothing', () => {
    const { doc, record } = snapshot()
    const all = decodeStateVector(Y.encodeStateVector(doc)) as Map<number, number>
    const slice = sliceRecord(record, all, offsets(record))!
    expect(Y.decodeUpdate(slice).structs).toEqual([])
    expect(Y.decodeUpdate(slice).ds).toEqual(Y.decodeUpdate(record).ds)
    const plain = update([section(1, 0, [item(text('abc'), {})])])
    expect(sliceRecord(plain, new Map([[1, 3]]), offsets(plain))).toBeNull()
    expect(sliceRecord(plain, new Map([[1, 2]]), offsets(plain))).toBe(plain)
  })

  it('[U7] for every state in between, exactly from the struct that covers it', () => {
    const { doc, record } = snapshot()
    const structs = Y.decodeUpdate(record).structs.filter((struct) => struct.id.client === 7)
    const kept = offsets(record)
    const whole = Y.getState(doc.store, 9)
    for (let clock = 0; clock < Y.getState(doc.store, 7); clock += 3) {
      const slice = sliceRecord(record, new Map([[7, clock], [9, whole]]), kept)! // prettier-ignore
      expect(walkUpdate(slice, new UpdateScan())).toBeNull()
      const expected = structs.filter((struct) => struct.id.clock + struct.length > clock)
      const actual = Y.decodeUpdate(slice).structs
      expect(actual.map((struct) => struct.id.clock)).toEqual(
        expected.map((struct) => struct.id.clock),
      )
    }
  })

  it('[U7] begins behind skips', () => {
    const gaps = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? filler(0, 5) : filler(10, 5)))
    const record = update([section(1, 0, gaps)])
    for (let clock = 0; clock < 95; clock++) {
      const slice = sliceRecord(record, new Map([[1, clock]]), offsets(record))!
      const first = Y.decodeUpdate(slice).structs[0]!
      expect(first).toBeInstanceOf(Y.GC)
      expect(first.id.clock).toBe(Math.floor((clock + 5) / 10) * 10)
    }
    expect(sliceRecord(record, new Map([[1, 95]]), offsets(record))).toBeNull()
  })

  it('[U7] control: a slice begun one struct too late leaves the replica waiting', () => {
    const { record } = snapshot()
    const early = new Y.Doc()
    const structs = Y.decodeUpdate(record).structs.filter((struct) => struct.id.client === 9)
    const third = structs[2]!.id.clock
    Y.applyUpdate(early, sliceRecord(record, new Map([[9, third]]), offsets(record))!)
    expect(early.store.pendingStructs).not.toBeNull()
  })
})

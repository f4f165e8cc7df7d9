import { decodeStateVector, structKinds, UpdateScan, walkUpdate } from '@coscribe/shared'
import { expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { coverageOf, lossOf } from '../../server/src/persistence/coverage.js'
import { checked, foldUpdates } from '../../server/src/persistence/fold.js'
import { cutInPieces, PIECE_BYTES } from '../../server/src/persistence/pieces.js'
import { count } from '../support/count.js'
import { contentOf, rootedDoc } from '../support/editing-crowd.js'
import { expectEqual } from '../support/equal.js'
import * as forge from '../support/forge.js'
import { seededRandom, type SeededRandom } from '../support/random.js'
import { delivered, editingTraffic, mutated, type Traffic } from '../support/traffic.js'

const DOCUMENTS = count('COSCRIBE_PIECES', 200)
const SEED = count('COSCRIBE_SEED', 20_261_123)

/** Runs `round` with one seed after the other and names the one that fails. */
function rounds(times: number, round: (random: SeededRandom) => void): void {
  // yjs tells on the console when an update continues the client id of the copy it is applied to.
  const silenced = [vi.spyOn(console, 'info'), vi.spyOn(console, 'log')]
  for (const spy of silenced) spy.mockImplementation(() => undefined)
  try {
    for (let seed = SEED; seed < SEED + times; seed++) {
      try {
        round(seededRandom(seed))
      } catch (error) {
        throw new Error(`COSCRIBE_SEED=${seed}`, { cause: error })
      }
    }
  } finally {
    for (const spy of silenced) spy.mockRestore()
  }
}

function hasPending(doc: Y.Doc): boolean {
  return doc.store.pendingStructs !== null || doc.store.pendingDs !== null
}

/** Applies pieces in order; how many of them were applied when something waited for the first time, else `null`. */
function firstToWait(doc: Y.Doc, pieces: readonly Uint8Array[]): number | null {
  let first: number | null = null
  for (const [index, piece] of pieces.entries()) {
    Y.applyUpdate(doc, piece)
    if (hasPending(doc)) first ??= index
  }
  return first
}

/** The whole state as yjs encodes it, without what waits. */
function integratedState(doc: Y.Doc): Uint8Array {
  doc.store.pendingStructs = null
  doc.store.pendingDs = null
  return Y.encodeStateAsUpdate(doc)
}

/** The matcher itself looks at each byte, and prints them all. */
function expectEqualBytes(one: Uint8Array, other: Uint8Array): void {
  expect(Buffer.compare(one, other)).toBe(0)
}

function docOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = rootedDoc(true)
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  return doc
}

it(`[R40] pieces applied in order never wait, whatever the document holds (${DOCUMENTS} documents)`, () => {
  let pieces = 0
  rounds(DOCUMENTS, (random) => {
    const traffic = editingTraffic(random)
    const whole = docOf([...delivered(random, traffic)])
    const state = integratedState(whole)
    const cut = cutInPieces(state, 16 + random.below(600))
    const joiner = rootedDoc(true)
    // In one transaction, as nobody looks in between.
    joiner.transact(() => expect(firstToWait(joiner, cut)).toBeNull())
    const uncut = docOf([state])
    expectEqual(contentOf(joiner), contentOf(uncut))
    expectEqualBytes(integratedState(joiner), integratedState(uncut))
    expect(lossOf(coverageOf([state])!, coverageOf(cut)!)).toBeNull()
    expect(lossOf(coverageOf(cut)!, coverageOf([state])!)).toBeNull()
    pieces += cut.length
  })
  expect(pieces).toBeGreaterThan(5 * DOCUMENTS)
}, 60_000)

it(`[R42] a joiner that looks at each piece ends with the document and deletes nothing (${DOCUMENTS} documents)`, () => {
  let pieces = 0
  let waiting = 0
  rounds(DOCUMENTS, (random) => {
    const records = random.chance(0.5)
      ? [...delivered(random, editingTraffic(random))]
      : [...delivered(random, plainTraffic(random))]
    // Some of it never arrived.
    const kept = random.chance(0.3) ? records.filter(() => random.chance(0.9)) : records
    const folded = foldUpdates(kept, 16 + random.below(300))
    const once = foldUpdates(kept, Infinity)
    if (folded.kind !== 'folded' || once.kind !== 'folded') throw new Error(JSON.stringify(folded))
    const whole = rootedDoc(true)
    expect(firstToWait(whole, once.parts) === null).toBe(!hasPending(whole))
    const joiner = rootedDoc(true)
    const first = firstToWait(joiner, folded.parts)
    expect(first !== null).toBe(hasPending(whole))
    // Once something waits, only what waits comes behind it.
    if (first !== null) {
      waiting++
      const state = docOf(folded.parts.slice(0, first))
      expect(Y.encodeStateVector(state)).toEqual(Y.encodeStateVector(whole))
    }
    expectEqual(contentOf(joiner), contentOf(whole))
    expectEqualBytes(integratedState(joiner), integratedState(whole))
    expect(lossOf(coverageOf(kept)!, coverageOf(folded.parts)!)).toBeNull()
    pieces += folded.parts.length
  })
  expect(pieces).toBeGreaterThan(3 * DOCUMENTS)
  expect(waiting).toBeGreaterThan(DOCUMENTS / 50)
}, 60_000)

/** People who type, delete and set values, offline for a while and then not; no formatting, nothing nested. */
function plainTraffic(random: SeededRandom): Traffic {
  const updates: Uint8Array[] = []
  const docs = Array.from({ length: 2 + random.below(5) }, () => new Y.Doc({ guid: 'plain' }))
  for (const doc of docs) doc.on('update', (update: Uint8Array) => updates.push(update))
  for (let step = 0; step < 100; step++) {
    const doc = random.pick(docs)
    const text = doc.getText('text')
    const kind = random.below(10)
    if (kind < 3) Y.applyUpdate(doc, Y.encodeStateAsUpdate(random.pick(docs)))
    else if (kind < 4) doc.getMap('map').set(random.pick(['a', 'b']), step)
    else if (kind < 5) doc.getArray('array').push([step, { step }])
    else if (kind < 7 && text.length > 4) text.delete(random.below(text.length - 2), 2)
    else text.insert(random.below(text.length + 1), 'word '.repeat(1 + random.below(4)))
  }
  return { gc: true, splitsPairs: false, updates }
}

/** A word made bold, a word typed into it, and the first word deleted. */
function boldWord(): Y.Doc {
  const doc = new Y.Doc()
  doc.clientID = 1
  const text = doc.getText('text')
  text.insert(0, 'an x text')
  text.format(3, 1, { bold: true })
  text.insert(4, 'OLD')
  text.insert(4, 'NEW')
  text.delete(3, 1)
  text.delete(6, 3)
  return doc
}

it('[R42] control: formatting that comes before what is in it is deleted by who sees it', () => {
  const doc = boldWord()
  const state = Y.encodeStateAsUpdate(doc)
  const delta = doc.getText('text').toDelta()
  expect(delta).toContainEqual({ insert: 'NEW', attributes: { bold: true } })
  const losses = Array.from({ length: state.length }, (_, size) => {
    const joiner = new Y.Doc()
    joiner.getText('text')
    firstToWait(joiner, cutInPieces(state, size + 1))
    return JSON.stringify(joiner.getText('text').toDelta()) !== JSON.stringify(delta)
  })
  expect(losses).toContain(true)
  const folded = foldUpdates([state], 16)
  expect(folded).toMatchObject({ kind: 'folded', parts: [expect.anything()] })
})

it('[R42] what has shared types inside others arrives at once', () => {
  const doc = new Y.Doc()
  const row = new Y.XmlElement('row')
  doc.getXmlFragment('xml').push([row])
  row.push([new Y.XmlElement('cell'), new Y.XmlElement('cell')])
  doc.getText('text').insert(0, 'x'.repeat(100))
  expect(foldUpdates([Y.encodeStateAsUpdate(doc)], 16)).toMatchObject({
    kind: 'folded',
    parts: [Y.encodeStateAsUpdate(doc)],
  })
})

it(`[R40] what a forger wrote is cut as safely (${DOCUMENTS} documents)`, () => {
  const scan = new UpdateScan()
  let forged = 0
  rounds(DOCUMENTS, (random) => {
    const records = editingTraffic(random).updates.flatMap((update) => {
      const other = mutated(random, update)
      return walkUpdate(other, scan) === null && random.chance(0.1) ? [update, other] : [update]
    })
    const whole = foldUpdates(records)
    if (whole.kind !== 'folded') return
    const [state, ...waiting] = whole.parts
    const cut = cutInPieces(state!, 16 + random.below(300))
    // Neither more nor less, and none before what it depends on.
    expect(checked(records, { integrated: cut, waiting }).kind).toBe('folded')
    forged++
  })
  expect(forged).toBeGreaterThan(DOCUMENTS / 4)
}, 60_000)

/** Two people who take turns, so that each word of one depends on one of the other. */
function dialogue(words: number): Y.Doc {
  const docs = [new Y.Doc(), new Y.Doc()]
  docs.forEach((doc, i) => (doc.clientID = 10 - i))
  for (let i = 0; i < words; i++) {
    const [writer, reader] = i % 2 === 0 ? [docs[0]!, docs[1]!] : [docs[1]!, docs[0]!]
    const text = writer.getText('text')
    writer.once('update', (update: Uint8Array) => Y.applyUpdate(reader, update))
    text.insert(Math.max(0, text.length - 3), `word ${i} `)
  }
  return docs[0]!
}

it('[R40] control: cut by client, the first piece waits for the second', () => {
  const update = Y.encodeStateAsUpdate(dialogue(100))
  const vector = decodeStateVector(Y.encodeStateVectorFromUpdate(update)) as Map<number, number>
  const byClient = [...vector.keys()].map((client) => {
    const others = new Map(vector)
    others.delete(client)
    return Y.diffUpdate(update, Y.encodeStateVector(others))
  })
  expect(firstToWait(new Y.Doc(), byClient)).toBe(0)
  expect(firstToWait(new Y.Doc(), cutInPieces(update, 200))).toBeNull()
  // The fold would notice.
  expect(checked([update], { integrated: byClient, waiting: [] }).kind).toBe('failed')
})

it('[R40] pieces have at most the size asked for, little more together, and one section a client', () => {
  const update = Y.encodeStateAsUpdate(dialogue(4_000))
  const pieces = cutInPieces(update, 16 * 1024)
  const scan = new UpdateScan()
  let bytes = 0
  for (const piece of pieces) {
    expect(piece.length).toBeLessThanOrEqual(16 * 1024)
    expect(walkUpdate(piece, scan)).toBeNull()
    expect(scan.sectionCount).toBeLessThanOrEqual(2)
    bytes += piece.length
  }
  expect(pieces.length).toBeLessThan(update.length / 15_000 + 2)
  expect(bytes).toBeLessThan(update.length + pieces.length * 60)
})

/** The structs of all pieces, as kinds and lengths. */
function structsOf(pieces: readonly Uint8Array[]): { kind: number; length: number }[] {
  const scan = new UpdateScan()
  return pieces.flatMap((piece) => {
    expect(walkUpdate(piece, scan)).toBeNull()
    return Array.from({ length: scan.rowCount }, (_, row) => ({
      kind: scan.kinds[row]!,
      length: scan.lengths[row]!,
    }))
  })
}

it('[R41] one struct above the size is split between characters or values, and joins again', () => {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, '😀x'.repeat(PIECE_BYTES / 2))
  doc.getArray('list').push(Array.from({ length: 200_000 }, (_, i) => `value ${i}`))
  doc.getText('text').insert(5, 'amid')
  const update = Y.encodeStateAsUpdate(doc)
  const pieces = cutInPieces(update)
  expect(pieces.length).toBeGreaterThan(4)
  for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(PIECE_BYTES + 100)
  const joiner = new Y.Doc()
  expect(firstToWait(joiner, pieces)).toBeNull()
  expect(joiner.getText('text').toString() === doc.getText('text').toString()).toBe(true)
  expectEqualBytes(Y.encodeStateAsUpdate(joiner), update)
  expect(structsOf(pieces).every(({ length }) => length < 3 * PIECE_BYTES)).toBe(true)
})

it('[R41] what has no parts travels whole: a value under a key, bytes, one long string of a list', () => {
  const doc = new Y.Doc()
  const long = 'x'.repeat(3_000)
  doc.getMap('map').set('key', long)
  doc.getMap('map').set('bytes', new Uint8Array(3_000))
  doc.getArray('list').push([1, long, 2])
  const pieces = cutInPieces(Y.encodeStateAsUpdate(doc), 1_000)
  const large = pieces.filter((piece) => piece.length > 1_000)
  expect(large).toHaveLength(3)
  const joiner = new Y.Doc()
  expect(firstToWait(joiner, pieces)).toBeNull()
  expect(Y.encodeStateAsUpdate(joiner).length).toBe(Y.encodeStateAsUpdate(doc).length)
})

it('[R41] a text under a key is not split: its second half would count as newer and delete the first', () => {
  // Several values at once under one key, which yjs itself never writes.
  const value = forge.item(forge.text('y'.repeat(5_000)), { root: 'map', key: 'key' })
  const forged = forge.update([forge.section(7, 0, [value])])
  expect(structsOf([forged])).toEqual([{ kind: structKinds.string, length: 5_000 }])
  expect(cutInPieces(forged, 1_000)).toEqual([forged])
})

it('[R40] ten thousand clients, deletions everywhere: pieces stay small, and none waits', () => {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  doc.transact(() => {
    for (let i = 0; i < 10_000; i++) {
      doc.clientID = 1_000 + i
      text.insert(i % 50, 'some words ')
      if (i % 2 === 1) text.delete(i % 40, 2)
    }
  })
  const folded = foldUpdates([Y.encodeStateAsUpdate(doc)], 32 * 1024)
  if (folded.kind !== 'folded') throw new Error(folded.message)
  expect(folded.parts.length).toBeGreaterThan(5)
  for (const part of folded.parts) expect(part.length).toBeLessThan(33 * 1024)
  const joiner = new Y.Doc()
  expect(firstToWait(joiner, folded.parts)).toBeNull()
  expectEqualBytes(integratedState(joiner), integratedState(doc))
  const bytes = folded.parts.reduce((sum, part) => sum + part.length, 0)
  // A client whose structs fall into two pieces has its number in both.
  expect(bytes).toBeLessThan(integratedState(doc).length * 1.2)
})

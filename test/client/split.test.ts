import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { splitUpdate } from '../../client/src/split.js'
import { count } from '../support/count.js'
import { seededRandom, type SeededRandom } from '../support/random.js'

const SEEDS = count('COSCRIBE_SPLIT_SEEDS', 60)
const LIMIT = 1_024

/** A document that several people edited turn by turn, in text, maps and nested types. */
function crowdedDocument(random: SeededRandom): Y.Doc {
  const people = [new Y.Doc(), new Y.Doc(), new Y.Doc()]
  for (let turn = 0; turn < 60; turn++) {
    const doc = random.pick(people)
    editSomehow(doc, random, turn)
    if (random.chance(0.6)) meet(doc, random.pick(people))
  }
  const merged = new Y.Doc()
  for (const doc of people) meet(doc, merged)
  return merged
}

function meet(from: Y.Doc, to: Y.Doc): void {
  Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)))
}

function editSomehow(doc: Y.Doc, random: SeededRandom, turn: number): void {
  const text = doc.getText('content')
  const at = random.below(text.length + 1)
  switch (random.below(5)) {
    case 0:
      return text.insert(at, '🦊ä'.repeat(random.below(600)))
    case 1:
      return text.delete(at, Math.min(random.below(30), text.length - at))
    case 2:
      return void doc.getMap('map').set(`key${random.below(4)}`, new Y.Array())
    case 3:
      return doc.getArray('list').push([turn, { nested: 'value' }, new Y.Text(`turn ${turn}`)])
    default:
      return text.insert(at, `word ${turn} `)
  }
}

function assertSame(a: Y.Doc, b: Y.Doc): void {
  expect(Y.encodeStateVector(b)).toEqual(Y.encodeStateVector(a))
  expect(b.getText('content').toString()).toBe(a.getText('content').toString())
  expect(b.getMap('map').toJSON()).toEqual(a.getMap('map').toJSON())
  expect(b.getArray('list').toJSON()).toEqual(a.getArray('list').toJSON())
  expect(Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))).toBe(true)
}

function parts(update: Uint8Array, limit = LIMIT): Uint8Array[] {
  const found = splitUpdate(update, limit)
  if (found === null) throw new Error('cannot be split')
  return found
}

describe('splitting an update', () => {
  it('[K7] each part fits, and none waits for a later one', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const doc = crowdedDocument(seededRandom(seed))
      const receiver = new Y.Doc()
      const found = parts(Y.encodeStateAsUpdate(doc))
      for (const part of found) {
        expect(part.length, `seed ${seed}`).toBeLessThanOrEqual(LIMIT)
        Y.applyUpdate(receiver, part)
        expect(receiver.store.pendingStructs, `seed ${seed}`).toBeNull()
        expect(receiver.store.pendingDs, `seed ${seed}`).toBeNull()
      }
      assertSame(doc, receiver)
    }
  })

  it('[K7] a diff goes on where the receiver is, and arrives in any order', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seededRandom(seed)
      const doc = crowdedDocument(random)
      const receiver = new Y.Doc()
      meet(doc, receiver)
      for (let turn = 0; turn < 30; turn++) editSomehow(doc, random, 100 + turn)
      const diff = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(receiver))
      for (const part of random.shuffle(parts(diff))) Y.applyUpdate(receiver, part)
      assertSame(doc, receiver)
    }
  })

  it('[K7] long text is cut between characters', () => {
    const doc = new Y.Doc()
    doc.getText('content').insert(0, `x${'🦊'.repeat(5_000)}`)
    const receiver = new Y.Doc()
    for (const part of parts(Y.encodeStateAsUpdate(doc))) {
      Y.applyUpdate(receiver, part)
      expect(receiver.getText('content').toString()).not.toMatch(/\p{Surrogate}/u)
    }
    assertSame(doc, receiver)
  })

  it('[K7] only deletions, and many of them', () => {
    const doc = new Y.Doc()
    const text = doc.getText('content')
    text.insert(0, 'ab'.repeat(2_000))
    const receiver = new Y.Doc()
    meet(doc, receiver)
    for (let at = 0; at < 2_000; at++) text.delete(at, 1)
    const diff = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(receiver))
    const found = parts(diff)
    expect(found.length).toBeGreaterThan(1)
    for (const part of found) {
      expect(part.length).toBeLessThanOrEqual(LIMIT)
      Y.applyUpdate(receiver, part)
    }
    assertSame(doc, receiver)
  })

  it('[K7] what fits is left alone, and what can never fit is said to be so', () => {
    const doc = new Y.Doc()
    doc.getText('content').insert(0, 'short')
    const update = Y.encodeStateAsUpdate(doc)
    expect(splitUpdate(update, LIMIT)).toEqual([update])
    doc.getMap('map').set('picture', new Uint8Array(LIMIT))
    expect(splitUpdate(Y.encodeStateAsUpdate(doc), LIMIT)).toBeNull()
  })

  it('[K7] the work is proportional to the update, however two people interleave', () => {
    const [a, b] = [new Y.Doc(), new Y.Doc()]
    for (let turn = 0; turn < 3_000; turn++) {
      const [writer, reader] = turn % 2 === 0 ? [a, b] : [b, a]
      writer.getText('content').insert(turn, 'x')
      meet(writer, reader)
    }
    const receiver = new Y.Doc()
    for (const part of parts(Y.encodeStateAsUpdate(a))) {
      Y.applyUpdate(receiver, part)
      expect(receiver.store.pendingStructs).toBeNull()
    }
    assertSame(a, receiver)
  })
})

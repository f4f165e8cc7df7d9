import {
  indicesOf,
  placesAt,
  rangeFromText,
  rangeToText,
} from '../../../client/src/codemirror/place.js'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { pairOfTexts } from '../../support/binding-world.js'
import { seededRandom } from '../../support/random.js'

describe('places in a text', () => {
  it('[E106] many are found in one walk, where Yjs finds each', () => {
    const random = seededRandom(3)
    const { here, there } = pairOfTexts('one two three')
    for (let round = 0; round < 60; round++) {
      const ytext = random.pick([here, there])
      const at = random.below(ytext.length + 1)
      if (random.chance(0.4)) ytext.delete(at, Math.min(4, ytext.length - at))
      else if (random.chance(0.1)) ytext.insertEmbed(at, { an: 'embed' })
      else ytext.insert(at, random.pick(['a', 'bc', 'word\n']))
      const indices = Array.from({ length: 8 }, () => random.below(here.length + 1))
      const places = placesAt(here, indices)
      expect(places).toEqual(indices.map((index) => yjsPlace(here, index)))
      expect(indicesOf(there, places)).toEqual(indices)
      // Of what is gone, what is behind it counts.
      there.delete(0, Math.min(2, there.length))
      expect(indicesOf(there, places)).toEqual(places.map((place) => yjsIndex(there, place)))
    }
  })

  it('[E106] that are nowhere in the text are none', () => {
    const ydoc = new Y.Doc()
    ydoc.clientID = 1
    ydoc.getText('content').insert(0, 'ab')
    ydoc.getText('other').insert(0, 'cd')
    const places = [
      { client: 1, clock: 1 },
      { client: 1, clock: 2 },
      { client: 1, clock: 4 },
      { client: 2, clock: 0 },
      'end' as const,
    ]
    expect(indicesOf(ydoc.getText('content'), places)).toEqual([1, null, null, null, 2])
  })

  it.each([
    '',
    '1',
    '1.2-',
    '1.2-3.4-5.6',
    '-',
    'end-',
    '1.2.3',
    `${'9'.repeat(90)}.1`,
    5,
    null,
    {},
  ])('[E16] %j is no range', (text) => expect(rangeFromText(text)).toBeNull())

  it('[E106] a caret takes one place, and a selection two', () => {
    const [one, two] = [{ client: 1, clock: 2 }, 'end'] as const
    expect(rangeToText({ anchor: one, head: one })).toBe('1.2')
    expect(rangeToText({ anchor: two, head: one })).toBe('end-1.2')
    for (const range of [
      { anchor: one, head: one },
      { anchor: two, head: one },
    ]) {
      expect(rangeFromText(rangeToText(range))).toEqual(range)
    }
  })
})

function yjsPlace(ytext: Y.Text, index: number): unknown {
  const { item } = Y.createRelativePositionFromTypeIndex(ytext, index)
  return item === null ? 'end' : { client: item.client, clock: item.clock }
}

function yjsIndex(ytext: Y.Text, place: { client: number; clock: number } | 'end'): number | null {
  if (place === 'end') return ytext.length
  const relative = new Y.RelativePosition(null, null, Y.createID(place.client, place.clock))
  const found = Y.createAbsolutePositionFromRelativePosition(relative, ytext.doc!, false)
  return found?.type === ytext ? found.index : null
}

import { decodeStateVector, encodeStateVector } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { bytesOf } from '../support/forge.js'
import { seededRandom } from '../support/random.js'

describe('state vectors', () => {
  it('[U10] are read and written as yjs does', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 200; round++) {
      const clocks = new Map<number, number>()
      for (let i = random.below(20); i > 0; i--) {
        clocks.set(random.below(2 ** 32), random.below(2 ** 31))
      }
      const bytes = encodeStateVector(clocks)
      expect(bytes).toEqual(Y.encodeStateVector(clocks))
      expect(decodeStateVector(bytes)).toEqual(clocks)
    }
    expect(decodeStateVector(Uint8Array.of(0))).toEqual(new Map())
  })

  const bad: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['a count beyond the bytes', bytesOf(2 ** 40)],
    ['a cut off entry', bytesOf(1, 5)],
    ['bytes behind the end', bytesOf(1, 5, 6, 7)],
    ['a client twice', bytesOf(2, 5, 6, 5, 7)],
    ['a client id of 2^32', bytesOf(1, 2 ** 32, 1)],
    ['a clock of 2^31', bytesOf(1, 1, 2 ** 31)],
    ['a padded number', Uint8Array.of(0x80, 0)],
    ['an endless number', new Uint8Array(100).fill(0xff)],
  ]
  it.each(bad)('[U10] are refused with a reason: %s', (_, bytes) => {
    expect(decodeStateVector(bytes)).toMatchObject({ message: expect.any(String) })
  })
})

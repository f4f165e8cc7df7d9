import { RangeSet } from '@coscribe/shared'
import { describe, expect, it, vi } from 'vitest'
import { count } from '../support/count.js'
import { seededRandom } from '../support/random.js'

const SEED = count('COSCRIBE_SEED', 7)

function setOf(...ranges: readonly (readonly [number, number])[]): RangeSet {
  const set = new RangeSet()
  for (const [start, end] of ranges) set.add(start, end)
  return set
}

describe('RangeSet', () => {
  it('[U4] keeps ranges sorted, and joins those that overlap or touch', () => {
    expect([...setOf([5, 7], [1, 2], [9, 10])]).toEqual([[1, 2], [5, 7], [9, 10]]) // prettier-ignore
    expect([...setOf([1, 2], [2, 3])]).toEqual([[1, 3]])
    expect([...setOf([2, 3], [1, 2])]).toEqual([[1, 3]])
    expect([...setOf([1, 2], [3, 4], [5, 6], [0, 9])]).toEqual([[0, 9]])
    expect([...setOf([1, 2], [5, 6], [1, 5])]).toEqual([[1, 6]])
  })

  it('[U5] tells what is new', () => {
    const set = new RangeSet()
    expect(set.covers(0, 1)).toBe(false)
    expect(set.add(0, 4)).toBe(true)
    expect(set.add(1, 3)).toBe(false)
    expect(set.add(3, 5)).toBe(true)
    expect(set.covers(0, 5)).toBe(true)
    expect(set.covers(0, 6)).toBe(false)
    expect(set.end).toBe(5)
  })

  it('[U4] equals a plain set of clocks, whatever is added', () => {
    for (let round = 0; round < 60; round++) {
      const random = seededRandom(SEED * 1_000 + round)
      const set = new RangeSet()
      const plain = new Set<number>()
      const span = 20 + random.below(3_000)
      for (let i = 0; i < 400; i++) {
        const start = random.below(span)
        const end = start + 1 + random.below(random.chance(0.05) ? span : 3)
        const before = plain.size
        for (let clock = start; clock < end; clock++) plain.add(clock)
        expect(set.add(start, end), `seed ${SEED}, round ${round}`).toBe(plain.size > before)
      }
      expectSame(set, plain, span * 2)
    }
  })

  it('[U9] holds 100,000 ranges in chunks: adding among them moves a bounded number', () => {
    const set = new RangeSet()
    const starts = Array.from({ length: 100_000 }, (_, i) => i * 10)
    for (const start of seededRandom(SEED).shuffle(starts)) set.add(start, start + 2)
    expect(set.size).toBe(100_000)
    const moved = countMoves(() => {
      for (let i = 0; i < 1_000; i++) set.add(i * 997 * 10 + 5, i * 997 * 10 + 6)
    })
    expect(moved).toBeLessThanOrEqual(1_000 * 1_024)
    expect(set.sizeBeyond(500_000)).toBeGreaterThan(49_000)
    set.add(0, 20_000_000)
    expect([...set]).toEqual([[0, 20_000_000]])
  })
})

function expectSame(set: RangeSet, plain: ReadonlySet<number>, span: number): void {
  const ranges = [...set]
  const clocks = ranges.flatMap(([start, end]) => {
    return Array.from({ length: end - start }, (_, i) => start + i)
  })
  expect(clocks).toEqual([...plain].sort((a, b) => a - b))
  expect(set.size).toBe(ranges.length)
  for (let clock = 0; clock < span; clock += 7) {
    expect(set.covers(clock, clock + 1)).toBe(plain.has(clock))
    expect(set.sizeBeyond(clock)).toBe(ranges.filter(([, end]) => end > clock).length)
  }
}

/** Numbers that `work` moves within arrays, at most: the lengths of the arrays it splices. */
function countMoves(work: () => void): number {
  const splice = vi.spyOn(Array.prototype, 'splice')
  try {
    work()
    const arrays = splice.mock.contexts as unknown[][]
    return arrays.reduce((moved, array) => moved + array.length, 0)
  } finally {
    splice.mockRestore()
  }
}

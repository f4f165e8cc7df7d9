import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'

/**
 * What `expect(actual).toEqual(expected)` asserts, for loops: an assertion costs a hundred times as much as a
 * comparison, so it is only made where that finds a difference.
 */
export function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected)
}

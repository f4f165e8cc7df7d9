/**
 * Throws when a condition that the program itself guarantees does not hold.
 * Never for input: bad input has its own errors.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}

/** Closes a switch over a union: compiles only while every member has its case. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}

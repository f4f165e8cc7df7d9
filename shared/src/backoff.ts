import type { Random } from './random.js'

/** Bounds of a reconnect delay, in milliseconds. */
export interface BackoffOptions {
  /** Ceiling of the first delay. */
  readonly firstMs: number
  /** Ceiling of every delay. */
  readonly maxMs: number
}

/** 1 s doubling to 30 s. */
export const reconnectBackoff: BackoffOptions = Object.freeze({ firstMs: 1_000, maxMs: 30_000 })

/**
 * The delay before reconnect attempt number `attempt` (0 is the first): a uniform draw between 0 and a ceiling
 * that doubles with each attempt ("full jitter", as in the AWS architecture blog's comparison of backoffs), so that
 * clients that lost one server do not come back in step.
 */
export function backoffDelayMs(
  attempt: number,
  random: Random,
  options: BackoffOptions = reconnectBackoff,
): number {
  const ceiling = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt, 30))
  return random.fraction() * ceiling
}

import type { Clock } from '@coscribe/shared'

/**
 * Told of each piece of a long piece of work, it says when to wait: until a later turn of the event loop, so that
 * whoever else has something to do comes between.
 */
export type Pace = (bytes: number) => Promise<void> | undefined

const BYTES_A_TURN = 1024 * 1024
/** Small pieces count as so many bytes: that is about what they cost. */
const LEAST_BYTES = 4 * 1024

/** A new pace for one piece of work. */
export function paceOf(clock: Pick<Clock, 'soon'>): Pace {
  let left = BYTES_A_TURN
  return (bytes) => {
    left -= Math.max(bytes, LEAST_BYTES)
    if (left > 0) return undefined
    left = BYTES_A_TURN
    return new Promise<void>((resolve) => clock.soon(resolve))
  }
}

import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 5
/** What a look that came late counts for at most: a machine that stands still is nobody's delay. */
const STALL_MS = 20

/**
 * Resolves as soon as `condition` holds; for what has no event to wait for.
 *
 * @throws Error naming `what` when it does not hold after `deadlineMs`
 */
export async function eventually(
  what: string,
  condition: () => boolean,
  deadlineMs = 60_000,
): Promise<void> {
  let waitedMs = 0
  let last = performance.now()
  while (!condition()) {
    if (waitedMs > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await pause(LOOK_EVERY_MS)
    const now = performance.now()
    waitedMs += Math.min(now - last, STALL_MS)
    last = now
  }
}

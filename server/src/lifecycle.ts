import { CoscribeError, type Clock } from '@coscribe/shared'

/** The steps of a stop, in their order. */
export interface StopSteps {
  /** Take no new connection and read no further message. */
  refuse(): void
  /** Put everything received on disk; rejects when that does not succeed in time. */
  commit(deadlineMs: number): Promise<void>
  /** Tell everybody when to come back, and close their sockets. */
  farewell(): void
  /** Resolves when the last socket is closed. */
  gone(): Promise<void>
  /** Drop the sockets that are left. */
  cut(): void
  /** Release the store and everything else. */
  release(): Promise<void>
}

/** Parts of the time a stop may take. */
const COMMIT_SHARE = 0.6
const FAREWELL_SHARE = 0.2

/**
 * Stops a server: commit first, so that the last acks still reach their authors, then goodbye. Every step has its
 * share of `timeoutMs`, so that neither a sick disk nor a silent client keeps the process.
 *
 * @throws CoscribeError `storage-unavailable` when not everything could be committed, or released; the rest is done
 *   nevertheless
 */
export async function stopInOrder(
  steps: StopSteps,
  clock: Clock,
  timeoutMs: number,
): Promise<void> {
  steps.refuse()
  const commitMs = timeoutMs * COMMIT_SHARE
  // Its own deadline comes first; the other is for a store that hangs.
  const committed = await succeeds(clock, commitMs, steps.commit(commitMs * 0.8))
  steps.farewell()
  await succeeds(clock, timeoutMs * FAREWELL_SHARE, steps.gone())
  steps.cut()
  const share = timeoutMs * (1 - COMMIT_SHARE - FAREWELL_SHARE)
  const released = await succeeds(clock, share, steps.release())
  if (committed && released) return
  throw new CoscribeError(
    'storage-unavailable',
    committed
      ? 'stopped, and every edit is on disk, but the data folder could not be closed in time'
      : 'stopped, but the last edits could not be written; clients that have them show them as not saved',
  )
}

/** Whether `promise` resolves within this time; a rejection or a timeout is a no. */
export function succeeds(clock: Clock, withinMs: number, promise: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(withinMs, () => resolve(false))
    promise.then(
      () => {
        cancel()
        resolve(true)
      },
      () => {
        cancel()
        resolve(false)
      },
    )
  })
}

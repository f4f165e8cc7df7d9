import type { Clock } from '@coscribe/shared'

/** A timer that comes so much later than it was asked for says that nothing ran here meanwhile. */
const LATE_MS = 1_000

/**
 * What `work` resolves to, if it does in time; late results are dropped. A machine that slept, and a tab that was
 * stopped, finds its timers due before it hears what was answered meanwhile: it waits as long once more.
 *
 * @throws Error saying `complaint` after `limitMs`, or what `work` throws
 */
export function within<Result>(
  clock: Clock,
  limitMs: number,
  complaint: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const expired = (): void => {
      reject(new Error(`${complaint} (waited ${limitMs / 1_000} s)`))
    }
    const due = clock.now() + limitMs
    let cancel = clock.after(limitMs, () => {
      if (clock.now() < due + LATE_MS) expired()
      else cancel = clock.after(limitMs, expired)
    })
    work()
      .then(resolve, reject)
      .finally(() => cancel())
  })
}

import type { Clock } from '@coscribe/shared'

/**
 * What `work` resolves to, if it does in time; late results are dropped.
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
    const cancel = clock.after(limitMs, () => {
      reject(new Error(`${complaint} (waited ${limitMs / 1_000} s)`))
    })
    work().then(resolve, reject).finally(cancel)
  })
}

import type { Clock } from '@coscribe/shared'
import { RoomError, type RoomFault } from './room-error.js'

/** What became of something that is waited for: `true` when it is there, a fault when it never will be. */
export type Outcome = boolean | RoomFault

interface Waiter {
  readonly look: () => Outcome
  readonly settle: (outcome: true | RoomFault) => void
}

/** Promises that are kept when a condition holds, or broken when it cannot any more. */
export class Waiting {
  readonly #clock: Clock
  readonly #waiters = new Set<Waiter>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Resolves when `look` returns `true`.
   *
   * @param timeoutMs `undefined` waits without end
   * @throws RoomError with the fault that `look` returned, or `timeout`
   */
  until(look: () => Outcome, timeoutMs: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = timeoutMs === undefined ? undefined : this.#clock.after(timeoutMs, late)
      const waiter: Waiter = { look, settle }
      const waiters = this.#waiters
      waiters.add(waiter)
      function settle(outcome: true | RoomFault): void {
        waiters.delete(waiter)
        stop?.()
        if (outcome === true) resolve()
        else reject(new RoomError(outcome))
      }
      function late(): void {
        settle({ code: 'timeout', message: `not after ${timeoutMs} ms`, retryable: true })
      }
      visit(waiter)
    })
  }

  /** Something changed: settles whoever has waited for it. */
  look(): void {
    for (const waiter of this.#waiters) visit(waiter)
  }
}

function visit(waiter: Waiter): void {
  const outcome = waiter.look()
  if (outcome !== false) waiter.settle(outcome)
}

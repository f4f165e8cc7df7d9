import { onTestFinished } from 'vitest'
import { ManualClock } from './manual-clock.js'

/** Its wall time is of these days, as the ends of tokens are. */
class RunningClock extends ManualClock {
  readonly #began = Date.now()

  override wallTime(): number {
    return this.#began + this.now()
  }
}

/** Time that goes on by itself, and in leaps when a test wants. */
export function runningClock(): ManualClock {
  const clock = new RunningClock()
  const timer = setInterval(() => clock.advance(1), 1)
  onTestFinished(() => clearInterval(timer))
  return clock
}

/** Much more than anything takes; looks are counted, since a machine that does other things is late for them. */
const MOST_LOOKS = 12_000
const STEP_MS = 100

/**
 * Lets time pass in steps of a tenth of a second until `condition` holds, in which both ends hear each other.
 *
 * @throws Error naming `what` when it does not hold after twenty minutes of that time
 */
export async function passing(
  clock: ManualClock,
  what: string,
  condition: () => boolean,
): Promise<void> {
  for (let look = 0; !condition(); look++) {
    if (look === MOST_LOOKS) throw new Error(`not within ${(look * STEP_MS) / 1_000} s: ${what}`)
    clock.advance(STEP_MS)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Lets seconds pass one by one, so that both ends hear each other in between. */
export async function seconds(clock: ManualClock, count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

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

/** Lets seconds pass one by one, so that both ends hear each other in between. */
export async function seconds(clock: ManualClock, count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

import { onTestFinished } from 'vitest'
import { ManualClock } from './manual-clock.js'

/** Time that goes on by itself, and in leaps when a test wants. */
export function runningClock(): ManualClock {
  const clock = new ManualClock()
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

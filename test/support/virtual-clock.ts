import { PlannedTime } from './planned-time.js'

/** Time that passes when a test says so, and lets promises settle between one callback and the next. */
export class VirtualClock extends PlannedTime {
  /** Runs what is due now, and what promises and timers make due now, until there is nothing left. */
  settle(): Promise<void> {
    return this.advance(0)
  }

  /** Lets `ms` milliseconds pass. */
  async advance(ms: number): Promise<void> {
    const until = this.now() + ms
    do await this.promisesSettled()
    while (this.runNext(until))
  }

  /** One turn of the real event loop: every promise that can settle without waiting for anything outside has done so. */
  protected promisesSettled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }
}

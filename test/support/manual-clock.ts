import { PlannedTime } from './planned-time.js'

/** Time that stands still until a test moves it, in one turn of the event loop. */
export class ManualClock extends PlannedTime {
  /** Lets `ms` pass and runs what is due, in the order in which it is due. */
  advance(ms: number): void {
    const until = this.now() + ms
    while (this.runNext(until));
  }
}

import type { Cancel, Clock } from '@coscribe/shared'

/** Returns within this time are healed together, since each of them makes every owner speak. */
const PAUSE_MS = 500

/** Whom the healing makes speak. */
export interface Healed {
  /** Makes every owner announce itself anew. */
  nudgeOwners(): void
}

/** When to ask all owners to announce themselves anew: at once, but at most every {@link PAUSE_MS}. */
export class PresenceHealing {
  readonly #clock: Clock
  readonly #healed: Healed
  #lastAt = -Infinity
  #cancel: Cancel | null = null

  constructor(clock: Clock, healed: Healed) {
    this.#clock = clock
    this.#healed = healed
  }

  /** A client returned. */
  heal(): void {
    if (this.#cancel !== null) return
    const wait = this.#lastAt + PAUSE_MS - this.#clock.now()
    if (wait <= 0) this.#run()
    else this.#cancel = this.#clock.after(wait, () => this.#run())
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #run(): void {
    this.#cancel = null
    this.#lastAt = this.#clock.now()
    this.#healed.nudgeOwners()
  }
}

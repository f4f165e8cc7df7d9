import type { Cancel, Clock } from '@coscribe/shared'

/** Returns within this time are healed together, since each of them makes every owner speak. */
const PAUSE_MS = 500
/** So long after a room was opened, whoever states a clock may be returning from before. */
const YOUNG_MS = 60_000

/** When to ask all owners to announce themselves anew: at once, but at most every {@link PAUSE_MS}. */
export class PresenceHealing {
  readonly #clock: Clock
  readonly #nudgeOwners: () => void
  readonly #openedAt: number
  #lastAt = -Infinity
  #cancel: Cancel | null = null

  constructor(clock: Clock, nudgeOwners: () => void) {
    this.#clock = clock
    this.#nudgeOwners = nudgeOwners
    this.#openedAt = clock.now()
  }

  get young(): boolean {
    return this.#clock.now() - this.#openedAt < YOUNG_MS
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
    this.#nudgeOwners()
  }
}

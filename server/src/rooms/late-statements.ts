import type { Cancel, Clock } from '@coscribe/shared'
import type { PresenceEntry } from './presence-codec.js'
import type { Member } from './presence-members.js'

/** How long a statement that came too early waits, in milliseconds: till one more is due at the usual rate, about. */
const LOOK_MS = 100

/** Who takes a statement when its time has come. */
export interface LateTaker {
  /** Whether the member may state something now; it counts if so. */
  mayState(member: Member): boolean
  stateLate(member: Member, entry: PresenceEntry): void
}

/** What members of a room said of themselves faster than they may: of each only the last, with one timer for all. */
export class LateStatements {
  readonly #clock: Clock
  readonly #taker: LateTaker
  readonly #waiting = new Map<Member, PresenceEntry>()
  #cancel: Cancel | null = null

  constructor(clock: Clock, taker: LateTaker) {
    this.#clock = clock
    this.#taker = taker
  }

  /** Keeps a statement in place of the one before; it must not share its bytes with anything. */
  keep(member: Member, entry: PresenceEntry): void {
    this.#waiting.set(member, entry)
    this.#plan()
  }

  /** What waits of this member, if anything, is not said any more. */
  forget(member: Member): void {
    this.#waiting.delete(member)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#waiting.clear()
  }

  #plan(): void {
    this.#cancel ??= this.#clock.after(LOOK_MS, () => {
      this.#cancel = null
      this.#look()
    })
  }

  #look(): void {
    for (const [member, entry] of this.#waiting) {
      if (!this.#taker.mayState(member)) continue
      this.#waiting.delete(member)
      this.#taker.stateLate(member, entry)
    }
    if (this.#waiting.size > 0) this.#plan()
  }
}

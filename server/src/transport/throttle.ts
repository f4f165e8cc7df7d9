import type { Clock } from '@coscribe/shared'
import type { User } from './users.js'

/** How often it is looked who may be read again, in milliseconds. */
const LOOK_MS = 50

/** A connection that can be left unread. */
export interface Throttled {
  /** Whose it is, if that is known. */
  readonly user: User | null
  pause(): void
  resume(): void
}

export interface ThrottleSetup {
  readonly clock: Clock
  /** For how many milliseconds nothing of this user is to be read. */
  overdrawnMs(user: User, now: number): number
  /** A connection is read again after so many milliseconds. */
  waited(ms: number): void
}

interface Wait {
  readonly since: number
  /** When the connection's own rates allow that it is read. */
  until: number
}

/**
 * The connections that are not read because they, or their users, have sent too much: TCP tells the other end to wait,
 * nothing is lost and nobody is closed. One timer for all, and none while nobody waits. Of a user who has many they are
 * read one after the other: what one read brings can be a second's work, and others are served in between.
 */
export class Throttle {
  readonly #setup: ThrottleSetup
  readonly #waits = new Map<Throttled, Wait>()
  #looking = false

  constructor(setup: ThrottleSetup) {
    this.#setup = setup
  }

  /** How many wait. */
  get size(): number {
    return this.#waits.size
  }

  /** Leaves a connection unread for so many milliseconds at least. Returns whether it was read until now. */
  hold(throttled: Throttled, ms: number): boolean {
    const now = this.#setup.clock.now()
    const wait = this.#waits.get(throttled)
    if (wait !== undefined) {
      wait.until = Math.max(wait.until, now + ms)
      return false
    }
    this.#waits.set(throttled, { since: now, until: now + ms })
    throttled.pause()
    this.#plan()
    return true
  }

  holds(throttled: Throttled): boolean {
    return this.#waits.has(throttled)
  }

  /** The connection is over. */
  forget(throttled: Throttled): void {
    this.#waits.delete(throttled)
  }

  #plan(): void {
    if (this.#looking) return
    this.#looking = true
    this.#setup.clock.after(LOOK_MS, this.#look)
  }

  readonly #look = (): void => {
    this.#looking = false
    const now = this.#setup.clock.now()
    const served = new Set<User>()
    // Who is read again and has to wait again goes to the end, behind the user's other connections.
    for (const [throttled, wait] of this.#waits) {
      const { user } = throttled
      if (wait.until > now || (user !== null && !this.#mayRead(user, served, now))) continue
      this.#waits.delete(throttled)
      this.#setup.waited(now - wait.since)
      throttled.resume()
    }
    if (this.#waits.size > 0) this.#plan()
  }

  #mayRead(user: User, served: Set<User>, now: number): boolean {
    if (served.has(user) || this.#setup.overdrawnMs(user, now) > 0) return false
    served.add(user)
    return true
  }
}

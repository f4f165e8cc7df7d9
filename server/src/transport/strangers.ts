import type { Clock } from '@coscribe/shared'
import type { Pulse } from './heartbeat.js'

/** A connection of which nobody knows yet whose it is. */
export interface Stranger {
  /** Too many of its kind are there, and it has been for longest. */
  crowdedOut(): void
}

/**
 * For so long any number may be there, in milliseconds: a school that comes back after a restart has a hundred
 * connections from one address in a second, and each says at once whose it is.
 */
const MOMENT_MS = 2_000

/**
 * The connections that have brought no credential, by where they come from. Above the bound those that have been there
 * for longest have to go; not the newest, or who fills the places would keep everybody else out.
 */
export class Strangers implements Pulse {
  readonly #clock: Clock
  readonly #most: number
  /** Since when each is there, the oldest first. */
  readonly #byNetwork = new Map<string, Map<Stranger, number>>()

  /** @param most from one address, once they have been there for a moment */
  constructor(clock: Clock, most: number) {
    this.#clock = clock
    this.#most = most
  }

  /** How many there are. */
  get size(): number {
    let size = 0
    for (const there of this.#byNetwork.values()) size += there.size
    return size
  }

  add(network: string, stranger: Stranger): void {
    const there = this.#byNetwork.get(network) ?? new Map<Stranger, number>()
    this.#byNetwork.set(network, there)
    there.set(stranger, this.#clock.now())
    this.#thin(there, this.#clock.now())
  }

  /** It is known now, or gone. */
  delete(network: string, stranger: Stranger): void {
    const there = this.#byNetwork.get(network)
    there?.delete(stranger)
    if (there?.size === 0) this.#byNetwork.delete(network)
  }

  visit(now: number): void {
    for (const there of this.#byNetwork.values()) this.#thin(there, now)
  }

  #thin(there: Map<Stranger, number>, now: number): void {
    for (const [stranger, since] of there) {
      if (there.size <= this.#most || now - since < MOMENT_MS) return
      there.delete(stranger)
      stranger.crowdedOut()
    }
  }
}

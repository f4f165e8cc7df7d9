import type { EncodedState, PresenceSource } from './peer.js'
import { encodeEntry, type PresenceEntry } from './presence-codec.js'
import type { Owned } from './presence-members.js'

/** Clocks of clients that left are kept, so that one that returns can be told from a new one; the latest so many. */
const MAX_DEPARTED = 1_000

/** The awareness clients of a room: those somebody speaks for, and the last clocks of those that left. */
export class PresenceBook implements PresenceSource {
  #owned: Map<number, Owned> | null = null
  #departed: Map<number, number> | null = null

  get(clientId: number): Owned | undefined {
    return this.#owned?.get(clientId)
  }

  /** Clients somebody speaks for. */
  [Symbol.iterator](): Iterator<Owned> {
    return this.#owned?.values() ?? [].values()
  }

  put(owned: Owned): void {
    this.#owned ??= new Map()
    this.#owned.set(owned.clientId, owned)
    this.#departed?.delete(owned.clientId)
  }

  /** Nobody speaks for the client any more. */
  release({ clientId, clock }: Owned): void {
    this.#owned?.delete(clientId)
    this.#departed ??= new Map()
    this.#departed.set(clientId, clock)
    if (this.#departed.size <= MAX_DEPARTED) return
    for (const oldest of this.#departed.keys()) {
      this.#departed.delete(oldest)
      return
    }
  }

  /** The highest clock known of a client, or `null` for one that was never here. */
  lastClock(clientId: number): number | null {
    return this.#owned?.get(clientId)?.clock ?? this.#departed?.get(clientId) ?? null
  }

  /** Whether a statement is newer than everything known of its client. */
  isNews(entry: PresenceEntry): boolean {
    return entry.clock > (this.lastClock(entry.clientId) ?? -1)
  }

  states(clientIds: Iterable<number>): EncodedState[] {
    const states: EncodedState[] = []
    for (const clientId of clientIds) {
      const state = this.#owned?.get(clientId) ?? this.#gone(clientId)
      if (state !== null) states.push(state)
    }
    return states
  }

  #gone(clientId: number): EncodedState | null {
    const clock = this.#departed?.get(clientId)
    if (clock === undefined) return null
    return { clientId, encoded: encodeEntry({ clientId, clock, state: null }) }
  }
}

import { Histogram } from '../measure/histogram.js'
import { readRuns } from './edits.js'
import type { WireCursor } from './wire.js'

/** What is wrong with what arrived, in characters; all zero when every receiver got everything exactly once. */
export interface Faults {
  readonly missing: number
  readonly duplicates: number
  /** Arrived though somebody else typed it, in another room or never. */
  readonly foreign: number
}

/** What the rooms of a load have in common. */
export class Tally {
  readonly latency = new Histogram()
  delivered = 0
  duplicates = 0
  foreign = 0
}

/** Who typed what in one room, and who has received how much of it: every character is one token. */
export class RoomLedger {
  readonly clients: readonly number[]
  readonly #first: number
  readonly #tally: Tally
  /** When each author typed each of its characters, in milliseconds. */
  readonly #typedAt: readonly number[][]
  /** How many characters of each author each receiver has, a row per receiver. */
  readonly #received: Int32Array
  #receiver = 0
  #now = 0

  /** @param first the client id of the first member; the others follow */
  constructor(first: number, members: number, tally: Tally) {
    this.#first = first
    this.#tally = tally
    this.clients = Array.from({ length: members }, (_, index) => first + index)
    this.#typedAt = this.clients.map(() => [])
    this.#received = new Int32Array(members * members)
  }

  /** An author types its next character. Returns that character's clock. */
  type(author: number, now: number): number {
    return (this.#typedAt[author]?.push(now) ?? 1) - 1
  }

  /** How many characters each member has typed. */
  get typed(): number[] {
    return this.#typedAt.map((times) => times.length)
  }

  /** A receiver takes an update. */
  receive(receiver: number, cursor: WireCursor, now: number): void {
    this.#receiver = receiver
    this.#now = now
    readRuns(cursor, this.#takeRun)
  }

  /** Characters that have not arrived at everybody else. */
  get missing(): number {
    let missing = 0
    const members = this.clients.length
    for (let author = 0; author < members; author++) {
      const typed = this.#typedAt[author]?.length ?? 0
      for (let receiver = 0; receiver < members; receiver++) {
        if (receiver === author) continue
        missing += typed - (this.#received[receiver * members + author] ?? 0)
      }
    }
    return missing
  }

  readonly #takeRun = (client: number, clock: number, length: number): void => {
    const author = client - this.#first
    const times = this.#typedAt[author]
    if (times === undefined || clock + length > times.length) {
      this.#tally.foreign += length
      return
    }
    // Some servers send back what somebody wrote; that is no delivery.
    if (author === this.#receiver) return
    const cell = this.#receiver * this.clients.length + author
    const next = this.#received[cell] ?? 0
    // An author's characters come in order; a later one that comes first leaves the earlier one missing for good.
    if (clock !== next) {
      this.#tally.duplicates += Math.max(0, Math.min(next, clock + length) - clock)
      if (clock > next || clock + length <= next) return
    }
    const added = clock + length - next
    this.#received[cell] = next + added
    this.#tally.delivered += added
    for (let at = next; at < next + added; at++) {
      this.#tally.latency.add(this.#now - (times[at] ?? 0))
    }
  }
}

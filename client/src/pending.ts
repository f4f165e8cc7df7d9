/** Edits of this replica that are not known to be on the server's disk. */
export interface PendingSummary {
  /** How many updates. */
  readonly updates: number
  /** Their size, without what of an edit in several messages is on disk already. */
  readonly bytes: number
  /** Wall-clock milliseconds of the oldest one, or `null` when there is none. */
  readonly since: number | null
}

/** A run of consecutive edits that share one fate. */
interface Entry {
  state: 'unsent' | 'sent' | 'refused'
  /** Numbers of the messages that carry it; the last one's ack settles it. 0 while unsent. */
  first: number
  last: number
  /** Number of its first edit, counted over the life of the room. */
  readonly firstEdit: number
  /** The clock of this replica's client before what of it is not settled; `Infinity` where it is of others. */
  from: number
  /** The same clock after each of its first messages, where it was split among several. */
  reaches: readonly number[]
  updates: number
  bytes: number
  /** How many of its messages are settled. */
  settled: number
  readonly since: number
}

// Beyond this many messages on their way, neighbours are settled together: the acks of a stalled disk must not cost
// memory for every keystroke.
const MAX_ENTRIES = 256

const NONE: readonly number[] = Object.freeze([])

/**
 * What is not acknowledged, and which message carries what.
 *
 * The document itself keeps the content; here are only counts. An edit is `unsent` until a message carries it, `sent`
 * until the ack reaches that message's number, and gone after that. A new session begins with everything unsent, and
 * one upload (a diff against what the server has) carries all of it at once.
 */
export class Pending {
  #entries: Entry[] = []
  #edits = 0

  /** Edits counted over the life of the room. */
  get edits(): number {
    return this.#edits
  }

  /** Every edit up to this number is on the server's disk. */
  get durableEdits(): number {
    return (this.#entries[0]?.firstEdit ?? this.#edits + 1) - 1
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  summary(): PendingSummary {
    let updates = 0
    let bytes = 0
    for (const entry of this.#entries) {
      updates += entry.updates
      bytes += bytesLeft(entry)
    }
    return { updates, bytes, since: this.#entries[0]?.since ?? null }
  }

  /**
   * An edit that no message carries yet.
   *
   * @param at wall-clock time
   * @param from the clock of this replica's client before it; by default it is of others
   */
  add(bytes: number, at: number, from = Infinity): void {
    this.#edits++
    const last = this.#entries.at(-1)
    if (last?.state === 'unsent') {
      last.from = Math.min(last.from, from)
      last.updates++
      last.bytes += bytes
      return
    }
    const message = { state: 'unsent', first: 0, last: 0, reaches: NONE, settled: 0 } as const
    this.#entries.push({ ...message, firstEdit: this.#edits, from, updates: 1, bytes, since: at })
  }

  /** The clock of this replica's client from which on nothing is known to be on the server's disk, or `Infinity`. */
  get from(): number {
    return Math.min(...this.#entries.map((entry) => entry.from))
  }

  /**
   * The newest unsent edits travel in the messages `first` … `last`.
   *
   * @param reaches the clock of this replica's client after each of them, where there are several
   */
  carried(first: number, last: number, reaches = NONE): void {
    const entry = this.#entries.at(-1)
    if (entry?.state !== 'unsent') return
    Object.assign(entry, { state: 'sent', first, last, reaches })
    if (this.#entries.length > MAX_ENTRIES) this.#joinNewest()
  }

  /** Everything pending, whatever became of it before, travels in the messages `first` … `last`; as {@link carried}. */
  carriedAll(first: number, last: number, reaches = NONE): void {
    const oldest = this.#entries[0]
    if (oldest === undefined) return
    const { updates, bytes } = this.summary()
    const message = { state: 'sent', first, last, reaches, settled: 0 } as const
    this.#entries = [{ ...oldest, ...message, from: this.from, updates, bytes }]
  }

  /** The first `count` messages of the session are on disk or were refused. */
  ack(count: number): void {
    this.#entries = this.#entries.filter((entry) => entry.state !== 'sent' || entry.last > count)
    for (const entry of this.#entries) {
      if (entry.state === 'sent') settle(entry, count - entry.first + 1)
    }
  }

  /**
   * The server did not take this message; what it carried stays pending until an upload carries it again. Returns the
   * clock of this replica's client from which the server may have nothing.
   */
  refuse(message: number): number {
    const refused = this.#entries.filter(
      ({ state, first, last }) => state === 'sent' && first <= message && message <= last,
    )
    for (const entry of refused) entry.state = 'refused'
    return Math.min(...refused.map(({ from }) => from))
  }

  /** The session is over: nothing is on its way any more. */
  sessionOver(): void {
    this.carriedAll(0, 0)
    const all = this.#entries[0]
    if (all !== undefined) all.state = 'unsent'
  }

  #joinNewest(): void {
    const [older, newer] = this.#entries.slice(-2)
    if (older?.state !== 'sent' || newer?.state !== 'sent') return
    older.last = newer.last
    older.from = Math.min(older.from, newer.from)
    older.updates += newer.updates
    older.bytes += newer.bytes
    this.#entries.pop()
  }
}

/** The first `messages` of an entry are settled. */
function settle(entry: Entry, messages: number): void {
  entry.settled = Math.max(0, messages)
  const reach = entry.reaches[Math.min(messages, entry.reaches.length) - 1]
  if (reach !== undefined) entry.from = Math.max(entry.from, reach)
}

/** Its messages are about equally large. */
function bytesLeft({ bytes, first, last, settled }: Entry): number {
  return settled === 0 ? bytes : Math.ceil(bytes * (1 - settled / (last - first + 1)))
}

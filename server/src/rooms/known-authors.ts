/** So many clients of a room; whose the others are is on disk only, and whoever writes as one does not change it. */
const MOST = 65_536

/**
 * Whose the clients of a document are for good: what the disk has, and what is on its way there. Sixteen bytes for each
 * client, and each subject once.
 */
export class KnownAuthors {
  // Side by side, rising by client. An insertion moves what is behind it, which happens once for each client.
  readonly #clients: number[]
  readonly #subjects: string[]

  /** @param stored equal subjects are one string */
  constructor(stored: ReadonlyMap<number, string> = new Map()) {
    const sorted = [...firstOf(stored)].sort(([one], [other]) => one - other)
    // Of the right length at once: what is pushed one by one leaves room for more.
    this.#clients = sorted.map(([client]) => client)
    this.#subjects = sorted.map(([, subject]) => subject)
  }

  /** The subject of this client's author, or `null`. */
  get(client: number): string | null {
    const index = this.#indexOf(client)
    return this.#clients[index] === client ? (this.#subjects[index] ?? null) : null
  }

  /** Adds a client that has none. */
  add(client: number, subject: string): void {
    if (this.#clients.length >= MOST) return
    const index = this.#indexOf(client)
    const own = this.#subjects[this.#subjects.indexOf(subject)] ?? subject
    this.#clients.splice(index, 0, client)
    this.#subjects.splice(index, 0, own)
  }

  /** Where a client is, or belongs. */
  #indexOf(client: number): number {
    let low = 0
    let high = this.#clients.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#clients[middle]! < client) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Not all are looked at: a disk may have any number of them. */
function* firstOf(stored: ReadonlyMap<number, string>): Generator<readonly [number, string]> {
  let count = 0
  for (const entry of stored) {
    if (count++ === MOST) return
    yield entry
  }
}

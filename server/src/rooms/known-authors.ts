import { AuthorShares, MAX_AUTHORS } from '@coscribe/storage'

/** Who has authored as some clients. */
interface Holder {
  readonly subject: string
  /** As how many. */
  clients: number
}

/**
 * Whose the clients of a document are for good: what the disk has, and what is on its way there. Sixteen bytes for each
 * client, and each subject once. There is a bound; whose the other clients are is on disk only, and whoever writes as
 * one does not change it. When it is met, whoever has most loses one, so that nobody is pushed out by somebody with more.
 */
export class KnownAuthors {
  // Side by side, rising by client. An insertion moves what is behind it, which happens once for each client.
  readonly #clients: number[]
  readonly #holders: Holder[]
  readonly #most: number

  constructor(stored: ReadonlyMap<number, string> = new Map(), most = MAX_AUTHORS) {
    this.#most = most
    const sorted = [...within(most, stored)].sort(([one], [other]) => one - other)
    // Of the right length at once: what is pushed one by one leaves room for more.
    this.#clients = sorted.map(([client]) => client)
    const holders = new Map<string, Holder>()
    this.#holders = sorted.map(([, subject]) => {
      const holder = holders.get(subject) ?? { subject, clients: 0 }
      if (holder.clients === 0) holders.set(subject, holder)
      holder.clients++
      return holder
    })
  }

  /** The subject of this client's author, or `null`. */
  get(client: number): string | null {
    const index = this.#indexOf(client)
    return this.#clients[index] === client ? (this.#holders[index]?.subject ?? null) : null
  }

  /** Adds a client that has none. */
  add(client: number, subject: string): void {
    const known = this.#holders.find((holder) => holder.subject === subject)
    const holder = known ?? { subject, clients: 0 }
    if (this.#clients.length >= this.#most && !this.#makeRoom(holder)) return
    const index = this.#indexOf(client)
    this.#clients.splice(index, 0, client)
    this.#holders.splice(index, 0, holder)
    holder.clients++
  }

  /** Lets go of one client of whoever has most, or of the newcomer's own where that would leave another with less. */
  #makeRoom(newcomer: Holder): boolean {
    let loser = newcomer
    for (const holder of this.#holders) if (holder.clients > loser.clients) loser = holder
    if (newcomer.clients + 1 >= loser.clients) loser = newcomer
    const index = this.#holders.lastIndexOf(loser)
    if (index < 0) return false
    this.#clients.splice(index, 1)
    this.#holders.splice(index, 1)
    loser.clients--
    return true
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

/** A store of somebody else's may bring any number. */
function within(most: number, stored: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  if (stored.size <= most) return stored
  const shares = new AuthorShares(most)
  for (const [client, subject] of [...stored].sort(([one], [other]) => one - other)) {
    shares.add(client, subject)
  }
  return shares.authors()
}

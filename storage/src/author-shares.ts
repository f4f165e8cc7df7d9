/** So many authors of one document are read and remembered. */
export const MAX_AUTHORS = 65_536

/**
 * Collects the authors of a document up to a bound, however many there are. Whoever has most gives up first, the client
 * that was added last before the others, so that nobody loses one to somebody who keeps more.
 */
export class AuthorShares {
  readonly #most: number
  #clients = new Map<string, number[]>()
  #size = 0

  constructor(most = MAX_AUTHORS) {
    this.#most = most
  }

  /** A client that was not added before, and whose it is. */
  add(client: number, subject: string): void {
    const clients = this.#clients.get(subject)
    if (clients === undefined) this.#clients.set(subject, [client])
    else clients.push(client)
    this.#size++
    // Seldom, since it costs as much as there is.
    if (this.#size >= 2 * this.#most) this.#cut()
  }

  /** By client; equal subjects are one string. */
  authors(): Map<number, string> {
    if (this.#size > this.#most) this.#cut()
    const authors = new Map<number, string>()
    for (const [subject, clients] of this.#clients) {
      for (const client of clients) authors.set(client, subject)
    }
    return authors
  }

  /** Takes away what is above the bound. What a smaller share has is whole; the others are equal, but for one. */
  #cut(): void {
    const smallestFirst = [...this.#clients].sort(([, a], [, b]) => a.length - b.length)
    let [left, subjects] = [this.#most, smallestFirst.length]
    this.#clients = new Map()
    for (const [subject, clients] of smallestFirst) {
      const kept = clients.slice(0, Math.floor(left / subjects--))
      left -= kept.length
      if (kept.length > 0) this.#clients.set(subject, kept)
    }
    this.#size = this.#most - left
  }
}

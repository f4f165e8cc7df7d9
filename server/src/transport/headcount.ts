/** How many there are of each kind, up to a bound on each. A kind of which there is none takes no memory. */
export class Headcount {
  readonly #most: number
  readonly #counts = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** Kinds of which there is one. */
  get size(): number {
    return this.#counts.size
  }

  /** One more, if that is allowed; {@link leave} once for each that was let in. */
  enter(kind: string): boolean {
    const count = this.#counts.get(kind) ?? 0
    if (count >= this.#most) return false
    this.#counts.set(kind, count + 1)
    return true
  }

  leave(kind: string): void {
    const count = this.#counts.get(kind) ?? 0
    if (count > 1) this.#counts.set(kind, count - 1)
    else this.#counts.delete(kind)
  }
}

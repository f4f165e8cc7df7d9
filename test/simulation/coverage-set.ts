import * as Y from 'yjs'

/** More clocks than any client uses in a simulation. */
const CLOCKS = 2 ** 20

/** What updates contain, kept apart from the code under test: every clock and every deletion, by yjs's own decoder. */
export class CoverageSet {
  readonly #clocks = new Set<number>()
  readonly #deletes = new Set<number>()

  static of(updates: readonly Uint8Array[]): CoverageSet {
    const coverage = new CoverageSet()
    for (const update of updates) coverage.add(update)
    return coverage
  }

  /** What a document has integrated. */
  static ofDocument(doc: Y.Doc): CoverageSet {
    return CoverageSet.of([Y.encodeStateAsUpdate(doc)])
  }

  add(update: Uint8Array): void {
    const { structs, ds } = Y.decodeUpdate(update)
    for (const struct of structs) {
      if (struct instanceof Y.Skip) continue
      addAll(this.#clocks, struct.id.client, struct.id.clock, struct.length)
    }
    for (const [client, ranges] of ds.clients) {
      for (const { clock, len } of ranges) addAll(this.#deletes, client, clock, len)
    }
  }

  /** The first thing in `other` that is not in here, in words, or `null`. */
  lacks(other: CoverageSet): string | null {
    for (const key of other.#clocks) {
      if (!this.#clocks.has(key)) return `struct ${nameOf(key)}`
    }
    for (const key of other.#deletes) {
      if (!this.#deletes.has(key)) return `the deletion of ${nameOf(key)}`
    }
    return null
  }

  /** What is both in here and in `other`. */
  within(other: CoverageSet): CoverageSet {
    const both = new CoverageSet()
    for (const key of this.#clocks) if (other.#clocks.has(key)) both.#clocks.add(key)
    for (const key of this.#deletes) if (other.#deletes.has(key)) both.#deletes.add(key)
    return both
  }

  addAll(other: CoverageSet): void {
    for (const key of other.#clocks) this.#clocks.add(key)
    for (const key of other.#deletes) this.#deletes.add(key)
  }
}

function addAll(keys: Set<number>, client: number, clock: number, length: number): void {
  for (let at = clock; at < clock + length; at++) keys.add(client * CLOCKS + at)
}

function nameOf(key: number): string {
  return `${Math.floor(key / CLOCKS)}:${key % CLOCKS}`
}

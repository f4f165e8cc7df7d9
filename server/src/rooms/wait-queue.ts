/** Anything that waits until a clock is known. */
export interface Waiting {
  /** It may go on when the state of the client it waits for is above this clock. */
  need: number
}

/**
 * What waits for one client, as a binary heap with the lowest need on top: an edit of that client costs one comparison
 * however much waits for clocks far ahead.
 */
export class WaitQueue<Item extends Waiting> {
  readonly #heap: Item[] = []

  get size(): number {
    return this.#heap.length
  }

  push(item: Item): void {
    let i = this.#heap.push(item) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (this.#heap[parent]!.need <= item.need) break
      this.#heap[i] = this.#heap[parent]!
      i = parent
    }
    this.#heap[i] = item
  }

  /** Removes and returns one that needs a clock below `state`, or `undefined` when none does. */
  popBelow(state: number): Item | undefined {
    const top = this.#heap[0]
    if (top === undefined || top.need >= state) return undefined
    const last = this.#heap.pop()!
    if (this.#heap.length > 0) this.#sink(last)
    return top
  }

  /** Puts `item` in the place of the top and lets it down to where it belongs. */
  #sink(item: Item): void {
    const size = this.#heap.length
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= size) break
      if (child + 1 < size && this.#heap[child + 1]!.need < this.#heap[child]!.need) child++
      if (this.#heap[child]!.need >= item.need) break
      this.#heap[i] = this.#heap[child]!
      i = child
    }
    this.#heap[i] = item
  }
}

import type { Cancel, Clock } from '@coscribe/shared'

/** What is noted of a room that is empty. */
export interface EmptyNotes {
  /** What it was counted with. */
  bytes: number
  /** When its grace is over, by the clock; `Infinity` when it is over. */
  graceEndsAt: number
}

/**
 * Rooms in their grace or on their way out, the longest first; some may have been entered again. All have the same
 * grace, so that the order is that of its ends, and one timer serves them all.
 */
export class EmptyRooms<Item extends EmptyNotes> {
  readonly #clock: Clock
  readonly #graceMs: number
  readonly #over: (item: Item) => void
  readonly #items = new Set<Item>()
  #bytes = 0
  #cancel: Cancel | null = null

  /** `over` is called once for each whose grace is over, and never when it was deleted before. */
  constructor(clock: Clock, graceMs: number, over: (item: Item) => void) {
    this.#clock = clock
    this.#graceMs = graceMs
    this.#over = over
  }

  get size(): number {
    return this.#items.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The longest first; they may be deleted meanwhile. */
  [Symbol.iterator](): IterableIterator<Item> {
    return this.#items.values()
  }

  /** Its grace begins. */
  add(item: Item, bytes: number): void {
    this.delete(item)
    item.bytes = bytes
    item.graceEndsAt = this.#clock.now() + this.#graceMs
    this.#bytes += bytes
    this.#items.add(item)
    this.#plan()
  }

  /** Harmless when it is not here. */
  delete(item: Item): void {
    if (!this.#items.delete(item)) return
    this.#bytes -= item.bytes
    if (this.#items.size === 0) this.stop()
  }

  /** Ends nobody's grace until the next {@link add}. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #plan(): void {
    if (this.#cancel !== null) return
    for (const { graceEndsAt } of this.#items) {
      if (graceEndsAt === Infinity) continue
      this.#cancel = this.#clock.after(graceEndsAt - this.#clock.now(), () => this.#end())
      return
    }
  }

  #end(): void {
    this.#cancel = null
    const now = this.#clock.now()
    for (const item of this.#items) {
      if (item.graceEndsAt === Infinity) continue
      if (item.graceEndsAt > now) break
      item.graceEndsAt = Infinity
      this.#over(item)
    }
    this.#plan()
  }
}

/** Shared by all ledgers in which nothing waits. */
const NONE = Object.freeze<number[]>([]) as number[]
/** From here on positions stand for what is held: this, and how many messages are. No log gets there. */
const HELD = 2 ** 52

/**
 * Which of a session's messages may be acknowledged: the leading ones whose log position is on disk.
 *
 * Messages are counted from 1; positions never decrease from one message to the next, so that messages with the same
 * position share an entry and the ledger is as long as the room has positions that are not yet durable.
 */
export class AckLedger {
  /** Message counts and log positions in pairs: everything up to the count is durable with the position. */
  #waiting: number[] = NONE
  #count = 0
  #acked = 0

  /** Messages counted so far. */
  get count(): number {
    return this.#count
  }

  /** The highest count that may be acknowledged. */
  get acked(): number {
    return this.#acked
  }

  /** The next message was taken, or was known: it waits for `seq`. Returns its count. */
  accepted(seq: number, durableSeq: number): number {
    this.#count++
    if (seq <= durableSeq && this.#waiting.length === 0) this.#acked = this.#count
    else this.#wait(seq)
    return this.#count
  }

  /** The next message was refused: it waits for nothing but those before it. Returns its count. */
  refused(): number {
    this.#count++
    if (this.#waiting.length === 0) this.#acked = this.#count
    else this.#waiting[this.#waiting.length - 2] = this.#count
    return this.#count
  }

  /** The next message is held: it and what follows wait for {@link decided}. Returns its count. */
  held(): number {
    this.#count++
    const last = this.#waiting.length - 2
    if (last >= 0 && this.#waiting[last + 1]! >= HELD) {
      this.#waiting[last] = this.#count
      this.#waiting[last + 1]! += 1
    } else this.#wait(HELD + 1)
    return this.#count
  }

  /** A held message was decided; after the last one, everything since the first waits for `seq`. */
  decided(seq: number): void {
    const position = this.#waiting.length - 1
    if (position < 0 || this.#waiting[position]! < HELD) return
    this.#waiting[position]! -= 1
    if (this.#waiting[position] === HELD) this.#waiting[position] = seq
  }

  /** Everything up to `seq` is on disk. Returns whether {@link acked} rose. */
  durable(seq: number): boolean {
    let settled = 0
    while (settled < this.#waiting.length && (this.#waiting[settled + 1] ?? 0) <= seq) settled += 2
    if (settled === 0) return false
    this.#acked = this.#waiting[settled - 2] ?? this.#acked
    // Not emptied: an array keeps the room that it needed once.
    this.#waiting = settled === this.#waiting.length ? NONE : this.#waiting.slice(settled)
    return true
  }

  #wait(seq: number): void {
    const last = this.#waiting.length - 2
    if (last >= 0 && (this.#waiting[last + 1] ?? 0) >= seq) this.#waiting[last] = this.#count
    else if (last < 0) this.#waiting = [this.#count, seq]
    else this.#waiting.push(this.#count, seq)
  }
}

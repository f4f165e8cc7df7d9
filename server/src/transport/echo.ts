/** The log an author's own updates are read from. */
export interface EchoedLog {
  /** The update of this number, or `undefined` when the log has moved on. */
  updateAt(seq: number): Uint8Array | undefined
}

/** Stretches of the log that are kept; with more, the last ones become one, with what lies between them. */
const MAX_STRETCHES = 64

/**
 * Which updates of one author are to be sent back once they are on disk. Only their places in the log are kept, however
 * much they hold and however slowly the author reads.
 */
export class Echo {
  /** First and last numbers in pairs, in order. */
  readonly #stretches: number[] = []
  #durableSeq = 0

  /** The author's update became number `seq`, above all before. */
  wrote(seq: number): void {
    const { length } = this.#stretches
    if (length === 2 * MAX_STRETCHES || this.#stretches[length - 1] === seq - 1) {
      this.#stretches[length - 1] = seq
    } else {
      this.#stretches.push(seq, seq)
    }
  }

  /** Everything up to `seq` is on disk. Returns whether something can be sent back. */
  durable(seq: number): boolean {
    this.#durableSeq = Math.max(this.#durableSeq, seq)
    return this.#due() !== null
  }

  /** The next update to send back, or `null`. What the log no longer has is passed over. */
  next(log: EchoedLog): Uint8Array | null {
    for (let seq = this.#due(); seq !== null; seq = this.#due()) {
      this.#pass(seq)
      const update = log.updateAt(seq)
      if (update !== undefined) return update
    }
    return null
  }

  #due(): number | null {
    const [first] = this.#stretches
    return first === undefined || first > this.#durableSeq ? null : first
  }

  #pass(seq: number): void {
    if (this.#stretches[1] === seq) this.#stretches.splice(0, 2)
    else this.#stretches[0] = seq + 1
  }
}

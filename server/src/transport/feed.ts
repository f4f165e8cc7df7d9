import type { CatchUp } from '../rooms/update-batch.js'
import { chunksOf, type Chunk, type Framing } from './encodings.js'

/**
 * What one session is still to be sent of a document, taken piece by piece as its socket drains. It holds references
 * to bytes that all sessions share and a position among them; nothing is queued for a session that does not read.
 */
export class Feed {
  /** When the feed is over, the session has everything up to this number. */
  readonly seq: number
  /** Whether a step 2 is owed at its end. */
  readonly answers: boolean
  readonly #catchUp: CatchUp
  readonly #framing: Framing
  #batch = 0
  #chunk = 0

  constructor(catchUp: CatchUp, framing: Framing, answers: boolean) {
    this.#catchUp = catchUp
    this.#framing = framing
    this.seq = catchUp.seq
    this.answers = answers
  }

  /** Whether there are no more frames. */
  get atEnd(): boolean {
    const { batches } = this.#catchUp
    const last = batches[this.#batch]
    if (last === undefined) return true
    const isLast = this.#batch === batches.length - 1
    return isLast && this.#chunk === chunksOf(last, this.#framing).length
  }

  /** The next frames, or `null` at the end. */
  next(): Chunk | null {
    for (;;) {
      const batch = this.#catchUp.batches[this.#batch]
      if (batch === undefined) return null
      const chunk = chunksOf(batch, this.#framing)[this.#chunk]
      this.#chunk++
      if (chunk !== undefined) return chunk
      this.#batch++
      this.#chunk = 0
    }
  }
}

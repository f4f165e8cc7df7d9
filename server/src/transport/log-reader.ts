import type { CatchUp, UpdateBatch } from '../rooms/update-batch.js'
import type { Chunk, Framing } from './encodings.js'
import { Feed } from './feed.js'

/** The log a reader reads. */
export interface ReadLog {
  readonly headSeq: number
  /** What came after this number, or the whole; `null` while it has to be fetched from disk. */
  after(seq: number): CatchUp | null
}

/** What a session is to do next to come up to date. */
export type Step =
  | { readonly kind: 'send'; readonly chunk: Chunk }
  /** Everything up to `seq` was sent; `answers` when a step 2 is owed for it. */
  | { readonly kind: 'reached'; readonly seq: number; readonly answers: boolean }
  /** Nothing can go on before the log is here. */
  | { readonly kind: 'fetch' }
  /** There is nothing to do. */
  | { readonly kind: 'live' }

/** A batch above this many bytes is taken from the log piece by piece, also by who keeps up. */
const LIVE_BYTES = 256 * 1024
const LIVE: Step = Object.freeze({ kind: 'live' })
const FETCH: Step = Object.freeze({ kind: 'fetch' })

/**
 * How far a session has come in its room's log.
 *
 *     live ──fallBehind──▶ behind ──next──▶ fed ──end of the log──▶ live
 *       └─────────────follow─────────────────▲
 *
 * Live, it is handed each batch. Behind, only its position is kept. Fed, it takes what it missed, chunk by chunk.
 */
export class LogReader {
  readonly #framing: Framing
  /** Everything up to this number was handed to the socket, from where the session joined. */
  #position = 0
  #behind = false
  #feed: Feed | null = null

  constructor(framing: Framing) {
    this.#framing = framing
  }

  get position(): number {
    return this.#position
  }

  /** Whether everything of a feed was taken and only its end is left to be said. */
  get atEnd(): boolean {
    return this.#feed?.atEnd ?? false
  }

  /** Begins live, after `seq`. */
  begin(seq: number): void {
    this.#position = seq
  }

  /** Whether a batch is to be handed over as it is; otherwise it is part of what comes from the log. */
  takes(batch: UpdateBatch): boolean {
    return this.#feed === null && !this.#behind && batch.lastSeq > this.#position
  }

  /** Whether a batch is better taken from the log, even by a session that keeps up. */
  static isLarge(batch: UpdateBatch): boolean {
    return batch.bytes > LIVE_BYTES
  }

  /** Was handed everything up to `seq`. */
  reached(seq: number): void {
    this.#position = Math.max(this.#position, seq)
  }

  fallBehind(): void {
    this.#behind = true
  }

  /** Goes on with this, instead of whatever it was about to take. */
  follow(catchUp: CatchUp): void {
    this.#feed = new Feed(catchUp, this.#framing, true)
    this.#behind = false
  }

  next(log: ReadLog): Step {
    if (this.#feed === null) {
      if (!this.#behind) return LIVE
      const missed = log.after(this.#position)
      if (missed === null) return FETCH
      this.#behind = false
      this.#feed = new Feed(missed, this.#framing, false)
    }
    const chunk = this.#feed.next()
    return chunk === null ? this.#end(this.#feed, log) : { kind: 'send', chunk }
  }

  #end({ seq, answers }: Feed, log: ReadLog): Step {
    this.#feed = null
    this.reached(seq)
    this.#behind = this.#position < log.headSeq
    return { kind: 'reached', seq, answers }
  }
}

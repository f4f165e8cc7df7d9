import { Buffer } from 'node:buffer'
import type { CatchUp } from './update-batch.js'

/** What an answer depends on besides the state vector. */
export interface LogState {
  readonly headSeq: number
  readonly snapshotSeq: number
}

/** An answer with what it depends on, so that both go together. */
interface Answer extends CatchUp, LogState {
  readonly stateVector: Uint8Array
}

/** Longer state vectors are not kept for comparison; bytes. */
const MAX_STATE_VECTOR = 64 * 1024

/**
 * The last answer to a state vector. When a server returns, everybody who was in a document asks with the same one,
 * and the second costs a comparison. The answer itself is kept only while somebody is being sent it.
 */
export class RepeatedAnswer {
  #last: WeakRef<Answer> | null = null

  get(stateVector: Uint8Array, log: LogState, make: () => CatchUp): CatchUp {
    return this.#known(stateVector, log) ?? this.#keep(stateVector, log, make())
  }

  #known(stateVector: Uint8Array, log: LogState): CatchUp | undefined {
    const last = this.#last?.deref()
    if (last?.headSeq !== log.headSeq || last.snapshotSeq !== log.snapshotSeq) return undefined
    return Buffer.compare(last.stateVector, stateVector) === 0 ? last : undefined
  }

  #keep(stateVector: Uint8Array, log: LogState, { batches, seq }: CatchUp): CatchUp {
    if (stateVector.length > MAX_STATE_VECTOR) return { batches, seq }
    const { headSeq, snapshotSeq } = log
    const answer = { batches, seq, headSeq, snapshotSeq, stateVector }
    this.#last = new WeakRef<Answer>(answer)
    return answer
  }
}

import { Buffer } from 'node:buffer'
import type { CatchUp } from './update-batch.js'

/** What an answer depends on besides the state vector. */
export interface LogState {
  readonly headSeq: number
  readonly snapshotSeq: number
}

interface Last extends LogState {
  readonly stateVector: Uint8Array
  readonly catchUp: WeakRef<CatchUp>
}

/** Longer state vectors are not kept for comparison; bytes. */
const MAX_STATE_VECTOR = 64 * 1024

/**
 * The last answer to a state vector. When a server returns, everybody who was in a document asks with the same one,
 * and the second costs a comparison. The answer itself is kept only while somebody is being sent it.
 */
export class RepeatedAnswer {
  #last: Last | null = null

  get(stateVector: Uint8Array, log: LogState, make: () => CatchUp): CatchUp {
    return this.#known(stateVector, log) ?? this.#keep(stateVector, log, make())
  }

  #known(stateVector: Uint8Array, log: LogState): CatchUp | undefined {
    const last = this.#last
    if (last?.headSeq !== log.headSeq || last.snapshotSeq !== log.snapshotSeq) return undefined
    if (Buffer.compare(last.stateVector, stateVector) !== 0) return undefined
    return last.catchUp.deref()
  }

  #keep(stateVector: Uint8Array, log: LogState, catchUp: CatchUp): CatchUp {
    if (stateVector.length <= MAX_STATE_VECTOR) {
      const { headSeq, snapshotSeq } = log
      this.#last = { headSeq, snapshotSeq, stateVector, catchUp: new WeakRef(catchUp) }
    }
    return catchUp
  }
}

import { presenceHead, WireWriter } from '@coscribe/shared'
import type { EncodedState } from '../rooms/peer.js'
import { prefixOf, type Framing } from './encodings.js'
import { concatenate, frameHead } from './frames.js'

/**
 * The newest states of some clients as one message, put together once for all who are sent it. In a crowd that moves
 * nearly everybody is both told and told of, so who must not hear its own state is sent the same bytes with that state
 * left out, behind a head of its own.
 */
export class PresenceFrame {
  readonly #framing: Framing
  readonly #states: Uint8Array
  /** Which of the states is this client's. */
  readonly #indexes = new Map<number, number>()
  /** Where each state ends. */
  readonly #ends: number[] = []
  #whole: readonly Uint8Array[] | null = null

  constructor(states: readonly EncodedState[], framing: Framing) {
    this.#framing = framing
    this.#states = concatenate(states.map(({ encoded }) => encoded))
    let end = 0
    for (const { clientId, encoded } of states) {
      this.#indexes.set(clientId, this.#ends.length)
      this.#ends.push((end += encoded.length))
    }
  }

  /** The frame without the state of this client, to be written in one go; empty when nothing is left to say. */
  without(clientId: number | null): readonly Uint8Array[] {
    const index = clientId === null ? undefined : this.#indexes.get(clientId)
    if (index !== undefined) return this.#leavingOut(index)
    this.#whole ??= this.#ends.length === 0 ? [] : [concatenate([this.#head(0), this.#states])]
    return this.#whole
  }

  #leavingOut(index: number): readonly Uint8Array[] {
    if (this.#ends.length === 1) return []
    const start = this.#ends[index - 1] ?? 0
    const end = this.#ends[index] ?? start
    const head = this.#head(end - start, 1)
    return [head, this.#states.subarray(0, start), this.#states.subarray(end)]
  }

  #head(leftOutBytes: number, leftOut = 0): Uint8Array {
    const count = this.#ends.length - leftOut
    const stateBytes = this.#states.length - leftOutBytes
    const prefix = new WireWriter(8).varUint(count).finish()
    const head = presenceHead(prefix.length + stateBytes)
    return frameHead(concatenate([prefixOf(this.#framing), head, prefix]), stateBytes)
  }
}

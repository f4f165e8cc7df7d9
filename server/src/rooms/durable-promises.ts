import type { Peer } from './peer.js'

/** Which sessions were promised word when a number of the log is on disk: those whose edits or repeats wait for it. */
export class DurablePromises {
  /** The highest number promised to each. */
  #promised: Map<Peer, number> | null = null

  promise(peer: Peer, seq: number): void {
    this.#promised ??= new Map()
    this.#promised.set(peer, seq)
  }

  left(peer: Peer): void {
    this.#promised?.delete(peer)
  }

  /** Everything up to `seq` is on disk: calls `tell` for all who wait, and forgets those who have what they waited for. */
  reached(seq: number, tell: (peer: Peer) => void): void {
    const promised = this.#promised
    if (promised === null) return
    for (const [peer, waitsFor] of promised) {
      if (waitsFor <= seq) promised.delete(peer)
      tell(peer)
    }
    if (promised.size === 0) this.#promised = null
  }
}

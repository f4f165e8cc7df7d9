import type { Peer } from './peer.js'

/** The sessions of a room that are not read from until the disk has caught up. */
export class HeldWriters {
  #held: Set<Peer> | null = null

  hold(peer: Peer): void {
    this.#held ??= new Set()
    if (this.#held.has(peer)) return
    this.#held.add(peer)
    peer.hold()
  }

  /** Reads from one of them again, if it is one. */
  letOn(peer: Peer): void {
    if (this.#held?.delete(peer) === true) peer.letOn()
  }

  /** Reads from all of them again; some may be held again at once. */
  letAllOn(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const peer of held) peer.letOn()
  }
}

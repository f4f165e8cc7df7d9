import type { Logger } from '../log.js'
import type { Peer } from './peer.js'

/** The sessions of a room. One that throws is put out and does not keep the others from being served. */
export class RoomMembers {
  readonly #peers = new Set<Peer>()
  readonly #documentId: string
  readonly #logger: Logger
  readonly #putOut: (peer: Peer) => void

  /** `putOut` is to remove the peer from the room. */
  constructor(documentId: string, logger: Logger, putOut: (peer: Peer) => void) {
    this.#documentId = documentId
    this.#logger = logger
    this.#putOut = putOut
  }

  get size(): number {
    return this.#peers.size
  }

  has(peer: Peer): boolean {
    return this.#peers.has(peer)
  }

  add(peer: Peer): void {
    this.#peers.add(peer)
  }

  delete(peer: Peer): boolean {
    return this.#peers.delete(peer)
  }

  [Symbol.iterator](): IterableIterator<Peer> {
    return this.#peers.values()
  }

  /** Runs `action` for every member; members may come and go while it runs. */
  each(action: (peer: Peer) => void): void {
    for (const peer of this.#peers) this.isolate(peer, () => action(peer))
  }

  /** Runs something that `peer` could throw from. */
  isolate(peer: Peer, action: () => void): void {
    try {
      action()
    } catch (error) {
      const { sessionId } = peer
      this.#logger.error({ error, sessionId, documentId: this.#documentId }, 'a session failed')
      this.#putOut(peer)
      this.#closeQuietly(peer)
    }
  }

  #closeQuietly(peer: Peer): void {
    try {
      peer.close('internal', 'the session failed')
    } catch {
      // The peer that just threw throws again; it is out of the room and its error is logged.
    }
  }
}

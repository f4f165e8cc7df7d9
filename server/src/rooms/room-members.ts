import type { Logger } from '../log.js'
import type { Peer } from './peer.js'

/** What the members need of their room. */
export interface MembersRoom {
  readonly documentId: string
  remove(peer: Peer): void
}

/** The sessions of a room. One that throws is put out and does not keep the others from being served. */
export class RoomMembers {
  readonly #peers = new Set<Peer>()
  readonly #room: MembersRoom
  readonly #logger: Logger

  constructor(room: MembersRoom, logger: Logger) {
    this.#room = room
    this.#logger = logger
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
      const { documentId } = this.#room
      this.#logger.error({ error, sessionId, documentId }, 'a session failed')
      this.#room.remove(peer)
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

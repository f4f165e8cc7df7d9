import type { Logger } from '../log.js'
import type { Peer } from './peer.js'
import { Member } from './presence-members.js'

/** What the members need of their room. */
export interface MembersRoom {
  readonly documentId: string
  remove(peer: Peer): void
}

/** The sessions of a room. One that throws is put out and does not keep the others from being served. */
export class RoomMembers {
  readonly #members = new Map<Peer, Member>()
  readonly #room: MembersRoom
  readonly #logger: Logger

  constructor(room: MembersRoom, logger: Logger) {
    this.#room = room
    this.#logger = logger
  }

  /** How many ever joined. */
  joined = 0

  get size(): number {
    return this.#members.size
  }

  get(peer: Peer): Member | undefined {
    return this.#members.get(peer)
  }

  add(peer: Peer): void {
    this.joined += 1
    this.#members.set(peer, new Member(peer, this.joined))
  }

  /** Returns what is known of the session that left, if it was here. */
  delete(peer: Peer): Member | undefined {
    const member = this.#members.get(peer)
    this.#members.delete(peer)
    return member
  }

  clear(): void {
    this.#members.clear()
  }

  all(): IterableIterator<Member> {
    return this.#members.values()
  }

  [Symbol.iterator](): IterableIterator<Peer> {
    return this.#members.keys()
  }

  /** Runs `action` for every member; members may come and go while it runs. */
  each(action: (peer: Peer) => void): void {
    // Not by way of `isolate`: a closure for each member is felt in large rooms.
    for (const peer of this) {
      try {
        action(peer)
      } catch (error) {
        this.#putOut(peer, error)
      }
    }
  }

  /** Runs something that `peer` could throw from. */
  isolate(peer: Peer, action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#putOut(peer, error)
    }
  }

  #putOut(peer: Peer, error: unknown): void {
    const { sessionId } = peer
    const { documentId } = this.#room
    this.#logger.error({ error, sessionId, documentId }, 'a session failed')
    this.#room.remove(peer)
    this.#closeQuietly(peer)
  }

  #closeQuietly(peer: Peer): void {
    try {
      peer.close('internal', 'the session failed')
    } catch {
      // The peer that just threw throws again; it is out of the room and its error is logged.
    }
  }
}

import type { Cancel } from '@coscribe/shared'
import type { Peer } from './peer.js'
import type { PresenceEntry } from './presence-codec.js'

/** A session in a room, and what presence knows of it. */
export class Member {
  readonly peer: Peer
  /** Rises with each session that joins. */
  readonly order: number
  /** The awareness client id it speaks for. */
  own: number | null = null
  claim: PresenceClaim | null = null
  /** When it may state as much as it likes again, as `Rate` has it. */
  restedAt = 0
  /** Until this moment of the clock its claims to known ids are taken for echoes. */
  echoesUntil = 0

  constructor(peer: Peer, order: number) {
    this.peer = peer
    this.order = order
  }
}

/** An awareness client id with a session that speaks for it. */
export interface Owned {
  readonly clientId: number
  readonly owner: Member
  /** The session that the owner succeeded, while it is still here: it may turn out to be alive. */
  former: Member | null
  readonly clock: number
  /** The order of the youngest session at the time: it and all older ones can have this clock from the room. */
  readonly heardAt: number
  /** Whether it has a state; without one it is gone for everybody, but its clock counts. */
  readonly present: boolean
  /** The state as it travels; encoded once per change, however many receive it. */
  readonly encoded: Uint8Array
  /** The session that wants to succeed the owner. */
  claim: PresenceClaim | null
}

/** A session that says it is a client the room knows already, until it has proven it or is refuted. */
export class PresenceClaim {
  readonly member: Member
  readonly clientId: number
  /** A statement with a higher clock than was known, which an echo could not make. */
  proof: PresenceEntry | null = null
  /** The owner that was asked whether it is still there and did not answer. */
  silent: Member | null = null
  #cancelProbe: Cancel | null = null

  constructor(member: Member, clientId: number) {
    this.member = member
    this.clientId = clientId
    member.claim = this
  }

  /** Whether it has neither been let through nor ended. */
  get stands(): boolean {
    return this.member.claim === this
  }

  /** Whether the present owner still has time to answer. */
  get contested(): boolean {
    return this.#cancelProbe !== null
  }

  contest(cancelProbe: Cancel): void {
    this.#cancelProbe = cancelProbe
  }

  /** The owner did not answer, or left. */
  concede(owner: Member): void {
    this.#cancelProbe?.()
    this.#cancelProbe = null
    this.silent = owner
  }

  end(): void {
    this.#cancelProbe?.()
    this.#cancelProbe = null
    if (this.stands) this.member.claim = null
  }
}

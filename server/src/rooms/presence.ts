import type { Clock, ErrorCode } from '@coscribe/shared'
import type { Speakers } from './authors.js'
import type { Peer } from './peer.js'
import { PresenceBook } from './presence-book.js'
import {
  decodePresence,
  encodeEntry,
  encodePresence,
  type PresenceEntry,
} from './presence-codec.js'
import { checkState, type PresenceLimits } from './presence-state.js'
import { PresenceClaim, type Member, type Owned } from './presence-members.js'
import type { Rate } from '../rate.js'
import { LateStatements, type LateTaker } from './late-statements.js'
import type { RoomMembers } from './room-members.js'
import { PresenceHealing, type Healed } from './presence-healing.js'

/** What was wrong with a presence message. */
export type PresenceFault =
  /** Not an awareness update: close the connection. */
  | { readonly kind: 'malformed'; readonly message: string }
  /** The session's own state breaks a limit; the one before stays. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }

/** What presence needs of its room. */
export interface PresenceRoom {
  /** Presence changed: {@link RoomPresence.flush} is due. */
  presenceTouched(): void
  /** A session speaks for this client from now on. */
  spoke(peer: Peer, clientId: number): void
  /** Runs something that a peer could throw from, so that it fails alone. */
  isolate(peer: Peer, action: () => void): void
}

/** How fast the sessions of a server may change their presence. */
export interface PresencePace {
  /** For each. */
  readonly rate: Rate
  /** Called when somebody is too fast. */
  met(): void
}

interface PresenceBounds {
  readonly limits: PresenceLimits
  readonly pace: PresencePace
}

/** How long the older of two strangers that say they are the same client has to answer. */
const PROBE_MS = 2_000
/** How long a session that echoed somebody's state is not asked again whether it is that client. */
const ECHO_MS = 10_000
/** So long after a room was opened, whoever states a clock may be returning from before. */
const YOUNG_MS = 60_000

/**
 * The referee of a room's presence.
 *
 * Stock clients send every state they receive back to the server and remember every clock they ever saw, so the
 * server decides who may speak for an awareness client id: the session that first said it, until that is gone or is
 * succeeded by another of the same principal, or by a stranger when it does not answer. A session speaks for one id;
 * whatever it says of others is an echo and is ignored. Clocks are the owner's and are never changed, and an owner
 * never hears its own state.
 *
 * After an interruption a client knows its own id and everybody else's with the clocks of before, and so do the
 * others of it; states with those clocks are ignored on all sides until the next renewal. Telling a client that its
 * own id is gone at its own clock makes it announce itself with a higher one and changes nothing else (a "nudge").
 *
 * A claim to an id that is already known, at a clock that is known too, may also be an echo from a session that has
 * no state of its own. The nudge tells them apart: the true owner answers with a higher clock, an echo with `null`.
 */
export class RoomPresence implements Healed, Speakers, LateTaker {
  readonly #room: PresenceRoom
  readonly #clock: Clock
  readonly #bounds: PresenceBounds
  readonly #members: RoomMembers
  readonly #book = new PresenceBook()
  readonly #openedAt: number
  /** Once somebody said too much. */
  #late: LateStatements | null = null
  /** In a room to which somebody returned. */
  #healing: PresenceHealing | null = null
  /** Clients that changed since the last flush, if any did. */
  #changed: Set<number> | null = null

  constructor(room: PresenceRoom, members: RoomMembers, clock: Clock, bounds: PresenceBounds) {
    this.#room = room
    this.#members = members
    this.#clock = clock
    this.#bounds = bounds
    // Whole, or it would be an object of its own.
    this.#openedAt = Math.floor(clock.now())
  }

  /** Removes what a session owned that left, at once and nothing else. */
  leave(member: Member): void {
    member.claim?.end()
    this.#late?.forget(member)
    if (member.own === null) return
    const owned = this.#book.get(member.own)
    if (owned?.owner === member) this.#release(owned)
    else if (owned?.former === member) owned.former = null
  }

  speakerOf(clientId: number): Peer | null {
    return this.#book.get(clientId)?.owner.peer ?? null
  }

  spokenBy(peer: Peer): number | null {
    return this.#members.get(peer)?.own ?? null
  }

  stop(): void {
    this.#healing?.stop()
    this.#late?.stop()
    for (const member of this.#members.all()) member.claim?.end()
  }

  /** Takes an awareness update from a session. */
  receive(peer: Peer, update: Uint8Array): PresenceFault | null {
    const entries = decodePresence(update)
    if (typeof entries === 'string') return { kind: 'malformed', message: entries }
    const member = this.#members.get(peer)
    if (member === undefined) return null
    // A client states itself in a message of its own; one with several states is an echo of what it was sent.
    const own =
      entries.length === 1 ? entries[0] : entries.find((entry) => entry.clientId === member.own)
    return own === undefined ? null : this.#statement(member, own)
  }

  /** Shows a newcomer, or a session that asks, everybody else. */
  sendAll(peer: Peer): void {
    const member = this.#members.get(peer)
    if (member === undefined) return
    const others: number[] = []
    for (const owned of this.#book) {
      if (owned.present && owned.clientId !== member.own) others.push(owned.clientId)
    }
    if (others.length > 0) this.#tell(member, others)
  }

  /** Tells every member what changed since the last flush; returns whether anything did. */
  flush(): boolean {
    const changed = this.#changed
    if (changed === null) return false
    this.#changed = null
    // All are given one array, by which a transport knows that one encoding serves them.
    const all = [...changed]
    for (const member of this.#members.all()) {
      if (all.length > 1 || all[0] !== member.own) this.#tell(member, all)
    }
    return true
  }

  #statement(member: Member, entry: PresenceEntry): PresenceFault | null {
    if (entry.clientId === member.own) return this.#ownStatement(member, entry)
    if (member.own !== null) return null
    if (entry.clientId === member.claim?.clientId) return this.#claimStatement(member.claim, entry)
    if (entry.state === null) return null
    const known = this.#book.lastClock(entry.clientId) !== null
    if (known && this.#isEcho(member, entry)) return null
    const shown = this.#checked(member, entry)
    if ('kind' in shown) return shown
    member.claim?.end()
    if (known) this.#claim(member, shown)
    else this.#firstSeen(member, shown)
    return null
  }

  /** Whether what this session says of an id that is known is not to be looked into. */
  #isEcho(member: Member, entry: PresenceEntry): boolean {
    if (member.claim?.contested === true) return true
    if (this.#clock.now() < member.echoesUntil) return true
    // A clock that the room learned after the session joined, the session learned from the room.
    const owned = this.#book.get(entry.clientId)
    return owned !== undefined && owned.heardAt >= member.order && !this.#book.isNews(entry)
  }

  #ownStatement(member: Member, entry: PresenceEntry): PresenceFault | null {
    const owned = this.#book.get(entry.clientId)
    // Somebody may have succeeded this session while it was thought dead; its clock moves on, so it is alive.
    const removal = owned?.owner === member && isRemoval(owned, entry)
    if (!removal && !this.#book.isNews(entry)) return null
    const shown = this.#checked(member, entry)
    if ('kind' in shown) return shown
    this.#state(member, shown)
    return null
  }

  /** What somebody says of themselves faster than anybody could see is said a little later, in its last form only. */
  #state(member: Member, entry: PresenceEntry): void {
    if (this.mayState(member)) {
      this.#late?.forget(member)
      return this.#own(member, entry)
    }
    this.#bounds.pace.met()
    this.#late ??= new LateStatements(this.#clock, this)
    this.#late.keep(member, ownCopy(entry))
  }

  mayState(member: Member): boolean {
    const now = this.#clock.now()
    if (this.#bounds.pace.rate.overdrawnMs(member.restedAt, now) > 0) return false
    // Whole, like all moments that are kept.
    member.restedAt = Math.ceil(this.#bounds.pace.rate.after(member.restedAt, 1, now))
    return true
  }

  stateLate(member: Member, entry: PresenceEntry): void {
    if (entry.clientId !== member.own) return
    const owned = this.#book.get(entry.clientId)
    const removal = owned?.owner === member && isRemoval(owned, entry)
    if (removal || this.#book.isNews(entry)) this.#own(member, entry)
  }

  /** An id nobody has said in this room before. */
  #firstSeen(member: Member, entry: PresenceEntry): void {
    this.#own(member, entry)
    // After a restart everybody returns to a room that remembers nobody.
    if (entry.clock > 0 && this.#clock.now() - this.#openedAt < YOUNG_MS) {
      this.#nudge(member, entry.clientId)
      this.#heal()
    }
  }

  /** An id that was seen already: a client that returned, or an echo of somebody else's state. */
  #claim(member: Member, entry: PresenceEntry): void {
    this.#heal()
    const claim = new PresenceClaim(member, entry.clientId)
    const owned = this.#book.get(entry.clientId)
    if (owned !== undefined) {
      owned.claim?.end()
      owned.claim = claim
    }
    if (this.#book.isNews(entry)) claim.proof = ownCopy(entry)
    else this.#nudge(member, entry.clientId)
    this.#decide(claim)
  }

  #claimStatement(claim: PresenceClaim, entry: PresenceEntry): PresenceFault | null {
    const news = this.#book.isNews(entry)
    if (entry.state === null) {
      // With a higher clock it is the owner, who took its state away; else an echo took our word for it.
      if (news) claim.end()
      else this.#deny(claim)
      return null
    }
    if (!news) return null
    const shown = this.#checked(claim.member, entry)
    if ('kind' in shown) return shown
    claim.proof = ownCopy(shown)
    this.#decide(claim)
    return null
  }

  /** Lets a claim through when it is proven and nobody who is there stands against it. */
  #decide(claim: PresenceClaim): void {
    if (claim.contested) return
    const owner = this.#book.get(claim.clientId)?.owner
    const { member, proof } = claim
    if (owner !== undefined && owner !== claim.silent && !succeeds(member, owner)) {
      this.#probe(claim, owner)
      return
    }
    if (proof === null) return
    claim.end()
    if (!this.#book.isNews(proof)) {
      // The owner's clock moved on while its answer was waited for: prove it once more.
      this.#claim(member, proof)
      return
    }
    this.#own(member, proof)
    if (owner !== undefined && owner !== claim.silent) this.#question(owner, claim.clientId)
  }

  /**
   * A session was succeeded at once by one of the same principal, which for clients that cannot prove who they are
   * may be anybody. If it is alive after all, a nudge makes it take back what is its own.
   */
  #question(former: Member, clientId: number): void {
    this.#room.isolate(former.peer, () => {
      former.peer.probe(() => {
        if (this.#book.get(clientId)?.former === former) this.#nudge(former, clientId)
      })
    })
  }

  #deny(claim: PresenceClaim): void {
    claim.end()
    claim.member.echoesUntil = this.#clock.now() + ECHO_MS
    // The nudge took the true owner from the echoing client's view; a higher clock brings it back.
    const owner = this.#book.get(claim.clientId)?.owner
    if (owner !== undefined) this.#nudge(owner, claim.clientId)
  }

  #probe(claim: PresenceClaim, owner: Member): void {
    const timeout = this.#clock.after(PROBE_MS, () => this.#concede(claim, owner))
    claim.contest(timeout)
    this.#room.isolate(owner.peer, () => {
      owner.peer.probe(() => {
        if (claim.contested) this.#deny(claim)
      })
    })
  }

  #concede(claim: PresenceClaim, owner: Member): void {
    claim.concede(owner)
    this.#decide(claim)
  }

  /** Makes `member` the owner of the id it stated, whoever owned it before. */
  #own(member: Member, entry: PresenceEntry): void {
    const before = this.#book.get(entry.clientId)
    const isNew = member.own !== entry.clientId
    member.own = entry.clientId
    this.#book.put({
      clientId: entry.clientId,
      clock: entry.clock,
      present: entry.state !== null,
      owner: member,
      former: before === undefined ? null : this.#formerOf(member, before),
      heardAt: this.#members.joined,
      encoded: encodeEntry(entry),
      claim: before?.claim?.stands === true ? before.claim : null,
    })
    this.#mark(entry.clientId)
    if (isNew) this.#room.spoke(member.peer, entry.clientId)
  }

  #formerOf(member: Member, before: Owned): Member | null {
    if (before.owner === member) return before.former
    if (before.former !== member) return before.owner
    // The session that was succeeded turned out to be alive, so its successor was an echo.
    before.owner.own = null
    before.owner.echoesUntil = this.#clock.now() + ECHO_MS
    return null
  }

  #release(owned: Owned): void {
    this.#book.release(owned)
    if (owned.present) this.#mark(owned.clientId)
    const { former, claim } = owned
    // If the one it succeeded is alive after all, it says so.
    if (former !== null) this.#nudge(former, owned.clientId)
    if (claim !== null && claim.contested) this.#concede(claim, owned.owner)
  }

  #heal(): void {
    this.#healing ??= new PresenceHealing(this.#clock, this)
    this.#healing.heal()
  }

  nudgeOwners(): void {
    for (const owned of this.#book) {
      if (owned.present) this.#nudge(owned.owner, owned.clientId)
    }
  }

  #mark(clientId: number): void {
    this.#changed ??= new Set()
    this.#changed.add(clientId)
    this.#room.presenceTouched()
  }

  #tell(member: Member, clientIds: readonly number[]): void {
    const { peer, own } = member
    this.#room.isolate(peer, () => peer.presenceChanged(clientIds, own, this.#book))
  }

  /** Tells a client that its own id is gone, which makes it announce itself with a higher clock. */
  #nudge(member: Member, clientId: number): void {
    const clock = this.#book.lastClock(clientId)
    if (clock === null || this.#members.get(member.peer) !== member) return
    const update = encodePresence([encodeEntry({ clientId, clock, state: null })])
    this.#room.isolate(member.peer, () => member.peer.send({ type: 'presence', update }))
  }

  /** A statement as others are shown it. */
  #checked({ peer }: Member, entry: PresenceEntry): PresenceEntry | PresenceFault {
    const { clientId, clock } = entry
    if (entry.state === null) return entry
    const vouched = { id: peer.userId ?? '', name: peer.name ?? '' }
    const state = checkState(entry.state, vouched, this.#bounds.limits)
    if ('code' in state) return { kind: 'refused', ...state }
    return state === entry.state ? entry : { clientId, clock, state }
  }
}

/** A session takes over at once from an older one of the same principal: nobody fights their own lost socket. */
function succeeds(newer: Member, older: Member): boolean {
  return newer.peer.principal === older.peer.principal && newer.order > older.order
}

function isRemoval(owned: Owned, entry: PresenceEntry): boolean {
  return entry.state === null && owned.present && entry.clock === owned.clock
}

/** States outlive the message they came in. */
function ownCopy(entry: PresenceEntry): PresenceEntry {
  const { clientId, clock, state } = entry
  return { clientId, clock, state: state === null ? null : Uint8Array.from(state) }
}

import { isGuest } from '../auth/links.js'
import type { LimitName } from '../metrics/metrics.js'
import type { Stranger } from './strangers.js'
import { Intake, type Limited, type Traffic } from './traffic.js'
import type { User } from './users.js'

/** What is needed of the connection on which somebody sends. */
export interface SenderLine {
  readonly isOpen: boolean
  /** Bytes received on the socket so far. */
  readonly received: number
  /** Stops reading; call {@link resume} as often. */
  pause(): void
  resume(): void
  /** Something met a limit. */
  hit(limit: LimitName): void
  /** There is no place for it, for a reason that will pass. */
  turnAway(limit: LimitName, reason: string): void
}

/** Who sends on a connection, and how much they may. There is none where nobody is asked and nothing is limited. */
export class Sender implements Limited, Stranger {
  readonly #line: SenderLine
  /** Where what is sent is limited. */
  readonly #traffic: Traffic | null
  /** What the limits per address count this connection by; empty if they do not. */
  readonly #network: string
  #user: User | null = null
  /** While it is not at rest. */
  #intake: Intake | null = null
  /** The count of received bytes up to which a stranger is read; 0 for anybody else, and -1 when it is reached. */
  #readsUpTo = 0

  constructor(line: SenderLine, traffic: Traffic | null, network: string) {
    this.#line = line
    this.#traffic = traffic
    this.#network = network
  }

  get user(): User | null {
    return this.#user
  }

  get intake(): Intake {
    this.#intake ??= new Intake()
    return this.#intake
  }

  pause(): void {
    this.#line.pause()
  }

  resume(): void {
    this.#line.resume()
  }

  /** Nobody has said whose it is: until then no more than this is read. */
  unidentified(bytes: number): void {
    this.#readsUpTo = this.#line.received + bytes
    if (this.#network !== '') this.#traffic?.strangers.add(this.#network, this)
  }

  /**
   * It is this user's, or somebody else's too; the first one counts. Returns whether they may have it; if not, it is
   * closed or about to be.
   */
  identified(subject: string): boolean {
    this.#endStranger()
    if (this.#traffic === null || this.#user !== null) return true
    this.#user = this.#traffic.users.enter(this.#userOf(subject))
    if (this.#user === null) {
      this.#line.turnAway('connections-per-user', 'this user has too many connections')
      return false
    }
    this.#traffic.identified(this)
    return true
  }

  /**
   * Whose limits these are. Guests of a share link are many people, who are told apart by their address: that bounds
   * what one of them takes, and the limit per address what all links together give there.
   */
  #userOf(subject: string): string {
    return isGuest(subject) ? `${subject} ${this.#network}` : subject
  }

  crowdedOut(): void {
    const reason = 'too many connections of this address have brought no credential'
    this.#line.turnAway('strangers', reason)
  }

  /** Bytes came in. */
  received(bytes: Uint8Array): void {
    if (this.#line.isOpen) this.#traffic?.received(this, bytes)
    if (this.#readsUpTo > 0 && this.#line.received > this.#readsUpTo) this.#stopReading()
  }

  /** Until somebody is known, or the time for that is over. */
  #stopReading(): void {
    this.#readsUpTo = -1
    this.#line.hit('stranger-bytes')
    this.pause()
  }

  /** A document is opened. */
  opens(): void {
    this.#traffic?.opens(this)
  }

  /** An update came. */
  updated(): void {
    this.#traffic?.updated(this)
  }

  /** Whether this many clients may be brought that a document has not seen, which count if so; if not, why. */
  brings(clients: number): string | null {
    if (this.#traffic === null || this.#user === null) return null
    if (this.#traffic.brings(this.#user, clients)) return null
    const seconds = this.#traffic.clientsInSeconds(this.#user)
    return `too many new client ids of this user; try again in ${seconds} s`
  }

  /** Whether nothing is read of them because they sent too much. */
  get isHeld(): boolean {
    return this.#traffic?.holds(this) === true
  }

  /** Forgets what they have sent when nothing of it matters any more. */
  rest(now: number): void {
    if (this.#intake?.isOver(now) === true) this.#intake = null
  }

  /** The connection is gone: what was counted is free for others from now on. */
  end(): void {
    if (this.#traffic === null) return
    if (this.#network !== '') this.#traffic.addresses.leave(this.#network)
    if (this.#user !== null) this.#traffic.users.leave(this.#user)
    this.#traffic.forget(this)
    this.#endStranger()
  }

  #endStranger(): void {
    if (this.#network !== '') this.#traffic?.strangers.delete(this.#network, this)
    const stopped = this.#readsUpTo < 0
    this.#readsUpTo = 0
    if (stopped) this.resume()
  }
}

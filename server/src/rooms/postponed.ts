import type { Cancel, Clock } from '@coscribe/shared'
import { canWrite } from './access.js'
import type { HeldMessage, Peer, Receipt, Refused } from './peer.js'

/** What postponed updates need of their room. */
export interface PostponedRoom {
  /** Takes an update as if it came now. */
  retake(peer: Peer, update: Uint8Array): Receipt
  /** Tells a session what became of its message: of `refusal`, or that it is known or taken. */
  decide(peer: Peer, message: HeldMessage, refusal: Refused | null): void
}

/** Says when an update can be looked at. */
export interface Readiness {
  isReady(peer: Peer): boolean
  /** Why not, for somebody who has waited for too long. */
  delay(): Refused
}

/** What a room holds of them; more is refused. One alone may be as large as a message is. */
const MAX_BYTES = 4 * 1024 * 1024
const MAX_MESSAGES = 64
/** So much of either may be of one principal, or one message. */
const SHARE = 1 / 2
/** So long they may wait; milliseconds. */
const HOLD_MS = 30_000
const LOOK_EVERY_MS = 100

interface Held {
  readonly peer: Peer
  readonly update: Uint8Array
  readonly message: HeldMessage
  readonly since: number
}

/** Updates that cannot be looked at yet. Clients that know no refusal would not offer them a second time. */
export class Postponed {
  readonly #clock: Clock
  readonly #room: PostponedRoom
  readonly #readiness: Readiness
  readonly #held = new Set<Held>()
  #bytes = 0
  #cancel: Cancel | null = null

  constructor(clock: Clock, room: PostponedRoom, readiness: Readiness) {
    this.#clock = clock
    this.#room = room
    this.#readiness = readiness
  }

  hold(peer: Peer, update: Uint8Array): Receipt {
    if (!canWrite(peer.access) || !this.#hasRoom(peer, update)) return this.#readiness.delay()
    const message = { count: 0 }
    this.#held.add({ peer, update, message, since: this.#clock.now() })
    this.#bytes += update.length
    this.#lookLater()
    return { outcome: 'held', message }
  }

  #hasRoom({ principal }: Peer, { length }: Uint8Array): boolean {
    const { size } = this.#held
    if (size >= MAX_MESSAGES || (size > 0 && this.#bytes + length > MAX_BYTES)) return false
    const own = [...this.#held].filter(({ peer }) => peer.principal === principal)
    const bytes = own.reduce((sum, { update }) => sum + update.length, length)
    return own.length === 0 || (own.length < MAX_MESSAGES * SHARE && bytes <= MAX_BYTES * SHARE)
  }

  /** A session left: what it sent is dropped. */
  left(peer: Peer): void {
    for (const held of this.#held) if (held.peer === peer) this.#drop(held)
    if (this.#held.size === 0) this.stop()
  }

  stop(): void {
    this.#held.clear()
    this.#bytes = 0
    this.#cancel?.()
    this.#cancel = null
  }

  #drop(held: Held): void {
    if (this.#held.delete(held)) this.#bytes -= held.update.length
  }

  #lookLater(): void {
    this.#cancel ??= this.#clock.after(LOOK_EVERY_MS, () => {
      this.#cancel = null
      this.#look()
      if (this.#held.size > 0) this.#lookLater()
    })
  }

  #look(): void {
    // What has to wait again comes last, and is not ready then.
    for (const held of this.#held) {
      if (this.#readiness.isReady(held.peer)) this.#retake(held)
      else if (this.#clock.now() - held.since >= HOLD_MS) {
        this.#drop(held)
        this.#room.decide(held.peer, held.message, this.#readiness.delay())
      }
    }
  }

  #retake(held: Held): void {
    const { peer, update, message } = held
    this.#drop(held)
    const receipt = this.#room.retake(peer, update)
    // It waits for something else then, under the same number.
    if (receipt.outcome === 'held') receipt.message.count = message.count
    else this.#room.decide(peer, message, receipt.outcome === 'refused' ? receipt : null)
  }
}

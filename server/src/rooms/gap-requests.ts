import type { Cancel, Clock } from '@coscribe/shared'
import { canWrite } from './access.js'
import type { Peer } from './peer.js'

/** What the requests need of their room. */
export interface GapRoom {
  /** Whether updates wait for something that is missing. */
  readonly hasGap: boolean
  readonly members: Iterable<Peer>
  /** Sends a step 1 with the contiguous prefix, to which the answer brings what is missing. */
  ask(peer: Peer): void
}

/** A session is asked again only after this long, doubling while the gap stays; milliseconds. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** How long the sender has before others are asked, and how many of them at a time. */
const OTHERS_AFTER_MS = 1_000
const OTHERS_AT_ONCE = 8

interface Asked {
  at: number
  pauseMs: number
}

/**
 * Asks for updates that others wait for: the session that sent the waiting one at once, since it most likely has what
 * it builds on, then the others, a few at a time. Each session's answer carries its whole delete set, hence the
 * pauses.
 */
export class GapRequests {
  readonly #clock: Clock
  readonly #room: GapRoom
  /** Those who were asked since the gap opened; most rooms never have one. */
  #asked: Map<Peer, Asked> | null = null
  #wasAsked: boolean
  /** When an update came last that waits for something. */
  #noticedAt = 0
  #cancel: Cancel | null = null

  constructor(clock: Clock, room: GapRoom) {
    this.#clock = clock
    this.#room = room
    // Of a gap that was stored, somebody was asked when it opened.
    this.#wasAsked = room.hasGap
  }

  /**
   * Whether somebody was asked since the present gap opened, gone or not: who leaves without an answer and comes back
   * must not be new to a limit that counts from here.
   */
  get wasAsked(): boolean {
    return this.#wasAsked
  }

  /** An update of `sender` waits for something. */
  noticed(sender: Peer): void {
    this.#noticedAt = this.#clock.now()
    if (this.#mayAsk(this.#asked?.get(sender))) this.#ask(sender)
    this.#planNext()
  }

  /** Something new came: if nothing waits any more, nobody needs to be asked. */
  settled(): void {
    if (this.#room.hasGap || !this.#wasAsked) return
    this.stop()
  }

  left(peer: Peer): void {
    this.#asked?.delete(peer)
  }

  stop(): void {
    this.#asked = null
    this.#wasAsked = false
    this.#cancel?.()
    this.#cancel = null
  }

  #mayAsk(asked: Asked | undefined): boolean {
    return asked === undefined || this.#clock.now() - asked.at >= asked.pauseMs
  }

  #ask(peer: Peer): void {
    this.#asked ??= new Map()
    const before = this.#asked.get(peer)
    const pauseMs =
      before === undefined ? FIRST_PAUSE_MS : Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS)
    this.#asked.set(peer, { at: this.#clock.now(), pauseMs })
    this.#wasAsked = true
    this.#room.ask(peer)
  }

  #planNext(): void {
    this.#cancel ??= this.#clock.after(OTHERS_AFTER_MS, () => {
      this.#cancel = null
      if (this.#room.hasGap) this.#askOthers()
    })
  }

  /** Everybody who was not asked since something was noticed; whoever still has a pause, the sender too, after it. */
  #askOthers(): void {
    let left = OTHERS_AT_ONCE
    for (const peer of this.#room.members) {
      const asked = this.#asked?.get(peer)
      if (asked !== undefined && asked.at >= this.#noticedAt) continue
      if (!canWrite(peer.access)) continue
      if (left > 0 && this.#mayAsk(asked)) {
        left -= 1
        this.#ask(peer)
      } else {
        this.#planNext()
      }
    }
  }
}

import {
  storedWalkLimits,
  structKinds,
  UpdateScan,
  walkUpdate,
  type Cancel,
  type Clock,
} from '@coscribe/shared'
import { AWAY_MS, type Authors } from './authors.js'
import { contradict } from './contradiction.js'
import type { HeldMessage, Peer, Receipt, Refused } from './peer.js'
import { refused } from './refusals.js'

/** What the unconfirmed updates need of their room. */
export interface UnconfirmedRoom {
  /** Whether all clocks [from, to) of the client were received. */
  hasStructs(client: number, from: number, to: number): boolean
  /** Sends a step 1, to which the answer brings what is missing. */
  ask(peer: Peer): void
  /** Takes an update as if it came now. */
  retake(peer: Peer, update: Uint8Array): Receipt
  /** Tells a session what became of its message: of `refusal`, or that it is known or taken. */
  decide(peer: Peer, message: HeldMessage, refusal: Refused | null): void
}

/** What a room holds of them; more is refused, to be offered again. */
const MAX_BYTES = 256 * 1024
const MAX_MESSAGES = 64
/** How long an author has to answer; milliseconds. */
const HOLD_MS = 30_000
const LOOK_EVERY_MS = 1_000
/** An author who was asked is not asked again before this; milliseconds. */
const ASK_EVERY_MS = 5_000

const TOO_MUCH = refused('pending-full', 'too much waits for the word of those who wrote it')
const UNCONFIRMED = refused('unconfirmed', 'whoever writes as this client has not confirmed it')
const FORGED = refused('forged', 'whoever writes as this client wrote something else')

interface Held {
  readonly peer: Peer
  readonly update: Uint8Array
  readonly clients: readonly number[]
  /** Those that brought it. */
  readonly messages: HeldMessage[]
  readonly since: number
  asked: boolean
}

// Only used within one call.
const scratch = new UpdateScan()

/**
 * Updates that one session passed on as the work of another that is here. An honest one the author has too, so the
 * author is asked, and what comes settles it: the same structs, and it was true; others, and it was forged. When the
 * author has left and stays away, it is taken, since nobody else will bring it; when neither happens, it is refused for now.
 *
 * Nothing of them is stored, relayed or acknowledged before that. What else came with them is not held up.
 */
export class Unconfirmed {
  readonly #clock: Clock
  readonly #room: UnconfirmedRoom
  readonly #authors: Authors
  readonly #held = new Set<Held>()
  /** Authors who were asked, and when. */
  readonly #asked = new Map<Peer, number>()
  /** Whose updates were refused for now: they are asked for them when an author has left. */
  readonly #unheard = new Set<Peer>()
  /** When they are asked in any case: those whose updates were too much while their authors were away. */
  #askAt = Infinity
  #cancel: Cancel | null = null

  constructor(clock: Clock, room: UnconfirmedRoom, authors: Authors) {
    this.#clock = clock
    this.#room = room
    this.#authors = authors
  }

  /** Holds `update`, of which everything is new and all structs are of authors beside `peer`. */
  hold(peer: Peer, update: Uint8Array): Receipt {
    const message = { count: 0 }
    const again = this.#same(peer, update)
    const isTooMuch = again === null && this.#bytes() + update.length > MAX_BYTES
    if (isTooMuch || this.#messages() >= MAX_MESSAGES) return this.#tooMuch(peer, update)
    if (again !== null) again.messages.push(message)
    else this.#add(peer, update, message)
    return { outcome: 'held', message }
  }

  /** A walked update was taken: whatever is held of its clients is compared with it. */
  taken(scan: UpdateScan): void {
    const sections = new Map<number, number>()
    for (let section = 0; section < scan.sectionCount; section++) {
      sections.set(scan.sectionClients[section]!, section)
    }
    for (const held of this.#held) {
      if (!held.clients.some((client) => sections.has(client))) continue
      const verdict = this.#compare(held, scan, sections)
      if (verdict !== null) this.#settle(held, verdict === 'known' ? null : FORGED)
    }
  }

  /** A session left: what it sent is dropped, and what waited for its word is looked at soon. */
  left(peer: Peer): void {
    for (const held of this.#held) if (held.peer === peer) this.#held.delete(held)
    this.#asked.delete(peer)
    this.#unheard.delete(peer)
    if (this.#held.size === 0 && this.#unheard.size === 0) return this.stop()
    // Not now: the room may be in the middle of telling its members something.
    this.#lookAfter(0, true)
  }

  stop(): void {
    this.#held.clear()
    this.#askAt = Infinity
    this.#cancel?.()
    this.#cancel = null
  }

  #tooMuch(peer: Peer, update: Uint8Array): Receipt {
    // Soon it will be taken, and a stock client does not offer it by itself.
    if (this.#authorsOf({ peer, clients: clientsOf(update) }).length === 0) {
      this.#unheard.add(peer)
      this.#askAt = Math.min(this.#askAt, this.#clock.now() + AWAY_MS)
      if (this.#cancel === null) this.#lookAfter(LOOK_EVERY_MS, false)
    }
    return TOO_MUCH
  }

  #same(peer: Peer, update: Uint8Array): Held | null {
    for (const held of this.#held) {
      if (held.peer === peer && Buffer.compare(held.update, update) === 0) return held
    }
    return null
  }

  #bytes(): number {
    let bytes = 0
    for (const { update } of this.#held) bytes += update.length
    return bytes
  }

  #messages(): number {
    let count = 0
    for (const { messages } of this.#held) count += messages.length
    return count
  }

  #add(peer: Peer, update: Uint8Array, message: HeldMessage): void {
    const clients = clientsOf(update)
    const since = this.#clock.now()
    const held = { peer, update, clients, messages: [message], since, asked: false }
    this.#held.add(held)
    this.#askFor(held)
    if (this.#cancel === null) this.#lookAfter(LOOK_EVERY_MS, false)
  }

  /** What an update that was taken says of a held one, or `null` when the rest has not come yet. */
  #compare(
    held: Held,
    taken: UpdateScan,
    sections: ReadonlyMap<number, number>,
  ): 'forged' | 'known' | null {
    walkUpdate(held.update, scratch, storedWalkLimits)
    let known = true
    for (let section = 0; section < scratch.sectionCount; section++) {
      const other = sections.get(scratch.sectionClients[section]!)
      const said = { scan: scratch, section }
      if (other !== undefined && contradict(said, { scan: taken, section: other })) return 'forged'
      known &&= this.#has(section)
    }
    return known ? 'known' : null
  }

  #has(section: number): boolean {
    const client = scratch.sectionClients[section]!
    const end = scratch.sectionEndRow(section)
    for (let row = scratch.sectionRows[section]!; row < end; row++) {
      if (scratch.kinds[row] === structKinds.skip) continue
      const clock = scratch.clocks[row]!
      if (!this.#room.hasStructs(client, clock, clock + scratch.lengths[row]!)) return false
    }
    return true
  }

  #settle(held: Held, refusal: Refused | null): void {
    // What is taken after all has been settled already when it was compared.
    if (!this.#held.delete(held)) return
    for (const message of held.messages) this.#room.decide(held.peer, message, refusal)
  }

  #lookAfter(delayMs: number, authorLeft: boolean): void {
    this.#cancel?.()
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#cancel = null
      this.#look(authorLeft)
      if (this.#held.size > 0 || this.#askAt < Infinity) this.#lookAfter(LOOK_EVERY_MS, false)
    })
  }

  #look(authorLeft: boolean): void {
    if (authorLeft || this.#clock.now() >= this.#askAt) this.#askUnheard()
    for (const held of this.#held) {
      if (!this.#isOthers(held)) this.#retake(held)
      else if (this.#clock.now() - held.since >= HOLD_MS) this.#giveUp(held)
      else if (!held.asked) this.#askFor(held)
    }
  }

  #askUnheard(): void {
    const unheard = [...this.#unheard]
    this.#unheard.clear()
    this.#askAt = Infinity
    for (const peer of unheard) this.#room.ask(peer)
  }

  #retake(held: Held): void {
    while (held.messages.length > 0) {
      const receipt = this.#room.retake(held.peer, held.update)
      if (receipt.outcome !== 'held') {
        return this.#settle(held, receipt.outcome === 'refused' ? receipt : null)
      }
      // It waits for something else then, under the same number.
      receipt.message.count = held.messages.shift()?.count ?? 0
    }
    this.#held.delete(held)
  }

  #giveUp(held: Held): void {
    this.#unheard.add(held.peer)
    this.#settle(held, UNCONFIRMED)
  }

  #askFor(held: Held): void {
    const now = this.#clock.now()
    const authors = this.#authorsOf(held)
    held.asked = authors.every(
      (author) => now - (this.#asked.get(author) ?? -Infinity) >= ASK_EVERY_MS,
    )
    if (!held.asked) return
    for (const author of authors) {
      this.#asked.set(author, now)
      this.#room.ask(author)
    }
  }

  #isOthers({ peer, clients }: Held): boolean {
    return clients.some((client) => this.#authors.isOthers(peer, client))
  }

  /** Who is here of those in whose name the update was sent. */
  #authorsOf({ peer, clients }: Pick<Held, 'peer' | 'clients'>): Peer[] {
    const authors = new Set<Peer>()
    for (const client of clients) {
      const author = this.#authors.beside(peer, client)
      if (author !== null) authors.add(author)
    }
    return [...authors]
  }
}

function clientsOf(update: Uint8Array): number[] {
  walkUpdate(update, scratch, storedWalkLimits)
  return [...scratch.sectionClients.subarray(0, scratch.sectionCount)]
}

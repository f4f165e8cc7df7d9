import { storedWalkLimits, walkUpdate, type UpdateScan } from '@coscribe/shared'
import type { Author } from '@coscribe/storage'
import { canWrite } from './access.js'
import { Authors, type Speakers } from './authors.js'
import { Comparison, type ComparedRoom } from './comparison.js'
import { cutToNew } from './cut.js'
import { divide } from './divide.js'
import type { DocumentIndex } from './document-index.js'
import type { KnownAuthors } from './known-authors.js'
import type { Peer, Receipt } from './peer.js'
import { Postponed } from './postponed.js'
import type { RoomContext } from './room-setup.js'
import { Unconfirmed, type UnconfirmedRoom } from './unconfirmed.js'

/** What authorship needs of its room. */
export interface AuthorshipRoom extends UnconfirmedRoom, ComparedRoom {
  readonly presence: Speakers
  /** Asks a session for all that it has of a client. */
  askAbout(peer: Peer, client: number): void
}

/** So many clients are remembered that somebody wrote as who is not their author; the latest. */
const MAX_PASSED_ON = 4_096

/** Length of the update without content. */
const EMPTY_BYTES = 2

/**
 * Whose the edits of a room are, once somebody has written: who is the author of which client, what was taken from
 * others while an author was away, what waits for an author's word, and whether what comes again is the same.
 *
 * An update is walked before anything is asked about it here.
 */
export class Authorship {
  readonly #room: AuthorshipRoom
  readonly #index: DocumentIndex
  readonly #context: RoomContext
  readonly #authors: Authors
  /** Clients that somebody wrote as who is not their author, once there are any. */
  #passedOn: Set<number> | null = null
  /** Once something came again. */
  #comparison: Comparison | null = null
  /** Once that could not be compared at once. */
  #postponed: Postponed | null = null
  /** While a part is taken of what was compared as a whole. */
  #wasCompared = false
  /** Once somebody wrote as somebody who is here. */
  #unconfirmed: Unconfirmed | null = null

  /** @param known whose clients are on disk; `null` for none */
  constructor(
    room: AuthorshipRoom,
    index: DocumentIndex,
    context: RoomContext,
    known: KnownAuthors | null,
  ) {
    this.#room = room
    this.#index = index
    this.#context = context
    this.#authors = new Authors(room.presence, context.clock, known)
  }

  /** As {@link Authors.isTyping}. */
  isTyping(peer: Peer): boolean {
    return this.#authors.isTyping(peer, this.#scan)
  }

  /** As {@link Authors.allow}. */
  allows(peer: Peer): boolean {
    return this.#authors.allow(peer, this.#scan)
  }

  /** As {@link Authors.wrote}. */
  wrote(peer: Peer, answers: boolean): Author | null {
    return this.#authors.wrote(peer, this.#scan, answers)
  }

  /**
   * Why a walked update, some of whose clocks are known, must not be called known, or `null`; as long as that cannot be
   * said it is held.
   */
  compared(peer: Peer, update: Uint8Array): Receipt | null {
    if (this.#wasCompared) return null
    const { clock } = this.#context
    this.#comparison ??= new Comparison(clock, this.#room, this.#index, this.#authors)
    const verdict = this.#comparison.verdict(peer, this.#scan)
    if (verdict !== 'later') return verdict
    this.#postponed ??= new Postponed(clock, this.#room, this.#comparison)
    return this.#postponed.hold(peer, update)
  }

  /** Whether the update that was judged last may be called known to its sender only. */
  get skipped(): boolean {
    return this.#index.repeats && this.#comparison?.skipped === true
  }

  /** An update was just taken that {@link allows} allowed: it may be somebody else's. */
  passedOn(peer: Peer): void {
    for (const client of this.#authors.passedOn(peer, this.#scan)) {
      this.#passedOn ??= new Set()
      this.#passedOn.delete(client)
      this.#passedOn.add(client)
      if (this.#passedOn.size > MAX_PASSED_ON) this.#passedOn.delete(first(this.#passedOn))
    }
  }

  #retakeRest(peer: Peer, rest: Uint8Array): Receipt {
    this.#wasCompared = true
    try {
      return this.#room.retake(peer, rest)
    } finally {
      this.#wasCompared = false
    }
  }

  /**
   * A session speaks for a client of which the document has something. Where that may be by somebody else, it is asked
   * for its own: it would not bring that by itself, since all its clocks are known.
   */
  spoke(peer: Peer, client: number): void {
    if (!canWrite(peer.access)) return
    const mayBeOthers =
      this.#passedOn?.has(client) === true || this.#authors.isDoubtful(peer, client)
    if (!mayBeOthers) return
    // Its answer is compared with all there is. Never rejects.
    void this.#room.fetch().then((here) => here && this.#room.askAbout(peer, client))
  }

  /**
   * Takes what nobody else is the author of; of the rest, what is new waits for those who are. Returns `null` when
   * nothing is.
   */
  takeApart(peer: Peer, update: Uint8Array): Receipt | null {
    const parts = divide(update, this.#scan, (client) => this.#authors.isOthers(peer, client))
    const receipt = parts.rest === null ? null : this.#retakeRest(peer, parts.rest)
    if (receipt?.outcome === 'refused') return receipt
    walkUpdate(parts.named, this.#scan, storedWalkLimits)
    const fresh = cutToNew(parts.named, this.#scan, this.#index)
    if (fresh.length === EMPTY_BYTES) return null
    this.#unconfirmed ??= new Unconfirmed(this.#context.clock, this.#room, this.#authors)
    return this.#unconfirmed.hold(peer, fresh)
  }

  /** An update was taken: what waits for it is settled. */
  taken(): void {
    this.#unconfirmed?.taken(this.#scan)
  }

  /** The session left, which spoke for `spoken`. */
  left(peer: Peer, spoken: number | null): void {
    this.#authors.left(peer, spoken)
    this.#unconfirmed?.left(peer)
    this.#postponed?.left(peer)
  }

  stop(): void {
    this.#unconfirmed?.stop()
    this.#postponed?.stop()
  }

  get #scan(): UpdateScan {
    return this.#context.scan
  }
}

function first(clients: ReadonlySet<number>): number {
  const [client] = clients
  return client!
}

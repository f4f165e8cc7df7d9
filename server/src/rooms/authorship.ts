import { storedWalkLimits, walkUpdate, type UpdateScan } from '@coscribe/shared'
import type { Author } from '@coscribe/storage'
import { Authors, type Speakers } from './authors.js'
import { cutToNew } from './cut.js'
import { divide } from './divide.js'
import type { DocumentIndex, Judgement } from './document-index.js'
import type { KnownAuthors } from './known-authors.js'
import { MAX_PASSED_ON_BYTES, PassedOn } from './passed-on.js'
import type { Peer, Receipt } from './peer.js'
import type { RoomContext } from './room-setup.js'
import { Unconfirmed, type UnconfirmedRoom } from './unconfirmed.js'

/** What authorship needs of its room. */
export interface AuthorshipRoom extends UnconfirmedRoom {
  readonly presence: Speakers
  /** Number of the last update received. */
  readonly headSeq: number
  updateAt(seq: number): Uint8Array | undefined
}

/** Length of the update without content. */
const EMPTY_BYTES = 2

/**
 * Whose the edits of a room are, once somebody has written: who is the author of which client, what was taken from
 * others while an author was away, and what waits for an author's word.
 *
 * An update is walked before anything is asked about it here.
 */
export class Authorship {
  readonly #room: AuthorshipRoom
  readonly #index: DocumentIndex
  readonly #context: RoomContext
  readonly #authors: Authors
  /** Once somebody wrote as somebody who was away. */
  #passedOn: PassedOn | null = null
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

  /** Whether an update differs from what somebody passed on; who types on looks nothing up. */
  contradicts({ principal }: Peer, judgement: Judgement): boolean {
    if (this.#passedOn === null) return false
    const scan = this.#scan
    const goesOn =
      judgement.kind === 'new' &&
      scan.sectionCount === 1 &&
      scan.clocks[0]! >= this.#index.stateOf(scan.sectionClients[0]!)
    return !goesOn && this.#passedOn.contradicts(principal, scan)
  }

  /** An update was just taken that {@link allows} allowed: it may be somebody else's. */
  passedOn(peer: Peer, update: Uint8Array): void {
    if (update.length > MAX_PASSED_ON_BYTES) return
    const clients = this.#authors.passedOn(peer, this.#scan)
    if (clients.length === 0) return
    this.#passedOn ??= new PassedOn(this.#room)
    this.#passedOn.note(this.#room.headSeq, peer.principal, this.#scan, new Set(clients))
  }

  /**
   * Takes what nobody else is the author of; of the rest, what is new waits for those who are. Returns `null` when
   * nothing is.
   */
  takeApart(peer: Peer, update: Uint8Array): Receipt | null {
    const parts = divide(update, this.#scan, (client) => this.#authors.isOthers(peer, client))
    const receipt = parts.rest === null ? null : this.#room.retake(peer, parts.rest)
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
  }

  stop(): void {
    this.#unconfirmed?.stop()
  }

  get #scan(): UpdateScan {
    return this.#context.scan
  }
}

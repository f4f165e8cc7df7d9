import type { Clock, UpdateScan } from '@coscribe/shared'
import { canWrite } from './access.js'
import type { Peer } from './peer.js'

/** What presence says of who is which client. */
export interface Speakers {
  /** The session that speaks for this awareness client, or `null`. */
  speakerOf(clientId: number): Peer | null
  /** The awareness client that this session speaks for, or `null`. */
  spokenBy(peer: Peer): number | null
}

/** Clients whose author left and is remembered; the latest so many of a room. */
const MAX_GONE = 4_096
/** So long an author may be away, for a connection that broke, until others may bring what is theirs; milliseconds. */
const AWAY_MS = 10_000
/** So many of the latest authors are found without a search; a power of two. */
const RECENT = 8

/** The session that writes as a client. */
interface Author {
  readonly client: number
  /** `null` once it is somebody else's, or nobody's. */
  peer: Peer | null
}

/** Who left. */
interface Gone {
  readonly principal: string
  readonly at: number
}

/**
 * Who writes as which client of a document. A Yjs document writes as one client, so that whoever brings structs of
 * another one passes on what somebody else wrote, or says so.
 *
 * A client is that of the session that speaks for it in presence, or that, speaking for none, was the first to bring
 * its first clock in a message of its own: an answer to a step 1 may be anybody's work. What a session that speaks for
 * one client writes as another is never its own. First come, first served, as long as the session is here; after that
 * its principal is remembered, so that nobody else becomes the author of that client meanwhile.
 *
 * Nothing of this outlives the room: after a restart a client is of whoever of these comes first.
 */
export class Authors {
  readonly #speakers: Speakers
  readonly #clock: Clock
  // A room in which nobody types has none of these.
  #here: Map<number, Author> | null = null
  /** By the last bits of the client. */
  #recent: (Author | undefined)[] | null = null
  /** Those that left, the longest gone first. */
  #gone: Map<number, Gone> | null = null

  constructor(speakers: Speakers, clock: Clock) {
    this.#speakers = speakers
    this.#clock = clock
  }

  /** Whether a walked update is of one client, of which this session is known to be the author: typing, at no cost. */
  isTyping(peer: Peer, scan: UpdateScan): boolean {
    return scan.sectionCount === 1 && this.#isRecent(peer, scan.sectionClients[0]!)
  }

  /**
   * Whether no section of a walked update is of a client that is somebody else's ({@link isOthers}). `answers` says that
   * the update answers a step 1 of ours.
   */
  allow(peer: Peer, scan: UpdateScan, answers: boolean): boolean {
    const { sectionCount, sectionClients } = scan
    for (let section = 0; section < sectionCount; section++) {
      if (this.isOthers(peer, sectionClients[section]!)) return false
    }
    if (sectionCount === 1 && !answers) this.#wrote(peer, sectionClients[0]!, scan.clocks[0] === 0)
    return true
  }

  /** Whether the author of this client is another principal, and is here, or was a moment ago. */
  isOthers(peer: Peer, client: number): boolean {
    if (this.beside(peer, client) !== null) return true
    const gone = this.#gone?.get(client)
    if (gone === undefined || gone.principal === peer.principal) return false
    return this.#clock.now() - gone.at < AWAY_MS
  }

  /** The clients of a walked update, all of which {@link allow} allowed, that are not this session's own. */
  passedOn(peer: Peer, scan: UpdateScan): number[] {
    const clients = [...scan.sectionClients.subarray(0, scan.sectionCount)]
    return clients.filter((client) => !this.#isOwn(peer, client))
  }

  #isOwn(peer: Peer, client: number): boolean {
    const principal = this.#here?.get(client)?.peer?.principal ?? this.#gone?.get(client)?.principal
    return principal === peer.principal || this.#speakers.spokenBy(peer) === client
  }

  /** The session of another principal that is here, may write, and is the author of this client; or `null`. */
  beside(peer: Peer, client: number): Peer | null {
    const author = this.#besides(peer, client)
    // Who may not write any more cannot bring anything either.
    return author !== null && canWrite(author.access) ? author : null
  }

  #besides(peer: Peer, client: number): Peer | null {
    const author = this.#here?.get(client)?.peer ?? null
    if (author?.principal === peer.principal) return null
    if (author !== null && this.#mayBe(author, client)) return author
    if (this.#gone?.get(client)?.principal === peer.principal) return null
    const speaker = this.#speakers.speakerOf(client)
    return speaker === null || speaker.principal === peer.principal ? null : speaker
  }

  /** The session left, which spoke for `spoken`. */
  left(peer: Peer, spoken: number | null): void {
    if (!this.#retire(peer) && spoken !== null) this.#remember(spoken, peer)
  }

  #isRecent(peer: Peer, client: number): boolean {
    const author = this.#recent?.[client & (RECENT - 1)]
    return author?.client === client && author.peer === peer
  }

  /** Whether the session speaks for no other client. */
  #mayBe(peer: Peer, client: number): boolean {
    const spoken = this.#speakers.spokenBy(peer)
    return spoken === null || spoken === client
  }

  #wrote(peer: Peer, client: number, fromStart: boolean): void {
    if (!this.#mayBe(peer, client)) return
    const author = this.#here?.get(client)
    if (author?.peer === peer) return this.#noteRecent(author)
    const before = author?.peer?.principal ?? this.#gone?.get(client)?.principal
    if (before !== undefined && before !== peer.principal) return
    // Without presence, only who is there from the start is more than somebody who passes on what others wrote.
    if (before === undefined && !fromStart && this.#speakers.spokenBy(peer) === null) return
    this.#retire(peer)
    if (author !== undefined) author.peer = null
    this.#add({ client, peer })
  }

  #add(author: Author): void {
    this.#gone?.delete(author.client)
    this.#here ??= new Map()
    this.#here.set(author.client, author)
    this.#noteRecent(author)
  }

  #noteRecent(author: Author): void {
    this.#recent ??= []
    this.#recent[author.client & (RECENT - 1)] = author
  }

  /** What the session writes as. There are as many authors as sessions that wrote, and this is asked once for each. */
  #authorOf(peer: Peer): Author | null {
    for (const author of this.#here?.values() ?? []) if (author.peer === peer) return author
    return null
  }

  /** The session writes as nobody any more. Returns whether it wrote as somebody. */
  #retire(peer: Peer): boolean {
    const author = this.#authorOf(peer)
    if (author === null) return false
    author.peer = null
    this.#here?.delete(author.client)
    this.#remember(author.client, peer)
    return true
  }

  #remember(client: number, { principal }: Peer): void {
    if (this.#here?.has(client) === true) return
    this.#gone ??= new Map()
    if ((this.#gone.get(client)?.principal ?? principal) !== principal) return
    this.#gone.delete(client)
    this.#gone.set(client, { principal, at: this.#clock.now() })
    if (this.#gone.size <= MAX_GONE) return
    for (const longest of this.#gone.keys()) {
      this.#gone.delete(longest)
      return
    }
  }
}

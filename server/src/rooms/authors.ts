import type { Clock, UpdateScan } from '@coscribe/shared'
import type { Author } from '@coscribe/storage'
import { canWrite } from './access.js'
import { KnownAuthors } from './known-authors.js'
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
export const AWAY_MS = 10_000
/** So many of the latest authors are found without a search; a power of two. */
const RECENT = 8

/** The session that writes as a client. */
interface Writer {
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
 * its principal is remembered, so that nobody else becomes the author of that client.
 *
 * Of who has a lasting id that is known for good, from the first update that is taken: it goes to the disk with that
 * update. Of everybody else nothing outlives the room.
 */
export class Authors {
  readonly #speakers: Speakers
  readonly #clock: Clock
  // A room in which nobody types has none of these.
  #here: Map<number, Writer> | null = null
  /** By the last bits of the client. */
  #recent: (Writer | undefined)[] | null = null
  /** Those that left, the longest gone first. */
  #gone: Map<number, Gone> | null = null
  /** Those that are known for good; `null` for none. */
  #known: KnownAuthors | null
  readonly #openedAt: number

  constructor(speakers: Speakers, clock: Clock, known: KnownAuthors | null) {
    this.#speakers = speakers
    this.#clock = clock
    this.#known = known
    // Whole, or it would be an object of its own.
    this.#openedAt = Math.floor(clock.now())
  }

  /** Whether a walked update is of one client, of which this session is known to be the author: typing, at no cost. */
  isTyping(peer: Peer, scan: UpdateScan): boolean {
    return scan.sectionCount === 1 && this.#isRecent(peer, scan.sectionClients[0]!)
  }

  /** Whether no section of a walked update is of a client that is somebody else's ({@link isOthers}). */
  allow(peer: Peer, scan: UpdateScan): boolean {
    const { sectionCount, sectionClients } = scan
    for (let section = 0; section < sectionCount; section++) {
      if (this.isOthers(peer, sectionClients[section]!)) return false
    }
    return true
  }

  /**
   * A walked update of this session is taken, which {@link allow} allowed. `answers` says that it answers a step 1 of
   * ours. Returns whom that makes the author of a client for good, if anybody.
   */
  wrote(peer: Peer, scan: UpdateScan, answers: boolean): Author | null {
    const client = this.#ownIn(peer, scan, answers)
    if (client === null || !this.#becomes(peer, client, scan.clocks[0] === 0)) return null
    const subject = peer.authorId ?? ''
    if (subject === '' || (this.#known?.get(client) ?? null) !== null) return null
    this.#known ??= new KnownAuthors()
    this.#known.add(client, subject)
    return { client, subject }
  }

  /** The client of an update that may be the session's own. */
  #ownIn(
    peer: Peer,
    { sectionCount, sectionClients }: UpdateScan,
    answers: boolean,
  ): number | null {
    const spoken = this.#speakers.spokenBy(peer)
    if (spoken === null) return answers || sectionCount !== 1 ? null : sectionClients[0]!
    return sectionClients.subarray(0, sectionCount).includes(spoken) ? spoken : null
  }

  /** Whether the author of this client is another principal, and is here, or was a moment ago. */
  isOthers(peer: Peer, client: number): boolean {
    if (this.beside(peer, client) !== null) return true
    if (this.#wasAuthor(peer, client) !== false) return false
    // Who was here before a restart may be on the way back.
    const leftAt = this.#gone?.get(client)?.at ?? this.#openedAt
    return this.#clock.now() - leftAt < AWAY_MS
  }

  /** The clients of a walked update, which was allowed and taken, that are not this session's own. */
  passedOn(peer: Peer, scan: UpdateScan): number[] {
    const clients = [...scan.sectionClients.subarray(0, scan.sectionCount)]
    return clients.filter((client) => !this.#isOwn(peer, client))
  }

  /** Whether a session that is another client only passes on what is known to be somebody else's. */
  isRelay(peer: Peer, client: number): boolean {
    const spoken = this.#speakers.spokenBy(peer)
    return spoken !== null && spoken !== client && this.#isAuthor(peer, client) === false
  }

  /** Whether a session with a lasting id is not known for good as the author of a client. */
  isDoubtful({ authorId = '' }: Peer, client: number): boolean {
    return authorId !== '' && this.#known?.get(client) !== authorId
  }

  #isOwn(peer: Peer, client: number): boolean {
    if (this.#isAuthor(peer, client) === true) return true
    return this.#speakers.spokenBy(peer) === client && (this.#known?.get(client) ?? null) === null
  }

  /** Whether the session is of the principal that is the author of a client; `null` if nobody is known to be. */
  #isAuthor(peer: Peer, client: number): boolean | null {
    const here = this.#here?.get(client)?.peer ?? null
    return here === null ? this.#wasAuthor(peer, client) : here.principal === peer.principal
  }

  /** The same of a client that nobody who is here writes as. */
  #wasAuthor(peer: Peer, client: number): boolean | null {
    const subject = this.#known?.get(client) ?? null
    if (subject !== null) return subject === peer.authorId
    const gone = this.#gone?.get(client)
    return gone === undefined ? null : gone.principal === peer.principal
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
    if (this.#wasAuthor(peer, client) === true) return null
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

  /** Whether the session, which is a client or nobody in presence, is the author of that client now and was not before. */
  #becomes(peer: Peer, client: number, fromStart: boolean): boolean {
    const author = this.#here?.get(client)
    if (author?.peer === peer) {
      this.#noteRecent(author)
      return false
    }
    if (!(this.#isAuthor(peer, client) ?? this.#mayBecome(peer, client, fromStart))) return false
    this.#retire(peer)
    if (author !== undefined) author.peer = null
    this.#add({ client, peer })
    return true
  }

  /** Whether the session may be the author of a client of which nobody is known to be that. */
  #mayBecome(peer: Peer, client: number, fromStart: boolean): boolean {
    const speaker = this.#speakers.speakerOf(client)
    // Who may only read has not written as theirs yet, and can when they may write.
    if (speaker !== null && speaker.principal !== peer.principal) return false
    // Without presence, only who is there from the start is more than somebody who passes on what others wrote.
    return fromStart || this.#speakers.spokenBy(peer) !== null
  }

  #add(author: Writer): void {
    this.#gone?.delete(author.client)
    this.#here ??= new Map()
    this.#here.set(author.client, author)
    this.#noteRecent(author)
  }

  #noteRecent(author: Writer): void {
    this.#recent ??= []
    this.#recent[author.client & (RECENT - 1)] = author
  }

  /** What the session writes as. There are as many authors as sessions that wrote, and this is asked once for each. */
  #authorOf(peer: Peer): Writer | null {
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

  #remember(client: number, peer: Peer): void {
    if (this.#here?.has(client) === true || this.#wasAuthor(peer, client) === false) return
    this.#gone ??= new Map()
    this.#gone.delete(client)
    this.#gone.set(client, { principal: peer.principal, at: this.#clock.now() })
    if (this.#gone.size <= MAX_GONE) return
    for (const longest of this.#gone.keys()) {
      this.#gone.delete(longest)
      return
    }
  }
}

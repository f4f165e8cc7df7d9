import { hash } from 'node:crypto'
import type { Access, Clock, Random } from '@coscribe/shared'
import type { Identity } from '../auth/authenticator.js'
import type { Grants } from '../auth/grants.js'
import { isGuest } from '../auth/links.js'
import { Headcount } from './headcount.js'

/** How long a ticket is good for, in milliseconds: a page asks for one in order to connect with it. */
export const TICKET_MS = 30_000
/**
 * Tickets that are good at the same time: of one subject, who may have many tabs; of the guests of all share links to a
 * document, as who administers that can make many links; and of all.
 */
const MAX_OF_SUBJECT = 100
const MAX_OF_GUESTS = 1_000
const MAX_TICKETS = 10_000

const TICKET_BYTES = 32
/** By this a ticket is known as one wherever it should not be, such as in a log. */
const PREFIX = 'cst_'

/** A ticket as it is handed out. */
export interface Ticket {
  readonly ticket: string
  /** Wall-clock milliseconds. */
  readonly expiresAt: number
}

/** Somebody who came with a ticket: they may do what they may do with its document, and nothing else. */
export class TicketHolder implements Identity {
  readonly subject: string
  readonly tokenId: string
  readonly issuedAt?: number
  readonly name?: string
  readonly expiresAt: number
  readonly grants: Grants
  /** As the authenticator knows them, who may be asked about them again. */
  readonly identity: Identity
  readonly documentId: string

  constructor(identity: Identity, documentId: string, access: Access) {
    this.identity = identity
    this.documentId = documentId
    this.subject = identity.subject
    this.tokenId = identity.tokenId
    if (identity.issuedAt !== undefined) this.issuedAt = identity.issuedAt
    if (identity.name !== undefined) this.name = identity.name
    this.expiresAt = identity.expiresAt
    this.grants = { documents: new Map([[documentId, access]]), prefixes: new Map() }
  }
}

interface Issued {
  readonly identity: TicketHolder
  readonly expiresAt: number
}

export interface TicketSetup {
  readonly clock: Clock
  readonly random: Random
  /** Default 10,000. */
  readonly maxTickets?: number
  /** Default 100. */
  readonly maxOfSubject?: number
  /** Default 1,000. */
  readonly maxOfGuests?: number
}

/**
 * Tickets for one connection to one document each. They stand in addresses, which end up in the logs of whoever is on
 * the way: by then they are used, or half a minute old.
 */
export class Tickets {
  readonly #setup: TicketSetup
  /** By their hashes, so that a picture of this memory opens nothing; the oldest first, which is also the first to end. */
  readonly #issued = new Map<string, Issued>()
  readonly #bySubject: Headcount
  /** Those of guests, by document. */
  readonly #ofGuests: Headcount

  constructor(setup: TicketSetup) {
    this.#setup = setup
    this.#bySubject = new Headcount(setup.maxOfSubject ?? MAX_OF_SUBJECT)
    this.#ofGuests = new Headcount(setup.maxOfGuests ?? MAX_OF_GUESTS)
  }

  /** Tickets that are neither used nor cleared away. */
  get size(): number {
    return this.#issued.size
  }

  /** A ticket with which `identity` may do this much with this document and nothing else; `null` is one too many. */
  issue(identity: Identity, documentId: string, access: Access): Ticket | null {
    const { clock, random, maxTickets = MAX_TICKETS } = this.#setup
    this.#clearAway()
    if (this.#issued.size >= maxTickets || !this.#enter(identity.subject, documentId)) return null
    const ticket = PREFIX + Buffer.from(random.bytes(TICKET_BYTES)).toString('base64url')
    const expiresAt = Math.min(identity.expiresAt, clock.wallTime() + TICKET_MS)
    const holder = new TicketHolder(identity, documentId, access)
    this.#issued.set(keyOf(ticket), { identity: holder, expiresAt })
    return { ticket, expiresAt }
  }

  /** Whose ticket it is, once; `null` if it is used, over, or none. */
  take(ticket: string): Identity | null {
    const key = keyOf(ticket)
    const issued = this.#issued.get(key)
    if (issued === undefined) return null
    this.#drop(key, issued)
    return issued.expiresAt > this.#setup.clock.wallTime() ? issued.identity : null
  }

  #clearAway(): void {
    const now = this.#setup.clock.wallTime()
    for (const [key, issued] of this.#issued) {
      if (issued.expiresAt > now) return
      this.#drop(key, issued)
    }
  }

  /** Counts one more, if that is allowed. */
  #enter(subject: string, documentId: string): boolean {
    if (!this.#bySubject.enter(subject)) return false
    if (!isGuest(subject) || this.#ofGuests.enter(documentId)) return true
    this.#bySubject.leave(subject)
    return false
  }

  #drop(key: string, { identity: { subject, documentId } }: Issued): void {
    this.#issued.delete(key)
    this.#bySubject.leave(subject)
    if (isGuest(subject)) this.#ofGuests.leave(documentId)
  }
}

function keyOf(ticket: string): string {
  return hash('sha256', ticket)
}

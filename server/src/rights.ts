import { checkDocumentId, type Access, type Clock } from '@coscribe/shared'
import type { Audit, AuditEvent } from './audit.js'
import { isAccess } from './auth/levels.js'
import type { Links, ShareLink } from './auth/links.js'
import { concerns, type Revocations, type Ruling } from './auth/revocations.js'
import type { Gate } from './transport/gate.js'
import {
  evict,
  infoOf,
  type LiveSession,
  type LiveSessions,
  type SessionInfo,
} from './transport/live-sessions.js'
import { isRefusal, type Refusal } from './transport/refusal.js'

/** Whose credentials are taken back: by exactly one of these, and of one document or of all. */
export type RevocationTarget =
  | { readonly subject: string; readonly document?: string }
  | { readonly tokenId: string; readonly document?: string }
  /** Of everybody. */
  | { readonly document: string }
  | { readonly everybody: true }

/** Whose rights to a document are set otherwise than their credentials say. */
export type AccessTarget =
  | { readonly subject: string; readonly document: string }
  | { readonly tokenId: string; readonly document: string }

export interface RevocationOptions {
  /**
   * Wall-clock milliseconds: credentials issued up to then are concerned; now when absent, and at most an hour ahead.
   * A token says when it was issued in whole seconds as a rule, so one issued in the second of the revocation is
   * concerned. Where it does not say so, it is.
   */
  readonly before?: number
}

/** Who makes a change, for the audit log. */
export interface DecidedBy {
  /** Their subject; absent for the program around the server. */
  readonly by?: string
}

/** What became of a change of rights, which is in force and remembered when it is told. */
export interface RightsChange {
  /** How many sessions it ended or changed. */
  readonly sessions: number
  /**
   * Whether edits that had come before it are still waiting for the disk, which has not taken them in time: they may be
   * committed later. Without this, nothing of these sessions is.
   */
  readonly pending: boolean
}

/** What is asked of the rooms. */
export interface SettlingRooms {
  /** Resolves when what was received for a document (empty: for all) is on disk, or was given up: with which of these. */
  settled(documentId: string): Promise<boolean>
}

/** What is asked of titles and the trash. */
interface SettlingDocuments {
  /** Resolves when what is being written at the moment is on disk, or is not. */
  settled(): Promise<void>
}

export interface RightsSetup {
  readonly gate: Gate
  readonly revocations: Revocations
  readonly links: Links
  readonly audit: Audit
  readonly live: LiveSessions
  readonly rooms: SettlingRooms
  readonly documents: SettlingDocuments
  readonly clock: Clock
}

/** How long a change waits for the disk, in milliseconds. */
const SETTLE_MS = 5_000
const MAX_AHEAD_MS = 3_600_000

/** The credential is as good as before, yet a client that came back by itself would not have been put out at all. */
const ENDED: Refusal = Object.freeze({ name: 'forbidden', reason: 'this session was ended' })

/**
 * Changes of rights while people write. One is in force for whatever comes next in the turn in which it is made; what
 * came before was taken and shown to others already, and could not be taken back from them. So it is answered when all
 * that is on disk: between the two nothing is committed of who was put out.
 */
export class Rights {
  readonly #setup: RightsSetup

  constructor(setup: RightsSetup) {
    this.#setup = setup
  }

  /**
   * Ends the sessions that go by the credentials concerned, and lets nobody in by one of these any more.
   *
   * @throws TypeError or RangeError for a target or moment that cannot be meant
   * @throws CoscribeError `storage-unavailable` when it is in force and could not be kept: a restart would forget it
   */
  async revoke(
    target: RevocationTarget,
    { before, by }: RevocationOptions & DecidedBy = {},
  ): Promise<RightsChange> {
    const parts = partsOf(target)
    const now = this.#now()
    const moment = checkedMoment(before ?? now, now)
    // A token id is of one credential, whenever that was issued: it is remembered from now on.
    const ruling = {
      ...parts,
      before: parts.tokenId === '' ? moment : now,
      access: 'none',
    } as const
    return this.#decide(ruling, by)
  }

  /**
   * Sets what holders of the credentials concerned may do with a document, more or less than these say; sessions go on
   * with it. A newer credential decides for itself again.
   *
   * @throws as {@link revoke}
   */
  async setAccess(
    target: AccessTarget,
    access: Access,
    { by }: DecidedBy = {},
  ): Promise<RightsChange> {
    const parts = partsOf(target)
    if (parts.documentId === '') throw new TypeError('access is set for one document')
    if (parts.subject === '' && parts.tokenId === '') throw new TypeError('whose access is set?')
    if (!isAccess(access)) throw new TypeError(`no access: ${String(access)}`)
    return this.#decide({ ...parts, before: this.#now(), access }, by)
  }

  /**
   * Ends one session. It may come back by the same credential. `null` when there is none of this id.
   */
  async endSession(sessionId: string, { by }: DecidedBy = {}): Promise<RightsChange | null> {
    const live = this.#setup.live.find(sessionId)
    if (live === null) return null
    this.#record(live, 'session-ended', by)
    evict(live, ENDED)
    return { sessions: 1, pending: await this.#pending(live.documentId) }
  }

  /** Takes a share link back, from who came by it and from the list. */
  async revokeLink(link: ShareLink, { by }: DecidedBy = {}): Promise<RightsChange> {
    const { id: tokenId, documentId } = link
    // Of its own document, which is the only one that it opens: rulings about all documents are an operator's.
    const target = { tokenId, document: documentId }
    const change = await this.revoke(target, by === undefined ? {} : { by })
    await this.#setup.links.delete(link)
    this.#setup.audit.record({ event: 'link-revoked', tokenId, documentId, ...named(by) })
    return change
  }

  /** Those that are open, or those of them that are wanted. */
  sessions(wanted: (session: SessionInfo) => boolean = () => true): SessionInfo[] {
    const found: SessionInfo[] = []
    for (const live of this.#setup.live) {
      const session = infoOf(live)
      if (wanted(session)) found.push(session)
    }
    return found
  }

  session(sessionId: string): SessionInfo | null {
    const live = this.#setup.live.find(sessionId)
    return live === null ? null : infoOf(live)
  }

  async #decide(ruling: Ruling, by: string | undefined): Promise<RightsChange> {
    const { revocations, audit } = this.#setup
    audit.record({ ...eventOf(ruling), ...named(by) })
    let sessions = 0
    for (const inForce of revocations.decide(ruling)) sessions += this.#apply(inForce)
    sessions += this.#takeBackLinks(ruling, by)
    const [, pending] = await Promise.all([revocations.save(), this.#pending(ruling.documentId)])
    return { sessions, pending }
  }

  /** Who may not administer a document any more has no links to it, by which to come back. They stay listed. */
  #takeBackLinks({ subject, documentId }: Ruling, by: string | undefined): number {
    const { links, revocations, audit } = this.#setup
    if (subject === '') return 0
    let sessions = 0
    for (const link of links.madeBy(subject, documentId)) {
      const gone = { subject: '', tokenId: link.id, documentId: link.documentId }
      const ruling = { ...gone, before: this.#now(), access: 'none' } as const
      for (const inForce of revocations.decideAnyway(ruling)) sessions += this.#apply(inForce)
      const { id: tokenId, documentId: document } = link
      audit.record({ event: 'link-revoked', tokenId, documentId: document, ...named(by) })
    }
    return sessions
  }

  #apply(ruling: Ruling): number {
    let changed = 0
    for (const live of this.#setup.live) if (this.#touches(ruling, live)) changed++
    return changed
  }

  #touches(ruling: Ruling, live: LiveSession): boolean {
    const { documentId, session, tenure } = live
    if (tenure === null || !concerns(ruling, tenure.identity)) return false
    if (ruling.documentId !== '' && ruling.documentId !== documentId) return false
    const access = this.#setup.gate.admit(tenure.identity, documentId)
    if (!isRefusal(access) && access === session.access) return false
    this.#record(live, isRefusal(access) ? 'session-ended' : 'access-set')
    if (isRefusal(access)) evict(live, access)
    else session.allow(access)
    return true
  }

  #record(live: LiveSession, event: 'session-ended' | 'access-set', by?: string): void {
    const { subject, tokenId, documentId, address } = infoOf(live)
    this.#setup.audit.record({ event, subject, tokenId, documentId, address, ...named(by) })
  }

  /** Whether what was received is not on disk after a while. */
  #pending(documentId: string): Promise<boolean> {
    const { rooms, documents, clock } = this.#setup
    return new Promise((resolve, reject) => {
      const cancel = clock.after(SETTLE_MS, () => resolve(true))
      Promise.all([rooms.settled(documentId), documents.settled()])
        .then(([isOnDisk]) => resolve(!isOnDisk), reject)
        .finally(cancel)
    })
  }

  #now(): number {
    return Math.floor(this.#setup.clock.wallTime())
  }
}

function eventOf({ subject, tokenId, documentId, access }: Ruling): AuditEvent {
  return {
    event: access === 'none' ? 'revoked' : 'access-set',
    ...(subject === '' ? {} : { subject }),
    ...(tokenId === '' ? {} : { tokenId }),
    ...(documentId === '' ? {} : { documentId }),
    access,
  }
}

function named(by: string | undefined): { readonly by?: string } {
  return by === undefined ? {} : { by }
}

function checkedMoment(before: number, now: number): number {
  if (!Number.isSafeInteger(before) || before < 0 || before > now + MAX_AHEAD_MS) {
    throw new RangeError(`no moment up to an hour ahead, in milliseconds: ${before}`)
  }
  return before
}

/** @throws TypeError for one that says nothing, or too much */
function partsOf(
  target: RevocationTarget | AccessTarget,
): Pick<Ruling, 'subject' | 'tokenId' | 'documentId'> {
  const { subject, tokenId, document, everybody } = target as Readonly<Record<string, unknown>>
  const who = [subject, tokenId, everybody].filter((given) => given !== undefined)
  if (who.length > 1) throw new TypeError('one of subject, tokenId and everybody')
  if (who.length === 0 && document === undefined) throw new TypeError('nobody is named')
  if (everybody !== undefined && (everybody !== true || document !== undefined)) {
    throw new TypeError('everybody is true, and stands alone')
  }
  for (const name of [subject, tokenId, document]) {
    if (name !== undefined && (typeof name !== 'string' || name === '')) {
      throw new TypeError('a subject, a token id and a document are texts that are not empty')
    }
  }
  if (typeof document === 'string') checkDocumentId(document)
  return {
    subject: (subject as string | undefined) ?? '',
    tokenId: (tokenId as string | undefined) ?? '',
    documentId: (document as string | undefined) ?? '',
  }
}

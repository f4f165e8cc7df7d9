import { CoscribeError, type Access, type Clock } from '@coscribe/shared'
import type { Logger } from '../log.js'
import type { Identity } from './authenticator.js'
import { KeptList } from './kept-list.js'
import { isAccess, lower } from './levels.js'

/**
 * A decision about credentials that are out already: those of `subject`, or with `tokenId`, or everybody's where both
 * are empty, and for `documentId` only, or for all documents where it is empty.
 */
export interface Ruling {
  readonly subject: string
  readonly tokenId: string
  readonly documentId: string
  /** Credentials issued up to this wall-clock millisecond; those of a token id whenever they were issued. */
  readonly before: number
  /** What they may do instead of what they say. For all documents only `none`. */
  readonly access: Access
}

export interface RevocationsSetup {
  /** The file they are kept in; `null`: in memory only. */
  readonly path: string | null
  /** How long a credential may live after it was issued, in milliseconds. */
  readonly maxLifeMs: number
  readonly clock: Clock
  readonly logger: Logger
  /** Most rulings about all documents; default 10,000. */
  readonly max?: number
  /** Most rulings about one document; default 1,000. */
  readonly maxOfDocument?: number
  /** Most rulings about single documents, of all of these together; default 20,000. */
  readonly maxOfDocuments?: number
}

const MAX = 10_000
const MAX_OF_DOCUMENT = 1_000
const MAX_OF_DOCUMENTS = 20_000
/** Of those that are there at a bound, the part that is replaced by one about everybody. */
const FOLDED_SHARE = 1 / 4
/** How far the clock that credentials are issued by may be ahead of ours, in milliseconds. */
const SKEW_MS = 60_000

/**
 * Who was put out, and whose rights were changed, since their credential was issued. A ruling is forgotten when every
 * credential that it is about has ended, which is known because none may live longer than `maxLifeMs`.
 *
 * When there are too many to be kept, the oldest become one about everybody: whoever came with a credential as old as
 * these has to bring a newer one. Nobody who was put out gets in by that. Those about one document become one about that
 * document: who administers it decides about no other.
 */
export class Revocations {
  readonly #setup: RevocationsSetup
  readonly #list: KeptList<Ruling>
  readonly #byKey = new Map<string, Ruling>()

  constructor(setup: RevocationsSetup) {
    this.#setup = setup
    this.#list = new KeptList(setup.path, rulingFrom, () => [...this.#byKey.values()])
  }

  get size(): number {
    return this.#byKey.size
  }

  /**
   * Reads what was decided before a restart.
   *
   * @throws CoscribeError `store-damaged`, `store-newer` or `storage-unavailable`: nobody is let in then
   */
  async load(): Promise<void> {
    for (const ruling of await this.#list.read()) this.#byKey.set(keyOf(ruling), ruling)
    this.#forget()
  }

  /**
   * Puts a ruling in force at once. Returns it with those that it made necessary.
   *
   * @returns what is in force now and was not before; call {@link save} to have it kept
   * @throws CoscribeError `rate-limited` when there are too many about single documents; it is not in force
   */
  decide(ruling: Ruling): readonly Ruling[] {
    this.#forget()
    if (ruling.documentId !== '' && !this.#hasRoom(keyOf(ruling))) {
      throw new CoscribeError('rate-limited', 'too many rights to single documents were changed')
    }
    return this.decideAnyway(ruling)
  }

  /** As {@link decide}, of what is bounded elsewhere and must not fail: it goes along with a ruling that is in force. */
  decideAnyway(ruling: Ruling): readonly Ruling[] {
    const key = keyOf(ruling)
    const before = Math.max(ruling.before, this.#byKey.get(key)?.before ?? 0)
    // The last place, for those that are equally old.
    this.#byKey.delete(key)
    this.#byKey.set(key, { ...ruling, before })
    const folded = this.#fold(ruling.documentId)
    return folded === null ? [{ ...ruling, before }] : [folded, { ...ruling, before }]
  }

  /**
   * Resolves when all rulings are on disk.
   *
   * @throws CoscribeError `storage-unavailable`: they are in force, and would be forgotten at a restart
   */
  save(): Promise<void> {
    return this.#list.save()
  }

  /** Whether rulings are remembered for as long as this credential lives; one from the future they would not reach. */
  covers({ issuedAt, expiresAt }: Identity): boolean {
    const now = this.#setup.clock.wallTime()
    if (issuedAt !== undefined && issuedAt > now + SKEW_MS) return false
    return expiresAt - (issuedAt ?? now) <= this.#setup.maxLifeMs
  }

  /**
   * What was decided about a credential and a document (empty: about all documents), the least of it; `null`: nothing,
   * what the credential says is right.
   */
  accessFor(identity: Identity, documentId: string): Access | null {
    if (this.#byKey.size === 0) return null
    let access: Access | null = null
    for (const key of keysFor(identity, documentId)) {
      const ruling = this.#byKey.get(key)
      if (ruling === undefined || !reaches(ruling, identity)) continue
      access = access === null ? ruling.access : lower(access, ruling.access)
    }
    return access
  }

  /** The documents about which something was decided that concerns this credential. */
  documentsOf(identity: Identity): string[] {
    const found: string[] = []
    for (const ruling of this.#byKey.values()) {
      if (ruling.documentId !== '' && concerns(ruling, identity)) found.push(ruling.documentId)
    }
    return found
  }

  #forget(): void {
    const { clock, maxLifeMs } = this.#setup
    const over = clock.wallTime() - maxLifeMs - SKEW_MS
    for (const [key, { before }] of this.#byKey) if (before < over) this.#byKey.delete(key)
  }

  #hasRoom(key: string): boolean {
    const { maxOfDocuments = MAX_OF_DOCUMENTS } = this.#setup
    if (this.#byKey.has(key) || this.#byKey.size < maxOfDocuments) return true
    let count = 0
    for (const { documentId } of this.#byKey.values()) if (documentId !== '') count++
    return count < maxOfDocuments
  }

  /** Makes one of the oldest about a document (empty: about all), if there are too many of these. */
  #fold(documentId: string): Ruling | null {
    const { max = MAX, maxOfDocument = MAX_OF_DOCUMENT, logger } = this.#setup
    const most = documentId === '' ? max : maxOfDocument
    if (this.#byKey.size <= most) return null
    const all = [...this.#byKey].filter(([, ruling]) => ruling.documentId === documentId)
    if (all.length <= most) return null
    const oldest = all
      .toSorted(([, one], [, other]) => one.before - other.before)
      .slice(0, Math.max(2, Math.ceil(most * FOLDED_SHARE)))
    for (const [key] of oldest) this.#byKey.delete(key)
    const everybody = { subject: '', tokenId: '', documentId, access: 'none' } as const
    const key = keyOf(everybody)
    const newest = Math.max(...oldest.map(([, { before }]) => before))
    const before = Math.max(newest, this.#byKey.get(key)?.before ?? 0)
    const folded = { ...everybody, before }
    this.#byKey.set(key, folded)
    logger.warn(
      { rulings: oldest.length, before, documentId },
      'too many revocations: every credential as old as the oldest of them is refused',
    )
    return folded
  }
}

/** Whether a ruling is about this credential, for some document at least. */
export function concerns(ruling: Ruling, identity: Identity): boolean {
  const { subject, tokenId } = ruling
  if (subject !== '' && subject !== identity.subject) return false
  if (tokenId !== '' && tokenId !== identity.tokenId) return false
  return reaches(ruling, identity)
}

/**
 * Of when a credential is nothing is known: it counts as old as can be. Who is put out stays out also with one whose
 * issuer's clock is ahead of ours.
 */
function reaches({ tokenId, before, access }: Ruling, { issuedAt }: Identity): boolean {
  const latest = access === 'none' ? before + SKEW_MS : before
  return tokenId !== '' || issuedAt === undefined || issuedAt <= latest
}

function* keysFor({ subject, tokenId }: Identity, documentId: string): Generator<string> {
  for (const about of documentId === '' ? [''] : ['', documentId]) {
    yield keyOf({ subject: '', tokenId: '', documentId: about })
    yield keyOf({ subject, tokenId: '', documentId: about })
    if (tokenId !== '') yield keyOf({ subject: '', tokenId, documentId: about })
  }
}

function keyOf({ subject, tokenId, documentId }: Omit<Ruling, 'before' | 'access'>): string {
  return JSON.stringify([subject, tokenId, documentId])
}

function rulingFrom(value: unknown): Ruling | null {
  if (typeof value !== 'object' || value === null) return null
  const { subject, tokenId, documentId, before, access } = value as Record<string, unknown>
  if (typeof subject !== 'string' || typeof tokenId !== 'string') return null
  if (typeof documentId !== 'string' || !Number.isSafeInteger(before)) return null
  if (!isAccess(access)) return null
  return { subject, tokenId, documentId, before: before as number, access }
}

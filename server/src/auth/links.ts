import { randomHex, type Access, type Clock, type Random } from '@coscribe/shared'
import { isAccess } from './levels.js'
import { KeptList } from './kept-list.js'
import type { JwtKey } from './jwt-keys.js'
import { signToken } from './sign-token.js'

/** A token for whoever has it, as it is listed; the token itself is told once and not kept. */
export interface ShareLink {
  /** Also the id of the token; its subject is `link:` and this. */
  readonly id: string
  readonly documentId: string
  readonly access: Access
  /** The subject that made it. */
  readonly by: string
  /** Wall-clock milliseconds. */
  readonly madeAt: number
  readonly expiresAt: number
}

export interface LinksSetup {
  /** The file they are kept in; `null`: in memory only. */
  readonly path: string | null
  /** What tokens are signed with; `null` where the server has no secret. */
  readonly key: JwtKey | null
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
  readonly random: Random
  /** Most links to one document, and in all. Default 100 and 10,000. */
  readonly maxPerDocument?: number
  readonly max?: number
}

export interface NewLink {
  readonly documentId: string
  readonly access: Access
  readonly ttlSeconds: number
  /** Whose subject it is made in the name of. */
  readonly by: string
}

/** Why there is no link: the server cannot sign, or there are too many. */
export type LinkFault = 'no-secret' | 'too-many'

const MAX_PER_DOCUMENT = 100
const MAX = 10_000

/** The share links that are out. They are signed tokens like all others; only listing them needs a memory. */
export class Links {
  readonly #setup: LinksSetup
  readonly #list: KeptList<ShareLink>
  readonly #byId = new Map<string, ShareLink>()

  constructor(setup: LinksSetup) {
    this.#setup = setup
    this.#list = new KeptList(setup.path, linkFrom, () => [...this.#byId.values()])
  }

  /** @throws CoscribeError `store-damaged`, `store-newer` or `storage-unavailable` */
  async load(): Promise<void> {
    for (const link of await this.#list.read()) this.#byId.set(link.id, link)
  }

  /**
   * Makes a link. It is on disk before its token is told, so that every link that is out can be listed.
   *
   * @throws CoscribeError `storage-unavailable`
   */
  async make(wanted: NewLink): Promise<{ link: ShareLink; token: string } | LinkFault> {
    const { key, clock, random, issuer, audience } = this.#setup
    if (key === null) return 'no-secret'
    if (!this.#hasRoom(wanted.documentId)) return 'too-many'
    const { documentId, access, by, ttlSeconds } = wanted
    const nowSeconds = Math.floor(clock.wallTime() / 1_000)
    const id = randomHex(random, 16)
    const [madeAt, expiresAt] = [nowSeconds * 1_000, (nowSeconds + ttlSeconds) * 1_000]
    const link: ShareLink = { id, documentId, access, by, madeAt, expiresAt }
    this.#byId.set(id, link)
    try {
      await this.#list.save()
    } catch (error) {
      this.#byId.delete(id)
      throw error
    }
    const who = { subject: subjectOf(id), tokenId: id, issuer, audience }
    const what = { documents: [documentId], prefixes: [], access, nowSeconds, ttlSeconds }
    return { link, token: await signToken(key, { ...who, ...what }) }
  }

  /** Those to a document that are still good, the oldest first. */
  of(documentId: string): readonly ShareLink[] {
    this.#forget()
    return [...this.#byId.values()].filter((link) => link.documentId === documentId)
  }

  /** Those that somebody has made, to one document or (empty) to all. */
  madeBy(subject: string, documentId: string): readonly ShareLink[] {
    this.#forget()
    return [...this.#byId.values()].filter(
      (link) => link.by === subject && (documentId === '' || link.documentId === documentId),
    )
  }

  /** One of {@link of}. */
  get(documentId: string, id: string): ShareLink | null {
    const link = this.#byId.get(id)
    return link?.documentId === documentId ? link : null
  }

  /**
   * Takes a link off the list, once its token was revoked.
   *
   * @throws CoscribeError `storage-unavailable`
   */
  async delete({ id }: ShareLink): Promise<void> {
    this.#byId.delete(id)
    await this.#list.save()
  }

  #hasRoom(documentId: string): boolean {
    const { maxPerDocument = MAX_PER_DOCUMENT, max = MAX } = this.#setup
    return this.of(documentId).length < maxPerDocument && this.#byId.size < max
  }

  #forget(): void {
    const now = this.#setup.clock.wallTime()
    for (const [id, { expiresAt }] of this.#byId) if (expiresAt <= now) this.#byId.delete(id)
  }
}

const GUEST = 'link:'
const GUEST_ID_LENGTH = 16

function subjectOf(id: string): string {
  return `${GUEST}${id}`
}

/** What others are told that one guest of a link is, by what tells that one from all others: 64 bits of it. */
export function guestId(proof: string): string {
  return subjectOf(proof.slice(0, GUEST_ID_LENGTH))
}

/**
 * Whether a subject is a share link's: whoever has it, so two of this subject are strangers to each other. An
 * application that gives its own people such a subject takes rights of theirs away, and gives them none.
 */
export function isGuest(subject: string): boolean {
  return subject.startsWith(GUEST)
}

function linkFrom(value: unknown): ShareLink | null {
  if (typeof value !== 'object' || value === null) return null
  const { id, documentId, access, by, madeAt, expiresAt } = value as Record<string, unknown>
  if (typeof id !== 'string' || typeof documentId !== 'string' || typeof by !== 'string')
    return null
  if (!Number.isSafeInteger(madeAt) || !Number.isSafeInteger(expiresAt)) return null
  if (!isAccess(access)) return null
  return { id, documentId, access, by, madeAt: madeAt as number, expiresAt: expiresAt as number }
}

import { recordOf, type ApiClient, type Outcome } from '../api-client.js'
import { pathTo } from '../documents-api.js'

/** What a link lets its holders do. */
export type LinkLevel = 'read' | 'write'

/** A link that is out. Times are wall-clock milliseconds. */
export interface SharedLink {
  readonly id: string
  readonly level: LinkLevel
  readonly expiresAt: number
}

/** A link that was made just now; its token is told this once. */
export interface MadeLink extends SharedLink {
  readonly token: string
}

/** The links to one document. No method rejects. */
export class LinksApi {
  readonly #client: ApiClient
  readonly #path: string

  constructor(client: ApiClient, documentId: string) {
    this.#client = client
    this.#path = `${pathTo(documentId)}/links`
  }

  list(): Promise<Outcome<readonly SharedLink[]>> {
    return this.#client.ask({ method: 'GET', path: this.#path, read: linksFrom })
  }

  /** @param ttlSeconds how long it is good */
  make(level: LinkLevel, ttlSeconds: number): Promise<Outcome<MadeLink>> {
    const body = { access: level, ttl: ttlSeconds }
    return this.#client.ask({ method: 'POST', path: this.#path, body, read: madeFrom })
  }

  /** Takes it back; who came in by it is put out. */
  revoke(id: string): Promise<Outcome<true>> {
    const path = `${this.#path}/${encodeURIComponent(id)}`
    return this.#client.ask({ method: 'DELETE', path, read: () => true })
  }
}

function linksFrom(answer: unknown): readonly SharedLink[] | null {
  const { links } = recordOf(answer)
  return Array.isArray(links) ? links.flatMap((one: unknown) => linkFrom(one) ?? []) : null
}

function linkFrom(answer: unknown): SharedLink | null {
  const { id, access, expiresAt } = recordOf(answer)
  if (typeof id !== 'string' || typeof expiresAt !== 'number') return null
  // Until there are comments, who may comment reads.
  return { id, level: access === 'write' ? 'write' : 'read', expiresAt }
}

function madeFrom(answer: unknown): MadeLink | null {
  const link = linkFrom(answer)
  const { token } = recordOf(answer)
  return link === null || typeof token !== 'string' ? null : { ...link, token }
}

import { MAX_TITLE, type Access } from '@coscribe/shared'
import { recordOf, type ApiClient, type Outcome } from './api-client.js'

/** One document as the server lists it for this person. Times are wall-clock milliseconds. */
export interface ListedDocument {
  readonly id: string
  /** Empty when it has none. */
  readonly title: string
  readonly access: Access
  readonly updatedAt: number
  /** `null` when it is not in the trash. */
  readonly trashedAt: number | null
}

/** Which documents are wanted. */
export interface DocumentQuery {
  /** Part of the title; empty for all. */
  readonly search: string
  /** Where the page before ended. */
  readonly cursor?: string
  /** Those in the trash instead of the others. */
  readonly trashed: boolean
}

/** A page of documents, those changed last first. */
export interface DocumentBatch {
  readonly documents: readonly ListedDocument[]
  /** Where the next page begins, or `null` when there is none. */
  readonly cursor: string | null
  /** How many days a document stays in the trash; `null` where that has no end, or is not about the trash. */
  readonly keptDays: number | null
}

/** Documents that are asked for at a time. */
const BATCH = 50
const LEVELS: readonly Access[] = ['none', 'read', 'comment', 'write', 'admin']

/** The server's documents, as far as this person may see them. No method rejects. */
export class DocumentsApi {
  readonly #client: ApiClient

  constructor(client: ApiClient) {
    this.#client = client
  }

  list({ search, cursor, trashed }: DocumentQuery): Promise<Outcome<DocumentBatch>> {
    const query = new URLSearchParams({ limit: String(BATCH) })
    if (search !== '') query.set('search', search)
    if (cursor !== undefined) query.set('cursor', cursor)
    if (trashed) query.set('trashed', 'true')
    return this.#client.ask({ method: 'GET', path: `/documents?${query}`, read: batchFrom })
  }

  /** A new document; the server chooses its id. */
  create(): Promise<Outcome<ListedDocument>> {
    return this.#client.ask({ method: 'POST', path: '/documents', body: {}, read: documentFrom })
  }

  get(id: string): Promise<Outcome<ListedDocument>> {
    return this.#client.ask({ method: 'GET', path: pathTo(id), read: documentFrom })
  }

  rename(id: string, title: string): Promise<Outcome<ListedDocument>> {
    return this.#client.ask({
      method: 'PATCH',
      path: pathTo(id),
      body: { title },
      read: documentFrom,
    })
  }

  /** Puts it into the trash. */
  trash(id: string): Promise<Outcome<true>> {
    return this.#client.ask({ method: 'DELETE', path: pathTo(id), read: () => true })
  }

  /** Takes it out of the trash. */
  restore(id: string): Promise<Outcome<true>> {
    const path = `${pathTo(id)}/restore`
    return this.#client.ask({ method: 'POST', path, body: {}, read: () => true })
  }
}

/** Of a document in the API; its slashes are part of one segment. */
export function pathTo(id: string): string {
  return `/documents/${encodeURIComponent(id)}`
}

function batchFrom(answer: unknown): DocumentBatch | null {
  const { documents, cursor, keptDays } = recordOf(answer)
  if (!Array.isArray(documents)) return null
  return {
    documents: documents.flatMap((one: unknown) => documentFrom(one) ?? []),
    cursor: typeof cursor === 'string' ? cursor : null,
    keptDays: typeof keptDays === 'number' ? keptDays : null,
  }
}

function documentFrom(answer: unknown): ListedDocument | null {
  const { id, title, access, updatedAt, trashedAt } = recordOf(answer)
  const level = LEVELS.find((one) => one === access)
  if (typeof id !== 'string' || level === undefined) return null
  return {
    id,
    title: typeof title === 'string' ? title.slice(0, MAX_TITLE) : '',
    access: level,
    updatedAt: timeOf(updatedAt) ?? 0,
    trashedAt: timeOf(trashedAt),
  }
}

/** Of RFC 3339; `null` for what is no time. */
function timeOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isNaN(time) ? null : time
}

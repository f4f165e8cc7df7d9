import { CoscribeError } from '@coscribe/shared'
import type { ShareLink } from '../../auth/links.js'
import type { ApiParts } from './api-parts.js'
import { route, type ApiAnswer, type ApiRoute } from './api-route.js'
import { answered } from './live-routes.js'
import type { Problem } from './problem.js'

const MINUTE_SECONDS = 60
const DAY_SECONDS = 24 * 3_600
const DEFAULT_TTL_SECONDS = 7 * DAY_SECONDS
const LEVELS = ['read', 'comment', 'write'] as const
const PATH = '/documents/{document}/links'
const ADMIN = { atLeast: 'admin', documentIn: 'document' } as const

/** Links to a document for whoever has them: made, listed and taken back by who administers it. */
export function linkRoutes(parts: ApiParts): readonly ApiRoute[] {
  const { rights, links, maxTokenLifeDays } = parts
  return [
    route({
      method: 'POST',
      path: PATH,
      access: ADMIN,
      body: {
        access: { type: 'text', maxLength: 10 },
        ttl: {
          type: 'integer',
          min: MINUTE_SECONDS,
          max: maxTokenLifeDays * DAY_SECONDS,
          optional: true,
        },
      },
      handle: ({ identity, parameters: { document = '' }, body }) => {
        const access = LEVELS.find((level) => level === body.access)
        if (access === undefined) return NO_LEVEL
        const ttlSeconds = body.ttl ?? Math.min(DEFAULT_TTL_SECONDS, maxTokenLifeDays * DAY_SECONDS)
        return made(parts, { documentId: document, access, ttlSeconds, by: identity.subject })
      },
    }),
    route({
      method: 'GET',
      path: PATH,
      access: ADMIN,
      body: null,
      handle: ({ parameters: { document = '' } }) => ({
        status: 200,
        value: { links: links.of(document).map(shown) },
      }),
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/{link}`,
      access: ADMIN,
      body: null,
      handle: ({ identity, parameters: { document = '', link: id = '' } }) => {
        const link = links.get(document, id)
        if (link === null) return NO_LINK
        return answered(() => rights.revokeLink(link, { by: identity.subject }))
      },
    }),
  ]
}

async function made(
  { links, audit }: ApiParts,
  wanted: Parameters<ApiParts['links']['make']>[0],
): Promise<ApiAnswer | Problem> {
  try {
    const outcome = await links.make(wanted)
    if (outcome === 'no-secret') return NO_SECRET
    if (outcome === 'too-many') return TOO_MANY
    const { link, token } = outcome
    const { id: tokenId, documentId, access, by } = link
    audit.record({ event: 'link-made', tokenId, documentId, access, by })
    return { status: 201, value: { ...shown(link), token } }
  } catch (error) {
    if (error instanceof CoscribeError && error.code === 'storage-unavailable') return NOT_MADE
    throw error
  }
}

function shown({ id, access, by, madeAt, expiresAt }: ShareLink): object {
  return { id, access, by, madeAt, expiresAt }
}

const NO_LEVEL: Problem = Object.freeze({
  problem: 'bad-body',
  detail: 'access is read, comment or write',
})
const NO_LINK: Problem = Object.freeze({
  problem: 'not-found',
  detail: 'this document has no such link',
})
const NO_SECRET: Problem = Object.freeze({
  problem: 'conflict',
  detail: 'the server has no secret to sign links with; whoever signs its tokens can make one',
})
const TOO_MANY: Problem = Object.freeze({
  problem: 'conflict',
  detail: 'there are too many links; take some back, or wait for some to end',
})
const NOT_MADE: Problem = Object.freeze({
  problem: 'not-kept',
  detail: 'the server cannot write to its disk at the moment; no link was made',
})

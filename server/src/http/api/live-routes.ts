import { CoscribeError } from '@coscribe/shared'
import type { Identity } from '../../auth/authenticator.js'
import { isGuest } from '../../auth/links.js'
import type { RevocationTarget, RightsChange } from '../../rights.js'
import { isRefusal } from '../../transport/refusal.js'
import type { SessionInfo } from '../../transport/live-sessions.js'
import type { ApiParts } from './api-parts.js'
import { route, type ApiAnswer, type ApiRoute } from './api-route.js'
import type { Problem } from './problem.js'

/** As long as a token may say who somebody is. */
const MAX_NAME_LENGTH = 255
const MAX_DOCUMENT_LENGTH = 255
const DEFAULT_PAGE = 100
const MAX_PAGE = 1_000

/** Who is here, putting people out, and changing what they may do while they write. */
export function liveRoutes(parts: ApiParts): readonly ApiRoute[] {
  const { rights } = parts
  return [
    route({
      method: 'GET',
      path: '/sessions',
      access: 'identified',
      body: null,
      handle: ({ identity, query }) => listed(parts, identity, query),
    }),
    route({
      method: 'GET',
      path: '/sessions/{id}',
      access: 'identified',
      body: null,
      handle: async ({ identity, parameters: { id = '' } }) => {
        const session = await managed(parts, identity, id)
        return session === null ? NO_SESSION : { status: 200, value: session }
      },
    }),
    route({
      method: 'DELETE',
      path: '/sessions/{id}',
      access: 'identified',
      body: null,
      handle: async ({ identity, parameters: { id = '' } }) => {
        if ((await managed(parts, identity, id)) === null) return NO_SESSION
        // It may have ended by itself meanwhile.
        const change = await rights.endSession(id, { by: identity.subject })
        return change === null ? NO_SESSION : { status: 200, value: change }
      },
    }),
    route({
      method: 'POST',
      path: '/revocations',
      access: 'identified',
      body: {
        subject: { type: 'text', maxLength: MAX_NAME_LENGTH, optional: true },
        tokenId: { type: 'text', maxLength: MAX_NAME_LENGTH, optional: true },
        document: { type: 'text', maxLength: MAX_DOCUMENT_LENGTH, optional: true },
      },
      handle: ({ identity, body }) => revoked(parts, identity, body),
    }),
    route({
      method: 'PUT',
      path: '/documents/{document}/access',
      access: ADMIN,
      body: {
        subject: { type: 'text', maxLength: MAX_NAME_LENGTH, optional: true },
        tokenId: { type: 'text', maxLength: MAX_NAME_LENGTH, optional: true },
        access: { type: 'text', maxLength: 10 },
      },
      handle: ({ identity, body: { subject, tokenId, access }, parameters: { document = '' } }) => {
        const level = LEVELS.find((one) => one === access)
        const who = whoOf({ subject, tokenId })
        if (level === undefined || who === null) return UNCLEAR
        const options = { by: identity.subject }
        return answered(() => rights.setAccess({ ...who, document }, level, options))
      },
    }),
  ]
}

const ADMIN = { atLeast: 'admin', documentIn: 'document' } as const
/** What can be given to others; who administers decides that by the tokens it signs. */
const LEVELS = ['none', 'read', 'comment', 'write'] as const

/** What was not kept is in force all the same, which the answer must say. */
export async function answered(change: () => Promise<RightsChange>): Promise<ApiAnswer | Problem> {
  try {
    return { status: 200, value: await change() }
  } catch (error) {
    if (!(error instanceof CoscribeError)) throw error
    if (error.code === 'storage-unavailable') return NOT_KEPT
    if (error.code === 'rate-limited') return { problem: 'too-many', detail: error.message }
    if (error.code === 'bad-document-id') return { problem: 'bad-request', detail: error.message }
    throw error
  }
}

/** Whether somebody administers a document, also where that is decided document by document. */
async function administers(
  { gate }: ApiParts,
  identity: Identity,
  documentId: string,
): Promise<boolean> {
  if (gate.isOperator(identity)) return true
  const known = await gate.consult(identity, documentId)
  return !isRefusal(known) && gate.admit(known, documentId) === 'admin'
}

/** Tells of documents whether somebody administers them, by what their credential says. */
function administering({ gate }: ApiParts, identity: Identity): (documentId: string) => boolean {
  if (gate.isOperator(identity)) return () => true
  const known = new Map<string, boolean>()
  return (documentId) => {
    const is = known.get(documentId) ?? gate.admit(identity, documentId) === 'admin'
    known.set(documentId, is)
    return is
  }
}

/** Names in a request, where there may be some. */
interface Named {
  readonly subject: string | undefined
  readonly tokenId: string | undefined
  readonly document: string | undefined
}

async function revoked(
  parts: ApiParts,
  identity: Identity,
  body: Named,
): Promise<ApiAnswer | Problem> {
  const { document } = body
  const target = targetOf(body)
  if (target === null) return UNCLEAR
  const mayDo =
    document === undefined
      ? parts.gate.isOperator(identity)
      : await administers(parts, identity, document)
  if (!mayDo) return NOT_THEIRS
  return answered(() => parts.rights.revoke(target, { by: identity.subject }))
}

/** Whom a request is about; `null` when it names nobody, or two. */
function targetOf({ subject, tokenId, document }: Named): RevocationTarget | null {
  if (subject === undefined && tokenId === undefined) {
    return document === undefined ? null : { document }
  }
  const who = whoOf({ subject, tokenId })
  return who === null || document === undefined ? who : { ...who, document }
}

/** Exactly one of them. */
function whoOf({
  subject,
  tokenId,
}: Omit<Named, 'document'>): { readonly subject: string } | { readonly tokenId: string } | null {
  if (subject === undefined) return tokenId === undefined ? null : { tokenId }
  return tokenId === undefined ? { subject } : null
}

/** Whether a session of this subject is theirs. Guests of a share link are strangers who have its subject in common. */
function isOwn(identity: Identity, subject: string): boolean {
  return subject !== '' && subject === identity.subject && !isGuest(subject)
}

/** The session of this id, if it is theirs or of a document that they administer. */
async function managed(
  parts: ApiParts,
  identity: Identity,
  id: string,
): Promise<SessionInfo | null> {
  const session = parts.rights.session(id)
  if (session === null || isOwn(identity, session.subject)) return session
  return (await administers(parts, identity, session.documentId)) ? session : null
}

/**
 * A page of sessions, by id: their own, and those of documents that they administer; where that is decided document by
 * document, those of the one that is named.
 */
async function listed(
  parts: ApiParts,
  identity: Identity,
  query: URLSearchParams,
): Promise<ApiAnswer | Problem> {
  const after = query.get('after') ?? ''
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) return BAD_PAGE
  const document = query.get('document')
  const ofNamed = document !== null && (await administers(parts, identity, document))
  const administersIt = ofNamed ? () => true : administering(parts, identity)
  const found = parts.rights
    .sessions(
      ({ id, subject, documentId }) =>
        id > after &&
        (document === null || documentId === document) &&
        (isOwn(identity, subject) || administersIt(documentId)),
    )
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const sessions = found.slice(0, limit)
  const next = found.length > limit ? (sessions.at(-1)?.id ?? null) : null
  return { status: 200, value: { sessions, next } }
}

const NO_SESSION: Problem = Object.freeze({
  problem: 'not-found',
  detail: 'there is no session of this id that you may see',
})
const NOT_THEIRS: Problem = Object.freeze({
  problem: 'forbidden',
  detail: 'this needs admin access to the document, or, for all documents, to every prefix',
})
const UNCLEAR: Problem = Object.freeze({
  problem: 'bad-body',
  detail:
    'name a subject or a tokenId, or only a document to revoke; access is none, read, comment or write',
})
const NOT_KEPT: Problem = Object.freeze({
  problem: 'not-kept',
  detail: 'it is in force, and would be forgotten if the server restarted now; try again',
})
const BAD_PAGE: Problem = Object.freeze({
  problem: 'bad-request',
  detail: `limit is a whole number from 1 to ${MAX_PAGE}`,
})

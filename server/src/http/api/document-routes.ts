import { CoscribeError, MAX_DOCUMENT_ID_BYTES, MAX_TITLE, type Access } from '@coscribe/shared'
import type { DocumentInfo } from '@coscribe/storage'
import type { Asker } from '../../asker.js'
import type { Identity } from '../../auth/authenticator.js'
import type { DocumentFault } from '../../documents.js'
import type { Gate } from '../../transport/gate.js'
import { drawnId } from './drawn-id.js'
import { accessToDocument } from './document-access.js'
import { listSeen } from './document-list.js'
import { SealedCursors } from './sealed-cursor.js'
import type { ApiParts } from './api-parts.js'
import { route, type ApiAnswer, type ApiRoute, type DocumentAccess } from './api-route.js'
import { isProblem, type Problem } from './problem.js'

const PATH = '/documents'
const ONE = '/documents/{document}'
const DEFAULT_PAGE = 50
const MAX_PAGE = 200
/** As much as anybody types; what is kept of it is less. */
const MAX_TITLE_LENGTH = 10 * MAX_TITLE
const MAX_SEARCH_LENGTH = 200

const TITLE = { type: 'text', maxLength: MAX_TITLE_LENGTH, allowEmpty: true } as const

/** Documents as things that one lists, names, throws away and brings back. */
export function documentRoutes(parts: ApiParts): readonly ApiRoute[] {
  const { documents, gate } = parts
  const cursors = new SealedCursors()
  return [
    route({
      method: 'GET',
      path: PATH,
      access: 'identified',
      withoutAuthentication: true,
      body: null,
      handle: ({ identity, query }) => listed(parts, cursors, identity, query),
    }),
    route({
      method: 'POST',
      path: PATH,
      access: 'identified',
      withoutAuthentication: true,
      body: {
        id: { type: 'text', maxLength: MAX_DOCUMENT_ID_BYTES, optional: true },
        title: { ...TITLE, optional: true },
      },
      handle: async ({ identity, body: { id, title = '' } }) => {
        const documentId = id ?? drawnId(parts, identity)
        const access = await accessToDocument(gate, identity, documentId, 'write')
        if (typeof access !== 'string') return access
        if (Buffer.byteLength(documentId) > parts.documentIdBytes) return tooLong(parts)
        return answered(documentId, access, 201, () =>
          documents.create(documentId, title, askerOf(gate, identity, documentId, 'write')),
        )
      },
    }),
    route({
      method: 'GET',
      path: ONE,
      access: { atLeast: 'read', documentIn: 'document' },
      withoutAuthentication: true,
      body: null,
      handle: ({ access, parameters: { document = '' } }) =>
        answered(document, access, 200, async () => (await documents.find(document)) ?? 'absent'),
    }),
    route({
      method: 'PATCH',
      path: ONE,
      access: { atLeast: 'write', documentIn: 'document' },
      withoutAuthentication: true,
      body: { title: TITLE },
      handle: ({ identity, access, parameters: { document = '' }, body: { title } }) =>
        answered(document, access, 200, () =>
          documents.retitle(document, title, askerOf(gate, identity, document, 'write'), false),
        ),
    }),
    route({
      method: 'DELETE',
      path: ONE,
      access: { atLeast: 'admin', documentIn: 'document' },
      withoutAuthentication: true,
      body: null,
      handle: ({ identity, access, parameters: { document = '' } }) =>
        answered(document, access, 200, () =>
          documents.trash(document, askerOf(gate, identity, document, 'admin')),
        ),
    }),
    route({
      method: 'POST',
      path: `${ONE}/restore`,
      access: { atLeast: 'admin', documentIn: 'document' },
      withoutAuthentication: true,
      body: {},
      handle: ({ identity, access, parameters: { document = '' } }) =>
        answered(document, access, 200, () =>
          documents.restore(document, askerOf(gate, identity, document, 'admin')),
        ),
    }),
  ]
}

function askerOf(
  gate: Gate,
  identity: Identity,
  documentId: string,
  atLeast: DocumentAccess['atLeast'],
): Asker {
  const by = identity.subject === '' ? null : identity.subject
  return { by, stillMay: () => gate.stillMay(identity, documentId, atLeast) }
}

async function listed(
  { documents, gate, trashDays }: ApiParts,
  cursors: SealedCursors,
  identity: Identity,
  query: URLSearchParams,
): Promise<ApiAnswer | Problem> {
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE)
  const search = query.get('search') ?? ''
  const trashed = query.get('trashed') ?? 'false'
  const cursor = query.get('cursor')
  const after = cursor === null ? null : cursors.open(cursor)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) return BAD_PAGE
  if (search.length > MAX_SEARCH_LENGTH) return BAD_PAGE
  if (trashed !== 'true' && trashed !== 'false') return BAD_PAGE
  if (cursor !== null && after === null) return BAD_CURSOR
  const wanted = { trashed: trashed === 'true', search, after, limit }
  const page = await listSeen(documents, gate, identity, wanted)
  const value = {
    documents: page.documents.map((each) => shown(each.documentId, each.access, each.info)),
    cursor: page.next === null ? null : cursors.seal(page.next),
    ...(wanted.trashed ? { keptDays: trashDays === 0 ? null : trashDays } : {}),
  }
  return { status: 200, value }
}

async function answered(
  documentId: string,
  access: Access,
  status: number,
  act: () => Promise<DocumentInfo | DocumentFault>,
): Promise<ApiAnswer | Problem> {
  const outcome = await attempted(act)
  if (typeof outcome === 'string') return problems[outcome]
  return isProblem(outcome) ? outcome : { status, value: shown(documentId, access, outcome) }
}

async function attempted(
  act: () => Promise<DocumentInfo | DocumentFault>,
): Promise<DocumentInfo | DocumentFault | Problem> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof CoscribeError)) throw error
    if (error.code === 'storage-unavailable') return NOT_KEPT
    if (error.code === 'document-unavailable') return DAMAGED
    throw error
  }
}

/** A document as the API shows it; a time that nobody wrote down is `null`. */
function shown(id: string, access: Access, info: DocumentInfo): object {
  const { title, createdAt, updatedAt, trashedAt } = info
  return {
    id,
    title,
    access,
    createdAt: isoOf(createdAt),
    updatedAt: isoOf(updatedAt),
    trashedAt: isoOf(trashedAt),
  }
}

function isoOf(time: number | null): string | null {
  return time === null || time === 0 ? null : new Date(time).toISOString()
}

function tooLong({ documentIdBytes }: ApiParts): Problem {
  const detail = `a document id cannot be longer than ${documentIdBytes} bytes`
  return { problem: 'bad-request', detail }
}

const problems: Readonly<Record<DocumentFault, Problem>> = Object.freeze({
  absent: { problem: 'not-found', detail: 'there is no document of this id' },
  exists: { problem: 'exists', detail: 'there is a document of this id; choose another' },
  trashed: { problem: 'trashed', detail: 'restore the document first' },
  forbidden: { problem: 'forbidden', detail: 'the right to do this was taken back meanwhile' },
  busy: { problem: 'conflict', detail: 'the document is on its way to the trash; try again' },
})
const NOT_KEPT: Problem = Object.freeze({
  problem: 'not-kept',
  detail: 'the server cannot write to its disk at the moment; try again',
})
const DAMAGED: Problem = Object.freeze({
  problem: 'conflict',
  detail: 'the document is damaged and was set aside; its operator can look at it',
})
const BAD_PAGE: Problem = Object.freeze({
  problem: 'bad-request',
  detail:
    `limit is a whole number from 1 to ${MAX_PAGE}, search has at most ${MAX_SEARCH_LENGTH} ` +
    'characters, trashed is true or false',
})
const BAD_CURSOR: Problem = Object.freeze({
  problem: 'bad-request',
  detail: 'the cursor is not of this run of the server; begin without one',
})

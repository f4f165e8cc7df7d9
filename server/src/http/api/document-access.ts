import { documentIdFault, type Access } from '@coscribe/shared'
import type { Identity } from '../../auth/authenticator.js'
import { reaches } from '../../auth/levels.js'
import type { Gate } from '../../transport/gate.js'
import { isRefusal } from '../../transport/refusal.js'
import { problemOf, type Problem } from './problem.js'

/** Who asks where nobody is asked who they are: anybody on this machine, who may do everything. */
export const ANYBODY: Identity = Object.freeze({
  subject: '',
  tokenId: '',
  expiresAt: Infinity,
  grants: {
    documents: new Map<string, Access>(),
    prefixes: new Map<string, Access>([['', 'admin']]),
  },
})

/** What somebody may do with a document, if that is at least so much. It does not matter whether there is one. */
export async function accessToDocument(
  gate: Gate,
  identity: Identity,
  documentId: string,
  atLeast: Exclude<Access, 'none'>,
): Promise<Access | Problem> {
  const fault = documentIdFault(documentId)
  if (fault !== null) return { problem: 'bad-request', detail: fault }
  if (gate.isOpen) return 'admin'
  if (atLeast === 'admin' && gate.isOperator(identity)) return 'admin'
  const known = await gate.consult(identity, documentId)
  const access = isRefusal(known) ? known : gate.admit(known, documentId)
  if (isRefusal(access)) return problemOf(access)
  if (reaches(access, atLeast)) return access
  return { problem: 'forbidden', detail: `this needs ${atLeast} access to the document` }
}

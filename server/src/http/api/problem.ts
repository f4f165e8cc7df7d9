import type { CloseName } from '@coscribe/shared'
import type { Identity } from '../../auth/authenticator.js'
import type { Refusal } from '../../transport/refusal.js'

interface ProblemKind {
  readonly status: number
  /** One line for people, the same for every problem of the kind. */
  readonly title: string
}

/** Every kind of problem that the API answers with; the names are stable, as the last part of `type`. */
const kinds = {
  'bad-request': { status: 400, title: 'The request cannot be used' },
  'bad-body': { status: 400, title: 'The body cannot be used' },
  'not-authenticated': { status: 401, title: 'A valid credential is needed' },
  forbidden: { status: 403, title: 'This credential does not allow that' },
  'foreign-origin': { status: 403, title: 'Pages of this site may not use this server' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'switched-off': { status: 404, title: 'This server does not offer that' },
  'method-not-allowed': { status: 405, title: 'This method is not possible here' },
  overloaded: { status: 503, title: 'The server has too much to do' },
  exists: { status: 409, title: 'There is one already' },
  trashed: { status: 409, title: 'It is in the trash' },
  conflict: { status: 409, title: 'This cannot be done as things are' },
  'too-slow': { status: 408, title: 'The body did not arrive in time' },
  'too-large': { status: 413, title: 'The request is too large' },
  'not-json': { status: 415, title: 'Only JSON is understood' },
  'too-many': { status: 429, title: 'There are too many at the moment' },
  internal: { status: 500, title: 'The server met an error it did not expect' },
  'not-kept': { status: 503, title: 'The disk does not take it' },
} as const satisfies Record<string, ProblemKind>

type ProblemName = keyof typeof kinds

/** Why something was not done, for a program by its kind and for a person in one sentence. */
export interface Problem {
  readonly problem: ProblemName
  /** What to do, or why; never anything of a credential. */
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of the kind's own, where a lower part has chosen one. */
  readonly status?: number
  /** Whose credential was refused, for the audit log alone. */
  readonly identity?: Identity
}

export function isProblem(outcome: object): outcome is Problem {
  return 'problem' in outcome
}

/** The status a problem is answered with. */
export function statusOf({ problem, status }: Problem): number {
  return status ?? kinds[problem].status
}

/** A problem as RFC 9457 writes it. */
export function problemDocument(problem: Problem): Readonly<Record<string, string | number>> {
  return {
    type: `urn:coscribe:problem:${problem.problem}`,
    title: kinds[problem.problem].title,
    status: statusOf(problem),
    detail: problem.detail,
  }
}

/** What is answered where everybody may write, and so nobody is anybody. */
export const NOBODY_IS_ASKED: Problem = Object.freeze({
  problem: 'not-authenticated',
  detail:
    'this server asks nobody who they are; the operator can change that with --auth-secret-file',
})

const byRefusal: Partial<Record<CloseName, ProblemName>> = {
  'not-authenticated': 'not-authenticated',
  forbidden: 'forbidden',
}

/** What a WebSocket would be closed with, as an answer. */
export function problemOf({ name, reason, identity }: Refusal): Problem {
  const problem = { problem: byRefusal[name] ?? 'internal', detail: reason } as const
  return identity === undefined ? problem : { ...problem, identity }
}

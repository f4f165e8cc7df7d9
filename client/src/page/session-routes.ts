import { reasonOf } from '../phrases/reasons.js'
import { words } from './words.js'

/** Who is signed in, as the server says. */
export interface SignedIn {
  /** The person or program. */
  readonly subject: string
  /** By which others see them, whatever they call themselves; absent where the credential says none. */
  readonly name?: string
  /** Wall-clock milliseconds. */
  readonly expiresAt: number
}

/** What the server answered when it was asked to take a token, or who is signed in. */
export type SessionAnswer =
  | { readonly kind: 'signed-in'; readonly session: SignedIn }
  /** Not by this token, or nobody; with why, for people. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** This server keeps no sessions: whoever has a token brings it with each connection. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreachable' }

const ADDRESS = '/api/v1/session'
const PATIENCE_MS = 10_000
const MAX_REASON_LENGTH = 200
/** No such route, cookies that are switched off, or a token that no browser keeps as one. */
const ABSENT = new Set([404, 405, 413, 501])

/** Exchanges a token for the server's cookie, which no script can read. Never rejects. */
export function signIn(token: string): Promise<SessionAnswer> {
  return ask('POST', { 'Content-Type': 'application/json' }, JSON.stringify({ token }))
}

/** Who the cookie of this browser says it is, or whose this token is. Never rejects. */
export function whoIsSignedIn(token?: string): Promise<SessionAnswer> {
  return ask('GET', token === undefined ? {} : { Authorization: `Bearer ${token}` })
}

/** Takes the cookie back. Resolves to whether the server has; never rejects. */
export async function signOut(): Promise<boolean> {
  const answer = await ask('DELETE')
  return answer.kind !== 'unreachable'
}

async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<SessionAnswer> {
  try {
    const response = await fetch(ADDRESS, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    return await answerOf(response)
  } catch {
    // No network, no answer in time, or an answer that is not JSON: of a proxy in between.
    return { kind: 'unreachable' }
  }
}

async function answerOf(response: Response): Promise<SessionAnswer> {
  if (ABSENT.has(response.status)) return { kind: 'absent' }
  if (response.status >= 500) return { kind: 'unreachable' }
  if (response.status === 204) return { kind: 'refused', reason: '' }
  const body = (await response.json()) as Readonly<Record<string, unknown>>
  if (!response.ok) return { kind: 'refused', reason: reasonIn(body) }
  const { subject, name, expiresAt } = body
  if (typeof subject !== 'string') return { kind: 'unreachable' }
  const session = { subject, ...fixedName(name), expiresAt: millisecondsOf(expiresAt) }
  return { kind: 'signed-in', session }
}

/** The name that a credential gives, if it is one. */
export function fixedName(name: unknown): { readonly name?: string } {
  return typeof name === 'string' && name !== '' ? { name } : {}
}

/** As number or text (RFC 3339); a time that cannot be read is over. */
function millisecondsOf(time: unknown): number {
  const known = typeof time === 'number' || typeof time === 'string'
  return known ? new Date(time).getTime() || 0 : 0
}

/** Of a problem (RFC 9457) the part that is about this case. */
function reasonIn({ type, detail, title }: Readonly<Record<string, unknown>>): string {
  const reason = typeof detail === 'string' ? detail : title
  if (typeof reason !== 'string' || reason === '') return ''
  const code = typeof type === 'string' ? type.slice(type.lastIndexOf(':') + 1) : ''
  return reasonOf({ code, message: reason.slice(0, MAX_REASON_LENGTH) }, words().status.reasons)
}

import { hash } from 'node:crypto'
import type { Identity } from '../../auth/authenticator.js'
import { factsOf } from '../../transport/audit-facts.js'
import { isRefusal } from '../../transport/refusal.js'
import { forgottenCookies, sessionCookie } from '../../transport/session-cookie.js'
import type { ApiParts } from './api-parts.js'
import { openRoute, route, type ApiAnswer, type ApiRoute } from './api-route.js'
import { NOBODY_IS_ASKED, problemOf, type Problem } from './problem.js'

/** As much as an authenticator looks at. */
const MAX_TOKEN_LENGTH = 8 * 1024

/** Signing in with a token, asking who one is, and signing out. */
export function sessionRoutes(parts: ApiParts): readonly ApiRoute[] {
  return [
    openRoute({
      method: 'POST',
      path: '/session',
      access: 'anybody',
      body: { token: { type: 'text', maxLength: MAX_TOKEN_LENGTH, optional: true } },
      handle: ({ credentials, body: { token }, secure, address }) =>
        signIn(parts, {
          credentials: token === undefined ? credentials : [...credentials, token],
          secure,
          address,
        }),
    }),
    route({
      method: 'GET',
      path: '/session',
      access: 'identified',
      body: null,
      handle: ({ identity, credentials }) => ({
        status: 200,
        value: session(identity, credentials),
      }),
    }),
    openRoute({
      method: 'DELETE',
      path: '/session',
      access: 'anybody',
      body: null,
      handle: ({ cookie, address }) => signOut(parts, cookie, address),
    }),
  ]
}

interface SignIn {
  readonly credentials: readonly string[]
  readonly secure: boolean
  readonly address: string
}

/**
 * Puts a token into a cookie. It is the token itself and not the key of a table: so it outlives a restart, is worth
 * nothing when the token is not, and whoever signs in a million times costs no memory.
 */
async function signIn(
  { gate, clock, cookies, audit }: ApiParts,
  { credentials, secure, address }: SignIn,
): Promise<ApiAnswer | Problem> {
  if (gate.isOpen) return NOBODY_IS_ASKED
  if (!cookies) return SWITCHED_OFF
  const identity = await gate.verify(credentials)
  if (isRefusal(identity)) return problemOf(identity)
  const maxAgeSeconds = Math.max(0, Math.floor((identity.expiresAt - clock.wallTime()) / 1_000))
  const cookie = sessionCookie(credentials[0] ?? '', { secure, maxAgeSeconds })
  if (cookie === null) return TOO_LONG
  audit.record({ event: 'signed-in', ...factsOf(identity, ''), address })
  return { status: 201, value: session(identity, credentials), headers: { 'Set-Cookie': cookie } }
}

/** Takes the cookie away. */
function signOut(parts: ApiParts, cookie: string | null, address: string): ApiAnswer {
  if (cookie !== null) void writeDown(parts, cookie, address)
  return { status: 204, headers: { 'Set-Cookie': forgottenCookies() } }
}

/** Nobody waits for it, or is told: whoever signs out by a cookie that is worth nothing has nothing any more either. */
async function writeDown(
  { gate, audit }: ApiParts,
  cookie: string,
  address: string,
): Promise<void> {
  const identity = await gate.verify([cookie])
  if (isRefusal(identity)) return
  audit.record({ event: 'signed-out', ...factsOf(identity, ''), address })
}

const SWITCHED_OFF: Problem = Object.freeze({
  problem: 'switched-off',
  detail: 'signing in by a cookie is off; the operator can start the server with --cookies on',
})
const TOO_LONG: Problem = Object.freeze({
  problem: 'too-large',
  detail: 'browsers keep no cookie of this size: make a token of less than 4,000 characters',
})

/** Who somebody is, as the API says it. */
function session(
  { subject, name, expiresAt }: Identity,
  [credential = '']: readonly string[],
): object {
  return {
    subject,
    ...(name === undefined ? {} : { name }),
    expiresAt,
    id: sessionId(credential),
  }
}

/** The same for as long as somebody uses one credential, which nobody can find by it. */
function sessionId(credential: string): string {
  return hash('sha256', `session:${credential}`).slice(0, 32)
}

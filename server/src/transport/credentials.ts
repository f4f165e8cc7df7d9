import type { IncomingHttpHeaders } from 'node:http'
import { isOriginTrusted, type OriginRules } from './origins.js'
import { credentialsInCookies, hasSessionCookie } from './session-cookie.js'
import type { UrlCredential } from './url-credentials.js'

/** A credential that a browser sent by itself. */
interface CookieCredential {
  readonly kind: 'cookie'
  readonly value: string
}

/**
 * As it came. What stood in an address is told apart, since less is allowed there, and what was in a cookie, since it
 * gives way to any other.
 */
export type Credential = string | UrlCredential | CookieCredential

/** What there is to verify in a credential. */
export function valueOf(credential: Credential): string {
  return typeof credential === 'string' ? credential : credential.value
}

/** Whether nothing was sent on purpose, but a cookie by itself. */
export function isAmbient([credential]: readonly Credential[]): boolean {
  return typeof credential === 'object' && credential.kind === 'cookie'
}

/** What a token begins with that travels as one of the offered subprotocols: all that a page in a browser can set. */
const TOKEN_PROTOCOL = 'coscribe.token.'

/** Shared by all connections that have brought none, or have had theirs verified. */
export const NO_CREDENTIALS: readonly never[] = Object.freeze([])

const BEARER = /^bearer +(.+)$/i

/** The credentials that a request brings on purpose. Other schemes are those of a proxy in between. */
export function credentialsOf(headers: IncomingHttpHeaders): readonly string[] {
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1]
  const offered = (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol.startsWith(TOKEN_PROTOCOL))
    .map((protocol) => protocol.slice(TOKEN_PROTOCOL.length))
  const all = bearer === undefined ? offered : [bearer, ...offered]
  return all.length === 0 ? NO_CREDENTIALS : all
}

export interface CookieRules {
  /** Whether a cookie can be a credential at all. */
  readonly cookies: boolean
  readonly rules: OriginRules
  /** As the request names this server. */
  readonly host: string | undefined
  /** Whether a request without an Origin may bring a cookie: browsers send none with what only reads from its own site. */
  readonly originOptional: boolean
}

/**
 * The credentials that a request comes with: the `explicit` ones, those that were sent on purpose, else the cookie, which
 * a browser sends by itself and whoever made it ask. `null` if there is only a cookie, and no page of ours or of a named site brought it.
 */
export function arrivingCredentials(
  explicit: readonly Credential[],
  headers: IncomingHttpHeaders,
  { cookies, rules, host, originOptional }: CookieRules,
): readonly Credential[] | null {
  if (explicit.length > 0 || !cookies || !hasSessionCookie(headers)) return explicit
  const { origin } = headers
  if (origin !== undefined) {
    const trusted = isOriginTrusted(origin, host, rules)
    return trusted ? inCookies(headers, origin.startsWith('https:')) : null
  }
  if (!originOptional || !isFirstParty(headers)) return null
  const secure = inCookies(headers, true)
  return secure.length > 0 ? secure : inCookies(headers, false)
}

function inCookies(headers: IncomingHttpHeaders, secure: boolean): readonly CookieCredential[] {
  return credentialsInCookies(headers, secure).map((value) => ({ kind: 'cookie', value }))
}

/** Whether a browser says that its own page asks, or a person; others say nothing. */
function isFirstParty({ 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return site === undefined || site === 'same-origin' || site === 'none'
}

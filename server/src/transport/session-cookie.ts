import type { IncomingHttpHeaders } from 'node:http'

/** By http a browser refuses the prefix; by https it is what keeps other hosts from setting the cookie (RFC 6265bis). */
const PLAIN = 'coscribe'
const SECURE = '__Host-coscribe'

/** The most that browsers take of a cookie, in bytes of its name and value; the rest of them drops it without a word. */
const MAX_COOKIE_BYTES = 4_096

/** The names under which it travels with a request of a page that was loaded by https, or not. */
function nameFor(secure: boolean): string {
  return secure ? SECURE : PLAIN
}

/** Whether a request brings a cookie of ours, good or bad. */
export function hasSessionCookie(headers: IncomingHttpHeaders): boolean {
  return valuesOf(headers, PLAIN).length + valuesOf(headers, SECURE).length > 0
}

/**
 * The credentials in the cookies of a request; more than one where something else on the same host has set a second.
 *
 * @param secure whether the page that sends it was loaded by https: cookies of the other kind are not looked at
 */
export function credentialsInCookies(headers: IncomingHttpHeaders, secure: boolean): string[] {
  return valuesOf(headers, nameFor(secure)).map(decoded)
}

/**
 * The `Set-Cookie` header that lets a browser carry a credential, or `null` when browsers would not keep it. Scripts
 * cannot read it, and no other site's page sends it along.
 */
export function sessionCookie(
  credential: string,
  { secure, maxAgeSeconds }: { readonly secure: boolean; readonly maxAgeSeconds: number },
): string | null {
  const pair = `${nameFor(secure)}=${encodeURIComponent(credential)}`
  if (pair.length > MAX_COOKIE_BYTES) return null
  return `${pair}; ${attributes(secure)}; Max-Age=${maxAgeSeconds}`
}

/** The headers that make a browser forget it, under either name. */
export function forgottenCookies(): readonly string[] {
  return [false, true].map((secure) => `${nameFor(secure)}=; ${attributes(secure)}; Max-Age=0`)
}

function attributes(secure: boolean): string {
  return `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
}

function valuesOf({ cookie = '' }: IncomingHttpHeaders, name: string): string[] {
  return cookie
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    // The one way to get here: escapes that are none. No credential of ours, and refused as such.
    return value
  }
}

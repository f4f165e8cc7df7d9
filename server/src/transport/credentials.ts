import type { IncomingHttpHeaders } from 'node:http'

/** What a token begins with that travels as one of the offered subprotocols: all that a page in a browser can set. */
const TOKEN_PROTOCOL = 'coscribe.token.'

/** Shared by all connections that have brought none, or have had theirs verified. */
export const NO_CREDENTIALS: readonly string[] = Object.freeze([])

const BEARER = /^bearer +(.+)$/i

/** The credentials that a request to become a WebSocket brings. Other schemes are those of a proxy in between. */
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

import type { IncomingMessage } from 'node:http'
import { isLoopbackHostHeader } from './loopback.js'
import { isOriginAllowed, type OriginRules } from './origins.js'
import { pathTarget, type RequestTarget } from './request-target.js'

/** An HTTP answer that refuses. */
export interface HttpRefusal {
  readonly status: number
  readonly reason: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What a request is told whose target is none that is known. */
export const NO_TARGET: HttpRefusal = { status: 400, reason: 'the request target must be a path' }

const MAX_URL_BYTES = 2 * 1024
const MAX_HEADERS = 100
/** Headers of which a second one means that somebody on the way sees another request than we do. */
const SINGLE = new Set([
  'host',
  'upgrade',
  'origin',
  'authorization',
  'sec-websocket-key',
  'sec-websocket-version',
])

/** What is wrong with any request that was sent to `target`, or `null`. */
export function checkRequest(
  request: IncomingMessage,
  target: RequestTarget,
  { loopbackOnly }: OriginRules,
): HttpRefusal | null {
  const refusal = checkShape(request)
  if (refusal !== null || !loopbackOnly || isLoopbackHostHeader(target.host)) return refusal
  return { status: 403, reason: 'without authentication this server answers loopback names only' }
}

function checkShape(request: IncomingMessage): HttpRefusal | null {
  const url = request.url ?? ''
  if (url.length > MAX_URL_BYTES) return { status: 414, reason: 'the address is too long' }
  if (request.rawHeaders.length > 2 * MAX_HEADERS) {
    return { status: 431, reason: `at most ${MAX_HEADERS} headers` }
  }
  const twice = duplicate(request.rawHeaders)
  if (twice !== null) return { status: 400, reason: `${twice} was sent twice` }
  if (request.headers.host === undefined) return { status: 400, reason: 'a Host header is needed' }
  return null
}

/** What is wrong with a request to become a WebSocket, or `null`. */
export function checkUpgrade(request: IncomingMessage, rules: OriginRules): HttpRefusal | null {
  const target = pathTarget(request)
  if (target === null) return NO_TARGET
  const refusal = checkRequest(request, target, rules)
  if (refusal !== null) return refusal
  if (request.method !== 'GET') return { status: 405, reason: 'a WebSocket begins with GET' }
  // The parser reads others too, whose rules about connections and bodies are not those of RFC 6455.
  if (request.httpVersion !== '1.1') return { status: 400, reason: 'a WebSocket needs HTTP/1.1' }
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
    return { status: 400, reason: 'only an upgrade to websocket is possible' }
  }
  if (request.headers['sec-websocket-version'] !== '13') {
    const headers = { 'Sec-WebSocket-Version': '13' }
    return { status: 426, reason: 'only version 13 of the WebSocket protocol', headers }
  }
  const { origin, host } = request.headers
  if (!isOriginAllowed(origin, host, rules)) {
    return { status: 403, reason: 'pages of this site may not connect to this server' }
  }
  return null
}

function duplicate(rawHeaders: readonly string[]): string | null {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (!SINGLE.has(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return null
}

/** A percent sign that begins no escape. URL parsers leave it as it is, so it arrives when somebody names a room "100%". */
const LONE_PERCENT = /%(?![\da-f]{2})/gi

/**
 * The document a path names, or why it names none. The query never gets further than this.
 * Slashes are part of an id; encoded ones mean the same.
 */
export function documentIdOf(url: string): string | HttpRefusal {
  const path = url.split('?', 1)[0] ?? ''
  let documentId: string
  try {
    documentId = decodeURIComponent(path.slice(1).replaceAll(LONE_PERCENT, '%25'))
  } catch {
    // The one way to get here: escapes that do not spell UTF-8.
    return { status: 400, reason: 'the path is not percent-encoded UTF-8' }
  }
  // Browsers resolve dot segments before they ask, so these come from no browser, and NUL from nobody honest.
  if (documentId.includes('\0') || /(?:^|\/)\.\.?(?:\/|$)/.test(documentId)) {
    return { status: 400, reason: 'the path has a dot segment or NUL' }
  }
  return documentId
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { decodeDocumentId } from '@coscribe/shared'
import type { RequestTarget } from '../transport/request-target.js'
import { encodings, type Encoding, type PageFile, type PageFiles } from './page-files.js'
import { alwaysHeaders } from './respond.js'

/** What a policy can name; a `Host` header that is anything else is left out of it. */
const NAMEABLE = /^[\w.-]+(?::\d+)?$/

/** The opaque part of an entity tag, whether it is weak or strong. */
const ENTITY_TAG = /"[^"]*"/g
const varying = { Vary: 'Accept-Encoding' }

/** The page's own scripts, styles and connections, and nothing else. */
function pagePolicy(host: string, ancestors: string): string {
  const sockets = NAMEABLE.test(host) ? ` ws://${host} wss://${host}` : ''
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Not every browser counts ws: of the same host as 'self'.
    `connect-src 'self'${sockets}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
    "require-trusted-types-for 'script'",
    'trusted-types lit-html coscribe coscribe-preview',
  ].join('; ')
}

/** What the page has no use for, so that nothing that gets into it has either. */
const PERMISSIONS = [
  'camera',
  'display-capture',
  'geolocation',
  'hid',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'serial',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ')

/** A worker's policy is its own: ours fetches from where it came. */
const WORKER_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
const ASSET_POLICY = "default-src 'none'; frame-ancestors 'none'"

/** The one script that pages of other origins load. */
const EMBED_PATH = '/coscribe-editor.js'
const WORKER_PATH = '/service-worker.js'
const SHELL_PATH = '/index.html'
const DOCUMENTS = '/d/'
/** The list of documents, the trash, and what becomes a new document. */
const PLACES: ReadonlySet<string> = new Set(['/', '/trash', '/new'])

/** Serves the built page: its shell at its places and at every `/d/<document id>`, and its files. */
export class Page {
  readonly #files: PageFiles
  /** As the policy names them. */
  readonly #ancestors: string

  /** @param ancestors origins whose pages may show it in a frame; by default none, not even its own */
  constructor(files: PageFiles, ancestors: ReadonlySet<string> = new Set()) {
    this.#files = files
    this.#ancestors = ancestors.size === 0 ? "'none'" : [...ancestors].join(' ')
  }

  /** Answers, or returns `false` when nothing of the page is at this path, which is one without a query. */
  respond(
    { path, host = '' }: RequestTarget,
    request: IncomingMessage,
    response: ServerResponse,
  ): boolean {
    const isShell = PLACES.has(path) || path.startsWith(DOCUMENTS)
    const name = isShell ? SHELL_PATH : path
    const file = this.#files.get(name)
    if (file === undefined) return false
    const headers = { ...alwaysHeaders, ...headersOf(name, host, this.#ancestors) }
    // The page itself says what is wrong with such an address.
    if (isShell && !canName(path)) sendBody(request, response, 400, file, headers)
    else send(request, response, file, headers)
    return true
  }
}

/** Whether the path is not that of a document, or of one that can exist. */
function canName(path: string): boolean {
  if (!path.startsWith(DOCUMENTS) || path === DOCUMENTS) return true
  try {
    decodeDocumentId(path.slice(DOCUMENTS.length))
    return true
  } catch {
    // The one way to get here: escapes that are none, or an id that is none.
    return false
  }
}

type Headers = Readonly<Record<string, string>>

function headersOf(name: string, host: string, ancestors: string): Headers {
  switch (name) {
    case SHELL_PATH:
      return {
        'Content-Security-Policy': pagePolicy(host, ancestors),
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Permissions-Policy': PERMISSIONS,
      }
    case WORKER_PATH:
      return { 'Content-Security-Policy': WORKER_POLICY }
    case EMBED_PATH:
      return {
        'Content-Security-Policy': ASSET_POLICY,
        'Access-Control-Allow-Origin': '*',
        'Cross-Origin-Resource-Policy': 'cross-origin',
      }
    default:
      return { 'Content-Security-Policy': ASSET_POLICY }
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: PageFile,
  extra: Headers,
): void {
  const headers = {
    ...extra,
    'Cache-Control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: file.tag,
  }
  if (isKnown(request.headers['if-none-match'], file.tag)) {
    response.writeHead(304, { ...headers, ...varying }).end()
    return
  }
  sendBody(request, response, 200, file, headers)
}

/** Whether `If-None-Match` names the file: any version of it, or one of a list, weakly compared (RFC 9110, 13.1.2). */
function isKnown(condition: string | undefined, tag: string): boolean {
  if (condition === undefined) return false
  return condition.trim() === '*' || condition.match(ENTITY_TAG)?.includes(tag) === true
}

function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  file: PageFile,
  headers: Headers,
): void {
  const encoding = encodingFor(request.headers['accept-encoding'] ?? '', file)
  const body = (encoding === null ? undefined : file.compressed[encoding]) ?? file.body
  response.writeHead(status, {
    ...headers,
    ...varying,
    'Content-Type': file.type,
    'Content-Length': body.length,
    ...(encoding === null ? {} : { 'Content-Encoding': encoding }),
  })
  response.end(body)
}

/** The best encoding that both sides have; one with `q=0` is one the browser does not want. */
function encodingFor(accepted: string, file: PageFile): Encoding | null {
  const wanted = accepted
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim().replaceAll(/\s/g, ''))
    .filter((entry) => !/;q=0(?:\.0*)?$/.test(entry))
    .map((entry) => entry.split(';', 1)[0])
  return encodings.find((name) => wanted.includes(name) && name in file.compressed) ?? null
}

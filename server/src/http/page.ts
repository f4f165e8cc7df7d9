import type { IncomingMessage, ServerResponse } from 'node:http'
import { encodings, type Encoding, type PageFile, type PageFiles } from './page-files.js'
import { alwaysHeaders } from './respond.js'

/** What a policy can name; a `Host` header that is anything else is left out of it. */
const NAMEABLE = /^[\w.-]+(?::\d+)?$/

/** The page's own scripts, styles and connections, and nothing else. */
function pagePolicy(host: string): string {
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
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types lit-html coscribe',
  ].join('; ')
}

/** A worker's policy is its own: ours fetches from where it came. */
const WORKER_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
const ASSET_POLICY = "default-src 'none'; frame-ancestors 'none'"

/** The one script that pages of other origins load. */
const EMBED_PATH = '/coscribe-editor.js'
const WORKER_PATH = '/service-worker.js'
const SHELL_PATH = '/index.html'

/** Serves the built page: its shell at `/` and at every `/d/<document id>`, and its files. */
export class Page {
  readonly #files: PageFiles

  constructor(files: PageFiles) {
    this.#files = files
  }

  /** Answers, or returns `false` when nothing of the page is at this path. */
  respond(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    const isShell = path === '/' || path.startsWith('/d/')
    const name = isShell ? SHELL_PATH : path
    const file = this.#files.get(name)
    if (file === undefined) return false
    send(request, response, file, headersOf(name, request.headers.host ?? ''))
    return true
  }
}

type Headers = Readonly<Record<string, string>>

function headersOf(name: string, host: string): Headers {
  switch (name) {
    case SHELL_PATH:
      return {
        'Content-Security-Policy': pagePolicy(host),
        'Cross-Origin-Opener-Policy': 'same-origin',
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
    ...alwaysHeaders,
    'Cache-Control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...extra,
    ETag: file.tag,
    Vary: 'Accept-Encoding',
  }
  if (request.headers['if-none-match']?.includes(file.tag) === true) {
    response.writeHead(304, headers).end()
    return
  }
  const encoding = encodingFor(request.headers['accept-encoding'] ?? '', file)
  const body = (encoding === null ? undefined : file.compressed[encoding]) ?? file.body
  response.writeHead(200, {
    ...headers,
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

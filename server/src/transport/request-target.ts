import type { IncomingMessage } from 'node:http'

/** What a request is about, and the host it was sent to. */
export interface RequestTarget {
  /** Path and query. */
  readonly path: string
  readonly host: string | undefined
}

/** A whole address: authority without a user, then path and query. */
const ABSOLUTE = /^http:\/\/([^/?#@\\]+)([/?].*)?$/i

/** The target of a request that has a path for one, or `null`. */
export function pathTarget({ url = '', headers }: IncomingMessage): RequestTarget | null {
  return url.startsWith('/') ? { path: url, host: headers.host } : null
}

/**
 * The target of a request that has a path or, as proxies send it, a whole address for one, or `null`. The host in an
 * address counts, and the header is ignored (RFC 9112, 3.2.2).
 */
export function requestTarget(request: IncomingMessage): RequestTarget | null {
  const [address, host, rest = '/'] = ABSOLUTE.exec(request.url ?? '') ?? []
  if (address === undefined) return pathTarget(request)
  return { path: rest.startsWith('/') ? rest : `/${rest}`, host }
}

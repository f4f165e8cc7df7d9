import { createServer, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { createRouter } from './router.js'

const MAX_HEADER_BYTES = 16 * 1024
/** Sockets above the limit on connections that may still be answered with a reason. */
const SPARE_SOCKETS = 256
const KEEP_ALIVE_MS = 5_000

export interface HttpSetup {
  readonly router: ReturnType<typeof createRouter>
  readonly maxConnections: number
  /** How long the head of a request may take to arrive, in milliseconds. */
  readonly timeoutMs: number
}

/** An HTTP server with every bound set: header bytes, time, sockets. */
export function createHttpServer(setup: HttpSetup): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: setup.timeoutMs,
      requestTimeout: setup.timeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Node looks for requests that take too long this often.
      connectionsCheckingInterval: Math.min(2_000, Math.ceil(setup.timeoutMs / 4)),
    },
    setup.router,
  )
  server.maxConnections = setup.maxConnections + SPARE_SOCKETS
  server.on('clientError', refuseMalformed)
  return server
}

const statusOf: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Bytes that are no request: answered if anybody can still hear it, and closed in any case. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = statusOf[error.code ?? ''] ?? '400 Bad Request'
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

import { STATUS_CODES, type IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { SUBPROTOCOL, type Clock } from '@coscribe/shared'
import { WebSocketServer, type Server, type ServerOptions } from 'ws'
import { Connection, type ConnectionContext } from './connection.js'
import { CoscribeDialect, type CoscribeLimits } from './coscribe-dialect.js'
import type { Heartbeat, Pulse } from './heartbeat.js'
import type { OriginRules } from './origins.js'
import { networkOf, type ClientAddress, type TrustedProxies } from './client-address.js'
import { arrivingCredentials, credentialsOf, type Credential } from './credentials.js'
import { isLoopbackHost } from './loopback.js'
import { checkUpgrade, documentIdOf, type HttpRefusal } from './request-check.js'
import type { Entry } from './entry.js'
import { ServerSocket } from './server-socket.js'
import { StockDialect } from './stock-dialect.js'
import { selectSubprotocol } from './subprotocol.js'
import type { Traffic } from './traffic.js'
import { UpgradeTurns } from './upgrade-turns.js'
import { credentialsInQuery, takeQuery, type UrlCredentialMode } from './url-credentials.js'

export interface UpgraderSetup {
  readonly context: ConnectionContext
  readonly rules: OriginRules
  /** Whether a cookie can be somebody's credential. */
  readonly cookies: boolean
  /** What may stand in an address. */
  readonly urlCredentials: UrlCredentialMode
  readonly entry: Entry
  readonly proxies: TrustedProxies
  /** Limits on those who come from elsewhere, where there is authentication. */
  readonly traffic: Traffic | null
  readonly limits: CoscribeLimits
  /** Largest message of all, in bytes: the answer to a step 1 of ours. */
  readonly largestMessageBytes: number
  readonly maxConnections: number
  /** How long a socket may take from asking for an upgrade to being one, or to being gone, in milliseconds. */
  readonly timeoutMs: number
}

/** Pieces of one message; more have no honest use. */
const MAX_FRAGMENTS = 4_096
/** Reads that may be collected for one message. */
const MAX_BUFFERED_CHUNKS = 65_536
/** How long a client may take to answer a closing handshake, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000

/** Before the 101, which a page could mistake for being let in: what comes by itself is not even looked at. */
const FOREIGN_COOKIE: HttpRefusal = {
  status: 403,
  reason: 'a cookie is looked at for pages of this server and of named sites only',
}

const STOPPING: HttpRefusal = { status: 503, reason: 'the server is stopping' }
const CROWDED: HttpRefusal = { status: 503, reason: 'too many are on their way in' }

/** Turns HTTP upgrade requests into connections, or refuses them. */
export class Upgrader {
  readonly #setup: UpgraderSetup
  readonly #sockets: Server<typeof ServerSocket>
  readonly #pending: PendingSockets
  readonly #turns: UpgradeTurns
  #open = true
  /** Whether the log was told of a proxy whose word does not count. */
  #warned = false

  constructor(setup: UpgraderSetup) {
    this.#setup = setup
    this.#pending = new PendingSockets(setup.context.clock, setup.timeoutMs)
    this.#turns = new UpgradeTurns(setup.context.clock)
    this.#sockets = new WebSocketServer(socketOptions(setup.largestMessageBytes))
  }

  start(heartbeat: Heartbeat): void {
    heartbeat.addEveryTick(this.#pending)
    heartbeat.addEveryTick(this.#setup.entry.gate.expiries)
    this.#setup.traffic?.start(heartbeat)
  }

  /** Refuses everything from now on. */
  stop(): void {
    this.#open = false
  }

  /** Drops the sockets that are still asking or being refused. */
  dropPending(): void {
    this.#pending.destroyAll()
  }

  /** Listener of the HTTP server's `upgrade` event. Never throws. */
  readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // First of all: the HTTP server has let go of the socket, and a reset without a listener ends the process.
    socket.on('error', ignoreError)
    if (!(socket instanceof Socket)) {
      socket.destroy()
      return
    }
    this.#pending.add(socket)
    const refusal = this.#refusal(request)
    if (refusal !== null) return this.#refuse(socket, refusal)
    this.#turns.enter(() => this.#upgrade(request, socket, head))
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (socket.destroyed) return
    if (!this.#open) return this.#refuse(socket, STOPPING)
    const client = this.#setup.proxies.clientOf(request)
    this.#noticeProxy(request)
    const query = takeQuery(request)
    const documentId = documentIdOf(request.url ?? '/')
    if (typeof documentId !== 'string') return this.#refuse(socket, documentId)
    const credentials = this.#credentials(request, query, documentId)
    if (credentials === null) return this.#refuse(socket, FOREIGN_COOKIE)
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      this.#pending.delete(socket)
      // From here on ws listens.
      socket.off('error', ignoreError)
      const connection = this.#connect(ws, socket, documentId, credentials)
      this.#begin(connection, client)
    })
  }

  #refuse(socket: Socket, refusal: HttpRefusal): void {
    this.#setup.context.metrics.refused('http')
    refuse(socket, refusal)
  }

  /** Behind a proxy that is not named all have one address, or that of this machine, and count together or not at all. */
  #noticeProxy(request: IncomingMessage): void {
    const { context, proxies, traffic } = this.#setup
    if (this.#warned || traffic === null || !proxies.isUnknownProxy(request)) return
    this.#warned = true
    const message = 'a proxy sends requests on that is not named by trusted-proxies'
    context.logger.warn({ proxy: request.socket.remoteAddress }, message)
  }

  #credentials(
    { headers }: IncomingMessage,
    query: string,
    documentId: string,
  ): readonly Credential[] | null {
    const { cookies, rules, urlCredentials } = this.#setup
    const inHeaders = credentialsOf(headers)
    const inAddress = credentialsInQuery(query, urlCredentials, documentId)
    const explicit = inAddress.length === 0 ? inHeaders : [...inHeaders, ...inAddress]
    const { host } = headers
    return arrivingCredentials(explicit, headers, { cookies, rules, host, originOptional: false })
  }

  #refusal(request: IncomingMessage): HttpRefusal | null {
    if (!this.#open) return STOPPING
    if (this.#turns.waiting >= this.#setup.maxConnections) return CROWDED
    return checkUpgrade(request, this.#setup.rules)
  }

  #connect(
    ws: ServerSocket,
    socket: Socket,
    documentId: string,
    credentials: readonly Credential[],
  ): Connection {
    const { context, entry, limits } = this.#setup
    return new Connection(context, ws, socket, (made) =>
      ws.protocol === SUBPROTOCOL
        ? new CoscribeDialect(made, entry, limits, credentials)
        : new StockDialect(made, entry, documentId, credentials),
    )
  }

  /** Only now is there somebody to tell: browsers show no reason for a refused upgrade. */
  #begin(connection: Connection, client: ClientAddress): void {
    const { context, maxConnections, traffic } = this.#setup
    connection.cameFrom(client.address)
    if (context.connections.size > maxConnections) {
      return connection.turnAway('connections', 'the server has too many connections')
    }
    if (traffic !== null && !client.local) {
      const network = isLoopbackHost(client.address) ? '' : networkOf(client.address)
      if (network !== '' && !traffic.addresses.enter(network)) {
        return connection.turnAway(
          'connections-per-address',
          'this address has too many connections',
        )
      }
      connection.limit(traffic, network)
    }
    connection.open()
  }
}

function socketOptions(
  largestMessageBytes: number,
): ServerOptions<typeof ServerSocket> & { closeTimeout: number } {
  return {
    noServer: true,
    clientTracking: false,
    // Frames are written to the socket directly, which compressed ones would overtake.
    perMessageDeflate: false,
    maxPayload: largestMessageBytes,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    // A closure per socket; a connection answers pings itself.
    autoPong: false,
    handleProtocols: selectSubprotocol,
    WebSocket: ServerSocket,
  }
}

/** Sockets between asking for an upgrade and its end: HTTP timeouts do not cover them. */
class PendingSockets implements Pulse {
  readonly #deadlines = new Map<Socket, number>()
  readonly #clock: Clock
  readonly #timeoutMs: number

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  add(socket: Socket): void {
    this.#deadlines.set(socket, this.#clock.now() + this.#timeoutMs)
  }

  delete(socket: Socket): void {
    this.#deadlines.delete(socket)
  }

  visit(now: number): void {
    for (const [socket, deadline] of this.#deadlines) {
      if (now >= deadline) socket.destroy()
      if (socket.destroyed) this.#deadlines.delete(socket)
    }
  }

  destroyAll(): void {
    for (const socket of this.#deadlines.keys()) socket.destroy()
  }
}

function refuse(socket: Socket, refusal: HttpRefusal): void {
  const body = `${refusal.reason}\n`
  const headers = {
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...refusal.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const status = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`
  socket.once('finish', destroyThis)
  socket.end(`${[status, ...lines].join('\r\n')}\r\n\r\n${body}`)
}

function destroyThis(this: Socket): void {
  this.destroy()
}

/** A socket that fails closes, and its `close` event is what counts. */
function ignoreError(): void {}

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock, Random } from '@coscribe/shared'
import type { Audit } from './audit.js'
import type { Authenticator } from './auth/authenticator.js'
import type { Links } from './auth/links.js'
import type { Revocations } from './auth/revocations.js'
import type { Documents } from './documents.js'
import { Api } from './http/api/api.js'
import { apiRoutes } from './http/api/api-routes.js'
import type { ApiParts } from './http/api/api-parts.js'
import { createHttpServer } from './http/http-server.js'
import { MetricsPage } from './http/metrics-page.js'
import type { Page } from './http/page.js'
import { createRouter } from './http/router.js'
import type { Logger } from './log.js'
import type { Metrics } from './metrics/metrics.js'
import type { Registry } from './metrics/registry.js'
import { flagOf, type Options } from './options.js'
import { Rights, type SettlingRooms } from './rights.js'
import type { Connection, ConnectionContext } from './transport/connection.js'
import { trustedProxiesFrom, type TrustedProxies } from './transport/client-address.js'
import { DirectSockets } from './transport/direct-sockets.js'
import { Gate } from './transport/gate.js'
import { Heartbeat } from './transport/heartbeat.js'
import { InboundBudget } from './transport/inbound-budget.js'
import { Admission } from './transport/admission.js'
import { LiveSessions } from './transport/live-sessions.js'
import { originsFrom, type OriginRules } from './transport/origins.js'
import { RoomDoor } from './transport/room-door.js'
import { FlushTurn } from './transport/flush-turn.js'
import type { SessionRooms } from './transport/session-room.js'
import { Tickets } from './transport/tickets.js'
import { Traffic } from './transport/traffic.js'
import { UnsentBudget } from './transport/unsent-budget.js'
import { Upgrader } from './transport/upgrade.js'
import { version } from './version.js'

export interface GatewaySetup {
  readonly options: Options
  readonly rooms: SessionRooms & SettlingRooms
  /** Without one, everybody who reaches the server may write. */
  readonly authenticator: Authenticator | null
  readonly metrics: Metrics
  readonly revocations: Revocations
  readonly links: Links
  readonly documents: Documents
  readonly audit: Audit
  /** The page to serve, if it was built. */
  readonly page: Page | null
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** What a message has around its update: channel, types and length. */
const FRAMING_BYTES = 32
/** The time in which clients come back after a stop: this much, and more the more they are. */
const RETURN_MS = 500
const RETURN_MS_PER_CONNECTION = 1
const MAX_RETURN_MS = 10_000
/**
 * Connections that wait in the system until this process takes them: after a restart everybody comes within a second,
 * and those beyond are reset. The system may allow less.
 */
const BACKLOG = 8_192
/** Of the time for a request, what its body may take, so that the answer is the API's and not the parser's. */
const BODY_SHARE = 0.8

/** Everything between the network and the rooms: one port for pages, health checks and WebSockets. */
export class Gateway {
  readonly #setup: GatewaySetup
  readonly #rules: OriginRules
  readonly #proxies: TrustedProxies
  readonly #heartbeat: Heartbeat
  readonly #connections = new Set<Connection>()
  readonly #traffic: Traffic | null
  readonly #tickets: Tickets | null
  readonly #gate: Gate
  /** Changes them while people write. */
  readonly rights: Rights
  readonly #upgrader: Upgrader
  readonly #http: Server
  #ready = false
  #gone: (() => void) | null = null

  constructor(setup: GatewaySetup) {
    this.#setup = setup
    this.#rules = {
      loopbackOnly: setup.authenticator === null,
      origins: originsFrom(setup.options.allowedOrigins, flagOf('allowedOrigins')),
    }
    this.#proxies = trustedProxiesFrom(setup.options.trustedProxies, flagOf('trustedProxies'))
    this.#heartbeat = new Heartbeat(setup.clock)
    const { options, authenticator, revocations, audit, clock, random, logger, metrics } = setup
    this.#traffic = authenticator === null ? null : new Traffic(options, clock, metrics)
    this.#describe(metrics.registry)
    this.#tickets = options.urlCredentials === 'off' ? null : new Tickets({ clock, random })
    const tickets = this.#tickets
    this.#gate = new Gate({ authenticator, tickets, revocations, audit, clock, logger })
    this.rights = this.#createRights()
    this.#upgrader = this.#createUpgrader()
    const ready = (): boolean => this.#ready
    const health = {
      get ready() {
        return ready()
      },
    }
    this.#http = createHttpServer({
      router: createRouter({
        rules: this.#rules,
        health,
        version,
        page: setup.page,
        metrics: this.#createMetricsPage(),
        api: this.#createApi(),
      }),
      maxConnections: setup.options.maxConnections,
      timeoutMs: setup.options.httpTimeoutMs,
    })
    if (this.#traffic !== null) {
      const direct = new DirectSockets(options.maxConnectionsPerAddress, this.#proxies)
      this.#http.on('connection', direct.onConnection)
    }
    this.#http.on('upgrade', this.#upgrader.onUpgrade)
  }

  /** Open WebSockets. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /** Takes connections from now on. Rejects with the system's error when the address cannot be had. */
  async listen(): Promise<AddressInfo> {
    const { host, port } = this.#setup.options
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen({ host: host.replaceAll(/[[\]]/g, ''), port, backlog: BACKLOG }, () => {
        this.#http.off('error', reject)
        resolve()
      })
    })
    // A socket that cannot be accepted (no descriptors left) is one client's trouble, not the server's end.
    this.#http.on('error', (error) => this.#setup.logger.error({ err: error }, 'listening failed'))
    this.#heartbeat.start()
    this.#upgrader.start(this.#heartbeat)
    this.#ready = true
    return this.#http.address() as AddressInfo
  }

  /** Takes no new connection and reads nothing more from the others. */
  refuse(): void {
    this.#ready = false
    this.#upgrader.stop()
    this.#http.close()
    this.#http.closeIdleConnections()
    for (const connection of this.#connections) connection.pause()
  }

  /** Tells every client when to come back, and closes with 1012. */
  farewell(): void {
    const spreadMs = Math.min(
      MAX_RETURN_MS,
      RETURN_MS + RETURN_MS_PER_CONNECTION * this.#connections.size,
    )
    for (const connection of this.#connections) {
      connection.goingAway(Math.round(this.#setup.random.fraction() * spreadMs))
      connection.close('restarting', 'the server is stopping')
    }
  }

  /** Resolves when the last WebSocket is closed. */
  gone(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#gone = resolve
    })
  }

  /** Drops whatever is still connected. */
  cut(): void {
    this.#heartbeat.stop()
    for (const connection of this.#connections) connection.terminate()
    this.#upgrader.dropPending()
    this.#http.closeAllConnections()
  }

  #createUpgrader(): Upgrader {
    const { options, rooms, clock, logger, metrics } = this.#setup
    return new Upgrader({
      context: this.#createContext(),
      rules: this.#rules,
      cookies: this.#cookies,
      urlCredentials: this.#gate.isOpen ? 'off' : options.urlCredentials,
      entry: {
        gate: this.#gate,
        door: new RoomDoor(rooms, options, logger, new Admission({ clock }), metrics),
        titles: this.#setup.documents,
      },
      proxies: this.#proxies,
      traffic: this.#traffic,
      limits: {
        session: options,
        maxChannels: options.maxChannels,
        credentialMs: options.credentialTimeoutMs,
      },
      largestMessageBytes: options.documentBytes + FRAMING_BYTES,
      maxConnections: options.maxConnections,
      timeoutMs: options.httpTimeoutMs,
    })
  }

  /** Where nobody is asked who they are, a cookie means nothing. */
  get #cookies(): boolean {
    return this.#setup.options.cookies === 'on' && !this.#gate.isOpen
  }

  #createRights(): Rights {
    const { revocations, links, audit, rooms, documents, clock } = this.#setup
    const live = new LiveSessions(this.#connections)
    const gate = this.#gate
    return new Rights({ gate, revocations, links, audit, live, rooms, documents, clock })
  }

  #createApi(): Api {
    const { options, links, documents, audit, clock, random, logger } = this.#setup
    const parts: ApiParts = {
      gate: this.#gate,
      rules: this.#rules,
      rights: this.rights,
      links,
      documents,
      documentIdBytes: options.documentIdBytes,
      audit,
      proxies: this.#proxies,
      maxTokenLifeDays: options.maxTokenLifeDays,
      trashDays: options.trashDays,
      clock,
      random,
      logger,
      cookies: this.#cookies,
      tickets: this.#tickets,
      bodyTimeoutMs: options.httpTimeoutMs * BODY_SHARE,
    }
    return new Api(parts, apiRoutes(parts))
  }

  #createContext(): ConnectionContext {
    const { options, clock, random, logger, metrics } = this.#setup
    return {
      clock,
      random,
      logger,
      heartbeat: this.#heartbeat,
      turn: new FlushTurn(clock),
      inbound: new InboundBudget(options.inboundBytes, options.documentBytes),
      bounds: {
        lagBytes: options.lagBytes,
        unsentBytes: options.unsentBytes,
        budget: new UnsentBudget(options.unsentProcessBytes),
      },
      messageBytes: options.messageBytes,
      echoes: options.echo === 'on',
      questions: options.questionRate,
      strangerBytes: options.strangerBytes,
      metrics,
      connections: this.#connections,
      closed: () => this.#closed(),
    }
  }

  #createMetricsPage(): MetricsPage {
    const { options, metrics } = this.#setup
    const { registry } = metrics
    return new MetricsPage({ registry, readers: options.metrics, proxies: this.#proxies })
  }

  /** Tells of what there is at the moment. */
  #describe(registry: Registry): void {
    registry.gauge('coscribe_connections', 'Open WebSockets', () => this.#connections.size)
    const strangers = 'Connections that have brought no credential yet'
    registry.gauge('coscribe_strangers', strangers, () => this.#traffic?.strangers.size ?? 0)
    const unread = 'Connections that are not read because they sent too much'
    registry.gauge('coscribe_throttled_connections', unread, () => this.#traffic?.throttled ?? 0)
    const unsent = 'Bytes that wait for clients to read them'
    registry.gauge('coscribe_unsent_bytes', unsent, () => this.#unsentBytes())
  }

  /** Also what is a document's own, whoever else is sent it: {@link UnsentBudget} leaves that out. */
  #unsentBytes(): number {
    let bytes = 0
    for (const { queue } of this.#connections) bytes += queue.unsent
    return bytes
  }

  #closed(): void {
    if (this.#connections.size > 0) return
    this.#gone?.()
    this.#gone = null
  }
}

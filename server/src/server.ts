import { CoscribeError, systemClock, systemRandom, type Clock, type Random } from '@coscribe/shared'
import { LevelStore, type DocumentStore } from '@coscribe/storage'
import type { Authenticator } from './auth/authenticator.js'
import { configuredAuthenticator, type AuthSecrets } from './auth/configured-authenticator.js'
import { Gateway } from './gateway.js'
import { builtPage } from './http/built-page.js'
import { stopInOrder } from './lifecycle.js'
import { silentLogger, type Logger } from './log.js'
import { checkCookieOrigins, ORIGIN_EXAMPLE } from './cookie-origins.js'
import { Metrics } from './metrics/metrics.js'
import type { Registry } from './metrics/registry.js'
import { flagOf, resolveOptions, type Options, type ResolvedOptions } from './options.js'
import { Compactor } from './persistence/compactor.js'
import { DocumentTurns } from './persistence/document-turns.js'
import { WorkerRunner } from './persistence/fold-runner.js'
import { GroupWriter } from './persistence/writer.js'
import { RoomRegistry } from './rooms/room-registry.js'
import { isLoopbackHost } from './transport/loopback.js'

/** Options, and the parts a caller may replace. */
export interface ServerSetup extends Partial<Options>, AuthSecrets {
  /** Where documents are kept; a LevelDB database in the folder `data` when absent. The server opens and closes it. */
  readonly store?: DocumentStore
  readonly clock?: Clock
  readonly random?: Random
  /** Silent when absent. */
  readonly logger?: Logger
  /** Decides who somebody is; when absent, tokens do if there are keys for them, or a webhook. */
  readonly authenticator?: Authenticator
}

/** Where a server listens. */
export interface ServerAddress {
  /** `http://<host>:<port>`; WebSockets are at the same address with `ws:`. */
  readonly url: string
  readonly host: string
  readonly port: number
}

export interface CoscribeServer {
  /** The options in force. */
  readonly options: Options
  /**
   * Where it listens, once it has started.
   *
   * @throws TypeError before that
   */
  readonly url: string
  /** Open WebSockets. */
  readonly connections: number
  /**
   * Opens the store and listens; may be called once.
   *
   * @throws CoscribeError `bad-option`, `store-locked`, `store-foreign`, `store-newer`, `store-damaged`, or the
   * system's error when the address cannot be had
   */
  start(): Promise<ServerAddress>
  /**
   * Commits what was received, says goodbye and closes everything, within `stopTimeoutMs`. Harmless when called
   * twice, or before {@link start}.
   *
   * @throws CoscribeError `storage-unavailable` when not everything could be committed
   */
  stop(): Promise<void>
}

/**
 * A server with its parts put together; nothing runs before `start()`.
 *
 * @throws CoscribeError `bad-option`
 */
export function createServer(setup: ServerSetup = {}): CoscribeServer {
  const resolved = resolveOptions(setup)
  const { options } = resolved
  const authenticator = createAuthenticator(setup, options)
  // Everybody who reaches a server without authentication may write, so only this machine may reach it.
  if (authenticator === null && !isLoopbackHost(options.host)) throw notLoopback(options.host)
  if (authenticator !== null) checkCookieOrigins(options, options.host)
  return new RunningServer(setup, resolved, authenticator)
}

class RunningServer implements CoscribeServer {
  readonly options: Options
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #store: DocumentStore
  readonly #registry: RoomRegistry
  readonly #authenticator: Authenticator | null
  readonly #gateway: Gateway
  #url: string | null = null
  #starting: Promise<ServerAddress> | null = null
  #stopping: Promise<void> | null = null

  constructor(
    setup: ServerSetup,
    { options, clamped }: ResolvedOptions,
    authenticator: Authenticator | null,
  ) {
    const clock = setup.clock ?? systemClock
    const random = setup.random ?? systemRandom
    const logger = setup.logger ?? silentLogger
    for (const { name, given, used } of clamped) {
      logger.warn({ given, used }, `${flagOf(name)} was lowered to its maximum`)
    }
    this.options = options
    this.#clock = clock
    this.#logger = logger
    this.#store = setup.store ?? createStore(options, random)
    const metrics = new Metrics()
    const parts = { store: this.#store, options, clock, random, logger, metrics }
    this.#registry = createRegistry(parts)
    this.#authenticator = authenticator
    this.#gateway = new Gateway({
      options,
      rooms: this.#registry,
      authenticator,
      metrics,
      page: builtPage(),
      clock,
      random,
      logger,
    })
  }

  get url(): string {
    if (this.#url === null) throw new TypeError('the server has not started')
    return this.#url
  }

  get connections(): number {
    return this.#gateway.connectionCount
  }

  start(): Promise<ServerAddress> {
    if (this.#starting !== null || this.#stopping !== null) {
      return Promise.reject(new TypeError('a server starts once'))
    }
    this.#starting = this.#run()
    return this.#starting
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#halt()
    return this.#stopping
  }

  async #run(): Promise<ServerAddress> {
    await this.#store.open()
    try {
      const { address, port } = await this.#gateway.listen()
      // `localhost` means what the machine's files say.
      if (this.#authenticator === null && !isLoopbackHost(address))
        throw notLoopback(this.options.host)
      if (this.#authenticator !== null) checkCookieOrigins(this.options, address)
      const host = this.options.host
      const url = `http://${bracketed(host)}:${port}`
      this.#url = url
      this.#logger.info({ url, durability: this.options.durability }, 'listening')
      return { url, host, port }
    } catch (error) {
      this.#gateway.refuse()
      this.#gateway.cut()
      await this.#store.close()
      throw error
    }
  }

  async #halt(): Promise<void> {
    if (this.#starting === null) return
    const started = await this.#starting.then(
      () => true,
      // Reported by start() to its caller; there is nothing left to stop.
      () => false,
    )
    if (!started) return
    this.#logger.info({ connections: this.#gateway.connectionCount }, 'stopping')
    await stopInOrder(
      {
        refuse: () => this.#gateway.refuse(),
        commit: (deadlineMs) => this.#commit(deadlineMs),
        farewell: () => this.#gateway.farewell(),
        gone: () => this.#gateway.gone(),
        cut: () => this.#gateway.cut(),
        release: () => this.#store.close(),
      },
      this.#clock,
      this.options.stopTimeoutMs,
    )
    this.#logger.info({}, 'stopped')
  }

  async #commit(deadlineMs: number): Promise<void> {
    const unsaved = await this.#registry.close(deadlineMs)
    if (unsaved > 0) throw new Error(`${unsaved} documents have edits that are not on disk`)
  }
}

function createAuthenticator(setup: ServerSetup, options: Options): Authenticator | null {
  const { authenticator, clock = systemClock, logger = silentLogger } = setup
  return authenticator ?? configuredAuthenticator({ options, secrets: setup, clock, logger })
}

function createStore(options: Options, random: Random): DocumentStore {
  return new LevelStore({ path: options.data, durability: options.durability, random })
}

interface RegistryParts {
  readonly store: DocumentStore
  readonly options: Options
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: Metrics
}

function createRegistry(parts: RegistryParts): RoomRegistry {
  const { store, options, clock, random, logger, metrics } = parts
  const turns = new DocumentTurns()
  const windowMs = options.commitWindowMs
  const writer = new GroupWriter({ store, turns, clock, random, logger, windowMs })
  const registry = new RoomRegistry({
    store,
    writer,
    compactor: new Compactor({ store, turns, runner: new WorkerRunner({ clock }), logger }),
    clock,
    random,
    logger,
    limits: options,
    presenceRate: options.presenceRate,
    metrics,
    graceMs: options.roomGraceMs,
    snapshotBytes: options.snapshotMemoryBytes,
  })
  describeRooms(metrics.registry, registry, writer)
  return registry
}

function describeRooms(metrics: Registry, rooms: RoomRegistry, writer: GroupWriter): void {
  metrics.gauge('coscribe_documents_open', 'Documents in memory', () => rooms.size)
  const queued = 'Bytes of edits that are not on disk yet'
  metrics.gauge('coscribe_queued_bytes', queued, () => writer.queuedBytes)
  const commits = 'Appends to the store that were tried, each of what all documents received'
  metrics.total('coscribe_commits_total', commits, () => writer.counts.commits)
  const failures = 'Appends to the store that failed, and were tried again'
  metrics.total('coscribe_commit_failures_total', failures, () => writer.counts.failures)
}

/** An IPv6 address as it stands in a URL. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

function notLoopback(host: string): CoscribeError {
  const secret = 'coscribe.secret'
  return new CoscribeError(
    'bad-option',
    `everybody who reaches ${host} could read and write, since there is no authentication: ` +
      `use ${flagOf('host')} 127.0.0.1, or let people in by signed tokens:\n\n` +
      `  openssl rand -base64 48 > ${secret}\n` +
      `  coscribe serve ${flagOf('host')} ${host} ${flagOf('authSecretFile')} ${secret} ` +
      `${flagOf('allowedOrigins')} ${ORIGIN_EXAMPLE}\n` +
      `  coscribe token --secret-file ${secret} --sub ada --doc minutes --access write --ttl 1h\n`,
  )
}

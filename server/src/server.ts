import { CoscribeError, systemClock, systemRandom, type Clock, type Random } from '@coscribe/shared'
import { LevelStore, type DocumentStore } from '@coscribe/storage'
import type { Authenticator } from './auth/authenticator.js'
import { configuredKeys } from './auth/configured-keys.js'
import { JwtAuthenticator } from './auth/jwt.js'
import { Gateway } from './gateway.js'
import { builtPage } from './http/built-page.js'
import { stopInOrder } from './lifecycle.js'
import { silentLogger, type Logger } from './log.js'
import { flagOf, resolveOptions, type Options, type ResolvedOptions } from './options.js'
import { Compactor } from './persistence/compactor.js'
import { DocumentTurns } from './persistence/document-turns.js'
import { WorkerRunner } from './persistence/fold-runner.js'
import { GroupWriter } from './persistence/writer.js'
import { RoomRegistry } from './rooms/room-registry.js'
import { isLoopbackHost } from './transport/loopback.js'

/** Options, and the parts a caller may replace. */
export interface ServerSetup extends Partial<Options> {
  /** Where documents are kept; a LevelDB database in the folder `data` when absent. The server opens and closes it. */
  readonly store?: DocumentStore
  readonly clock?: Clock
  readonly random?: Random
  /** Silent when absent. */
  readonly logger?: Logger
  /** Decides who somebody is; when absent, tokens do, if there are keys for them. */
  readonly authenticator?: Authenticator
  /** What would be in the file `authSecretFile`. */
  readonly authSecret?: string
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
    this.#registry = createRegistry({ store: this.#store, options, clock, random, logger })
    this.#authenticator = authenticator
    this.#gateway = new Gateway({
      options,
      rooms: this.#registry,
      authenticator,
      page: builtPage(options.frameAncestors),
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
  if (setup.authenticator !== undefined) return setup.authenticator
  const keys = configuredKeys(options, setup.authSecret)
  if (keys.length === 0) return null
  const { clock = systemClock, logger = silentLogger } = setup
  const { authIssuer: issuer, authAudience: audience } = options
  return new JwtAuthenticator({ keys, issuer, audience, clock, logger })
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
}

function createRegistry({ store, options, clock, random, logger }: RegistryParts): RoomRegistry {
  const turns = new DocumentTurns()
  return new RoomRegistry({
    store,
    writer: new GroupWriter({
      store,
      turns,
      clock,
      random,
      logger,
      windowMs: options.commitWindowMs,
    }),
    compactor: new Compactor({ store, turns, runner: new WorkerRunner({ clock }), logger }),
    clock,
    random,
    logger,
    limits: options,
    graceMs: options.roomGraceMs,
    snapshotBytes: options.snapshotMemoryBytes,
  })
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
      `  coscribe serve ${flagOf('host')} ${host} ${flagOf('authSecretFile')} ${secret}\n` +
      `  coscribe token --secret-file ${secret} --sub ada --doc minutes --access write --ttl 1h\n`,
  )
}

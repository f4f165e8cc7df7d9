import type { Clock } from '@coscribe/shared'
import type { Logger } from '../log.js'
import { boundedFetch } from './bounded-fetch.js'
import { keyFromJwk, PUBLISHED_SECRET, type ProviderKey } from './jwk.js'
import type { JwtKey } from './jwt-keys.js'

export interface JwksSetup {
  /** Where the provider publishes its keys; nothing is ever fetched from anywhere else. */
  readonly url: URL
  readonly clock: Clock
  readonly logger: Logger
}

/** How long keys are used without another look, in milliseconds. */
const FRESH_MS = 10 * 60_000
/**
 * How long they are used after they were last seen when the provider does not answer, in milliseconds. Its tokens are
 * made by whoever does not answer: those that are around by then have ended, usually.
 */
const STALE_MS = 60 * 60_000
/** Nothing that anybody sends makes the provider be asked more often than this, in milliseconds. */
const COOL_DOWN_MS = 30_000
const TIMEOUT_MS = 5_000
const MAX_BYTES = 1024 * 1024
const MAX_KEYS = 64
/** Keys that one token is tried with: a token that does not name its key, or a name that two keys have. */
const MAX_CANDIDATES = 2

interface KeySet {
  readonly keys: readonly ProviderKey[]
  readonly fetchedAt: number
}

/**
 * The keys of an identity provider (a JSON web key set, RFC 7517), fetched when they are first needed, looked at again
 * after ten minutes or when a token names a key that is not among them, and kept for an hour if the provider is gone.
 *
 * Why not the one of jose: it reads an answer of any size, and forgets all keys when a look fails.
 */
export class Jwks {
  readonly #setup: JwksSetup
  #set: KeySet | null = null
  #triedAt = -Infinity
  #failure: unknown = null
  #fetching: Promise<void> | null = null

  constructor(setup: JwksSetup) {
    this.#setup = setup
  }

  /**
   * The keys that a token may be signed with that names `kid`, or none, and `algorithm`. Both only choose among what
   * was loaded.
   *
   * @throws Error when the provider could not be asked, so that nobody can say which keys there are
   */
  async candidates(kid: string | undefined, algorithm: string): Promise<readonly JwtKey[]> {
    if (!this.#isFresh()) await this.#look()
    let found = this.#find(kid, algorithm)
    if (found.length === 0 && this.#mayAsk()) {
      await this.#look()
      found = this.#find(kid, algorithm)
    }
    // Among the old ones it is not: that says nothing about the new ones.
    if (found.length === 0 && this.#failure !== null) throw this.#unknown()
    return found.length > MAX_CANDIDATES ? [] : found
  }

  #find(kid: string | undefined, algorithm: string): readonly JwtKey[] {
    if (this.#age() > STALE_MS) throw this.#unknown()
    const keys = this.#set?.keys ?? []
    return keys.filter(
      (key) => (kid === undefined || key.kid === kid) && key.algorithms.includes(algorithm),
    )
  }

  #isFresh(): boolean {
    return this.#age() <= FRESH_MS
  }

  #age(): number {
    return this.#now() - (this.#set?.fetchedAt ?? -Infinity)
  }

  #mayAsk(): boolean {
    return this.#fetching !== null || this.#now() - this.#triedAt >= COOL_DOWN_MS
  }

  /** Fetches them if that may be done now; all who ask meanwhile wait for the same answer. */
  async #look(): Promise<void> {
    if (!this.#mayAsk()) return
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = null
    })
    await this.#fetching
  }

  /** Never rejects: what is there already may do. */
  async #fetch(): Promise<void> {
    this.#triedAt = this.#now()
    const { url, clock, logger } = this.#setup
    try {
      const { status, text } = await boundedFetch({
        url,
        method: 'GET',
        headers: { accept: 'application/jwk-set+json, application/json' },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        clock,
      })
      if (status !== 200) throw new Error(`the answer has status ${status} and not 200`)
      this.#set = { keys: this.#keysFrom(text), fetchedAt: this.#now() }
      this.#failure = null
    } catch (error) {
      this.#failure = error
      logger.warn({ err: error }, 'the keys of the identity provider could not be fetched')
    }
  }

  #keysFrom(text: string): readonly ProviderKey[] {
    const { keys: entries } = JSON.parse(text) as { readonly keys?: unknown }
    if (!Array.isArray(entries)) throw new Error('the answer is no JSON web key set')
    if (entries.length > MAX_KEYS) throw new Error(`there are more than ${MAX_KEYS} keys`)
    const keys = entries.map((entry: unknown) => keyFromJwk(entry))
    if (keys.includes(PUBLISHED_SECRET)) {
      const what = 'the identity provider publishes a secret or private key, which is not used'
      this.#setup.logger.error({}, what)
    }
    const usable = keys.filter((key) => key !== null && key !== PUBLISHED_SECRET)
    if (usable.length === 0) throw new Error('there is no usable key among them')
    return usable
  }

  #unknown(): Error {
    return new Error('the keys of the identity provider are not known', { cause: this.#failure })
  }

  #now(): number {
    return this.#setup.clock.now()
  }
}

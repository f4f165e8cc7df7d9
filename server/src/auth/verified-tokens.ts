import { hash } from 'node:crypto'
import type { Clock } from '@coscribe/shared'
import type { Identity } from './authenticator.js'

export interface VerifiedTokensSetup {
  readonly clock: Clock
  /** Default 10,000. */
  readonly maxTokens?: number
  /** Most characters of all of them together, as a measure of what they say. Default 4 Mi. */
  readonly maxLength?: number
}

/** How long a token needs no second look, in milliseconds: as long as people take to come back from an interruption. */
const KEPT_MS = 10 * 60_000
const MAX_TOKENS = 10_000
const MAX_LENGTH = 4 * 1024 * 1024

interface Verified {
  readonly identity: Identity
  readonly length: number
  /** By the clock that nobody sets. */
  readonly until: number
}

/**
 * Who was found to be behind which token, for those who come again with it: when a network comes back, all do at once.
 * What can change is no part of it: whoever asks looks at revocations and at the end each time, and only what was signed
 * by a key that stays for as long as the process does is kept. Tokens are known by their hash, so that a picture of this
 * memory opens nothing.
 */
export class VerifiedTokens {
  readonly #setup: VerifiedTokensSetup
  /** The first that was verified first: it is also the first to go. */
  readonly #byHash = new Map<string, Verified>()
  #length = 0

  constructor(setup: VerifiedTokensSetup) {
    this.#setup = setup
  }

  /** How many are kept, those among them whose time is over. */
  get size(): number {
    return this.#byHash.size
  }

  /** Whose token it is; `null` if that has to be found out. */
  find(token: string): Identity | null {
    const found = this.#byHash.get(hashOf(token))
    const { clock } = this.#setup
    if (found === undefined || found.until <= clock.now()) return null
    return found.identity.expiresAt <= clock.wallTime() ? null : found.identity
  }

  /** It was found out. */
  keep(token: string, identity: Identity): void {
    const { clock, maxTokens = MAX_TOKENS, maxLength = MAX_LENGTH } = this.#setup
    const { length } = token
    const key = hashOf(token)
    this.#drop(key)
    this.#byHash.set(key, { identity, length, until: Math.floor(clock.now()) + KEPT_MS })
    this.#length += length
    for (const [oldest, { until }] of this.#byHash) {
      const isOver = until <= clock.now()
      if (!isOver && this.#byHash.size <= maxTokens && this.#length <= maxLength) return
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    this.#length -= this.#byHash.get(key)?.length ?? 0
    this.#byHash.delete(key)
  }
}

function hashOf(token: string): string {
  return hash('sha256', token, 'base64')
}

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

/** How long a token needs no second look at most, in milliseconds: so long people may take to come back. */
const KEPT_MS = 10 * 60_000
const MAX_TOKENS = 10_000
const MAX_LENGTH = 4 * 1024 * 1024

/**
 * Who was found to be behind which token, for those who come again with it: when a network comes back, all do at once.
 * What can change is no part of it: whoever asks looks at revocations and at the end each time, and only what was signed
 * by a key that stays for as long as the process does is kept. Tokens are known by their hash, so that a picture of this
 * memory opens nothing.
 *
 * There are two halves, by age. When the younger one is full, or has half of the time behind it, it becomes the older one,
 * and that is forgotten as a whole: what is kept of a token is one entry in a table.
 */
export class VerifiedTokens {
  readonly #setup: VerifiedTokensSetup
  #younger = new Map<string, Identity>()
  #older = new Map<string, Identity>()
  /** Of the tokens in the younger half. */
  #length = 0
  /** When that half was begun. */
  #since = -Infinity

  constructor(setup: VerifiedTokensSetup) {
    this.#setup = setup
  }

  /** How many are kept. */
  get size(): number {
    return this.#younger.size + this.#older.size
  }

  /** Whose token it is; `null` if that has to be found out. */
  find(token: string): Identity | null {
    this.#age()
    const key = hashOf(token)
    const found = this.#younger.get(key) ?? this.#older.get(key)
    if (found === undefined || found.expiresAt <= this.#setup.clock.wallTime()) return null
    return found
  }

  /** It was found out. */
  keep(token: string, identity: Identity): void {
    const { maxTokens = MAX_TOKENS, maxLength = MAX_LENGTH } = this.#setup
    this.#age()
    const isFull = this.#length + token.length > maxLength / 2
    if (isFull || this.#younger.size >= maxTokens / 2) this.#begin(this.#younger)
    if (token.length > maxLength / 2) return
    this.#younger.set(hashOf(token), identity)
    this.#length += token.length
  }

  #age(): void {
    const age = this.#setup.clock.now() - this.#since
    if (age >= KEPT_MS) this.#begin(new Map())
    else if (age >= KEPT_MS / 2) this.#begin(this.#younger)
  }

  #begin(older: Map<string, Identity>): void {
    this.#older = older
    this.#younger = new Map()
    this.#length = 0
    this.#since = Math.floor(this.#setup.clock.now())
  }
}

function hashOf(token: string): string {
  return hash('sha256', token, 'base64')
}

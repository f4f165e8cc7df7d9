import type { Cancel, Clock } from '@coscribe/shared'
import type { RoomFault } from './room-error.js'

/**
 * What a token is for: `session`, one begins; `renewal`, the one in use ends soon; `ended`, the last session came to
 * its end because that token was good no more.
 */
export type TokenReason = 'session' | 'renewal' | 'ended'

/** What a {@link TokenFunction} is given beside its reason. */
export interface TokenRequest {
  /** Aborted when the token would be of no use any more: its session is over, or it took too long. */
  readonly signal: AbortSignal
}

/**
 * Brings a token, which is a text that is not empty. One that rejects is asked again; not so when what it rejects with
 * says `retryable: false` and a `code`, which is then the room's error.
 */
export type TokenFunction = (reason: TokenReason, request: TokenRequest) => string | Promise<string>

/** A token, or what brings one: called at the start of each session, and before the one in use ends. */
export type TokenSource = string | TokenFunction

export interface CredentialOptions {
  readonly token: TokenSource
  readonly clock: Clock
  /** Gives the server a token. */
  readonly present: (token: string) => void
  /** The first token of a session has been given. */
  readonly ready: () => void
  /** No token could be had for a session. */
  readonly failed: (fault: RoomFault) => void
}

/** How long a token may take to come: a server waits ten seconds for one, and would close for good. */
const BRING_MS = 8_000
/** When the next token is fetched: at this part of the life of the one in use, and so long before its end. */
const RENEW_AT = 0.8
const RENEW_BEFORE_MS = 60_000
/** But never before this part of it is over. */
const RENEW_NOT_BEFORE = 0.5
/** A token that ends this soon is not worth another attempt. */
const TOO_LATE_MS = 1_000

/** When a token was issued and when it ends, in wall-clock milliseconds. */
interface TokenLife {
  readonly from: number
  readonly until: number
}

/** Says who this is: gives the server a token for each session, and a new one before that ends. */
export class Credential {
  readonly #options: CredentialOptions
  /** Ends what is asked for a session that is over. */
  #asking = new AbortController()
  #cancel: Cancel | null = null
  /** The server has ended a session because its token was good no more. */
  #ended = false
  /** Of the token that was brought last. */
  #life: TokenLife | null = null
  /** Why there will be no other token. */
  #refusal: RoomFault | null = null

  constructor(options: CredentialOptions) {
    this.#options = options
  }

  /** Whether a new session may bring another token than the last one. */
  get renewable(): boolean {
    return typeof this.#options.token === 'function' && this.#refusal === null
  }

  /** Why whoever brings tokens brings no more, or `null`. */
  get refusal(): RoomFault | null {
    return this.#refusal
  }

  /** A socket is open and waits for a token. */
  begin(): void {
    const { token, present, ready } = this.#options
    if (typeof token !== 'string') return this.#bring(token)
    present(token)
    ready()
  }

  /** The token in use is good no more. */
  refused(): void {
    this.#ended = true
  }

  /** The session is over, or did not come about. */
  end(): void {
    this.#asking.abort()
    this.#asking = new AbortController()
    this.#cancel?.()
    this.#cancel = null
  }

  #bring(source: TokenFunction): void {
    this.end()
    this.#refusal = null
    const { clock, failed, present, ready } = this.#options
    const isOver = this.#life !== null && this.#life.until <= clock.wallTime()
    const reason = this.#ended || isOver ? 'ended' : 'session'
    this.#ended = false
    const { signal } = this.#asking
    this.#cancel = clock.after(BRING_MS, () => {
      this.end()
      failed(faultOf(new Error('it took too long')))
    })
    tokenFrom(source, reason, signal).then(
      (token) => {
        if (signal.aborted) return
        this.#cancel?.()
        this.#life = lifeOf(token, clock.wallTime())
        present(token)
        ready()
        this.#planRenewal(source)
      },
      (error: unknown) => {
        if (!signal.aborted) failed(faultOf(error))
      },
    )
  }

  #planRenewal(source: TokenFunction): void {
    if (this.#life === null) return
    const delayMs = renewalDelay(this.#life, this.#options.clock.wallTime())
    if (delayMs === null) return
    this.#cancel = this.#options.clock.after(delayMs, () => this.#renew(source))
  }

  #renew(source: TokenFunction): void {
    const { signal } = this.#asking
    const { clock, present } = this.#options
    tokenFrom(source, 'renewal', signal).then(
      (token) => {
        if (signal.aborted) return
        this.#life = lifeOf(token, clock.wallTime())
        present(token)
        this.#planRenewal(source)
      },
      (error: unknown) => {
        if (signal.aborted) return
        const fault = faultOf(error)
        // The one in use is still good for a while: another attempt halfway to its end.
        if (fault.retryable) this.#planRenewal(source)
        else this.#refusal = fault
      },
    )
  }
}

/** @throws whatever the source throws, and TypeError when it brings something else */
async function tokenFrom(
  source: TokenFunction,
  reason: TokenReason,
  signal: AbortSignal,
): Promise<string> {
  const token: unknown = await source(reason, { signal })
  if (typeof token === 'string' && token !== '') return token
  const given = token === '' ? 'an empty one' : typeof token
  throw new TypeError(
    `the token function has to bring a text that is not empty, and brought ${given}`,
  )
}

/** What a source rejected with; only one that says so in so many words is not asked again. */
function faultOf(error: unknown): RoomFault {
  const { code, message, retryable } = Object(error) as Readonly<Record<string, unknown>>
  if (retryable === false && typeof code === 'string' && code !== '') {
    return { code, message: typeof message === 'string' ? message : code, retryable }
  }
  const sentence = `no token could be had: ${String(error)}`
  return { code: 'not-authenticated', message: sentence, retryable: true }
}

/** In how many milliseconds a token is to be renewed, or `null` when it is not worth it. */
function renewalDelay({ from, until }: TokenLife, now: number): number | null {
  const leftMs = until - now
  if (leftMs < TOO_LATE_MS) return null
  const lifeMs = until - from
  const wanted = Math.min(lifeMs * RENEW_AT, lifeMs - RENEW_BEFORE_MS)
  const renewAt = from + Math.max(wanted, lifeMs * RENEW_NOT_BEFORE)
  // One that was kept somewhere, or could not be renewed then: halfway to its end.
  return renewAt > now ? renewAt - now : leftMs / 2
}

/**
 * From when until when a JSON web token says it is good, or `null` for any other text. One that does not say when it
 * was issued, or says that it will be, was issued now.
 */
function lifeOf(token: string, now: number): TokenLife | null {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const { iat, exp } = JSON.parse(atob(base64)) as { iat?: unknown; exp?: unknown }
    if (typeof exp !== 'number') return null
    return { from: typeof iat === 'number' ? Math.min(iat * 1_000, now) : now, until: exp * 1_000 }
  } catch {
    // The one way to get here: the token is of another kind, which only the server can read.
    return null
  }
}

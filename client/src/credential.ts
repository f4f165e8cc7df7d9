import type { Cancel, Clock } from '@coscribe/shared'

/**
 * What a token is for: `session`, one begins; `renewal`, the one in use ends soon; `ended`, the last session came to
 * its end because that token was good no more.
 */
export type TokenReason = 'session' | 'renewal' | 'ended'

/** Brings a token, which is a text that is not empty. */
export type TokenFunction = (reason: TokenReason) => string | Promise<string>

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
  readonly failed: (error: unknown) => void
}

/** How long a token may take to come: a server waits ten seconds for one, and would close for good. */
const BRING_MS = 8_000
/** How long before the end of a token the next one is fetched, or half of the time left if that is later. */
const RENEW_MS = 60_000
/** A token that ends this soon is not worth another attempt. */
const TOO_LATE_MS = 1_000

/** Says who this is: gives the server a token for each session, and a new one before that ends. */
export class Credential {
  readonly #options: CredentialOptions
  /** Counts sessions, so that a token that comes too late is for none. */
  #session = 0
  #cancel: Cancel | null = null
  /** The server has ended a session because its token was good no more. */
  #ended = false

  constructor(options: CredentialOptions) {
    this.#options = options
  }

  /** Whether a new session may bring another token than the last one. */
  get renewable(): boolean {
    return typeof this.#options.token === 'function'
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
    this.#session++
    this.#cancel?.()
    this.#cancel = null
  }

  #bring(source: TokenFunction): void {
    this.end()
    const reason = this.#ended ? 'ended' : 'session'
    this.#ended = false
    const session = this.#session
    const failed = (error: unknown): void => {
      if (session === this.#session) this.#options.failed(error)
    }
    this.#cancel = this.#options.clock.after(BRING_MS, () => failed(new Error('it took too long')))
    tokenFrom(source, reason).then((token) => {
      if (session !== this.#session) return
      this.#cancel?.()
      this.#options.present(token)
      this.#options.ready()
      this.#planRenewal(source, expiryOf(token))
    }, failed)
  }

  #planRenewal(source: TokenFunction, expiresAt: number | null): void {
    if (expiresAt === null) return
    const { clock } = this.#options
    const leftMs = expiresAt - clock.wallTime()
    if (leftMs < TOO_LATE_MS) return
    const delayMs = Math.max(leftMs - RENEW_MS, leftMs / 2)
    this.#cancel = clock.after(delayMs, () => this.#renew(source, expiresAt))
  }

  #renew(source: TokenFunction, expiresAt: number): void {
    const session = this.#session
    tokenFrom(source, 'renewal').then(
      (token) => {
        if (session !== this.#session) return
        this.#options.present(token)
        this.#planRenewal(source, expiryOf(token))
      },
      () => {
        // The one in use is still good for a while: another attempt halfway to its end.
        if (session === this.#session) this.#planRenewal(source, expiresAt)
      },
    )
  }
}

/** @throws whatever the source throws, and TypeError when it brings something else */
async function tokenFrom(source: TokenFunction, reason: TokenReason): Promise<string> {
  const token: unknown = await source(reason)
  if (typeof token === 'string' && token !== '') return token
  const given = token === '' ? 'an empty one' : typeof token
  throw new TypeError(
    `the token function has to bring a text that is not empty, and brought ${given}`,
  )
}

/** Until when a JSON web token says it is good, in wall-clock milliseconds, or `null` for any other text. */
function expiryOf(token: string): number | null {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const { exp } = JSON.parse(atob(base64)) as { exp?: unknown }
    return typeof exp === 'number' ? exp * 1_000 : null
  } catch {
    // The one way to get here: the token is of another kind, which only the server can read.
    return null
  }
}

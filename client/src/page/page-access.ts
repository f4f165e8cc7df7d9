import { Emitter, type Off } from '@coscribe/shared'
import type { TokenSource } from '../credential.js'
import type { Memory } from './memory.js'
import { fixedName, type SessionAnswer, type SignedIn } from './session-routes.js'
import { words } from './words.js'

/** The server's side of signing in. */
export interface SessionRoutes {
  signIn(token: string): Promise<SessionAnswer>
  /** Whose cookie this browser has, or whose `token` is. */
  whoIsSignedIn(token?: string): Promise<SessionAnswer>
  signOut(): Promise<boolean>
}

/** What became of a token: it is in use, or this is why not. */
export type TokenOutcome =
  { readonly kind: 'in-use' } | { readonly kind: 'refused'; readonly reason: string }

const REMEMBERED = 'signed-in'

/**
 * As whom this tab comes to the server. The credential is a cookie that no script can read, or, where the server keeps
 * no sessions, a token in this tab's memory. What is remembered in the browser is a name, so that a page without a
 * network knows whose copy of a document to open, and one tab notices what happens in another.
 */
export class PageAccess {
  readonly #routes: SessionRoutes
  readonly #memory: Memory
  readonly #events = new Emitter<{ readonly other: undefined }>()
  #session: SignedIn | null
  #token: string | null = null

  constructor(routes: SessionRoutes, memory: Memory) {
    this.#routes = routes
    this.#memory = memory
    this.#session = sessionIn(memory.read(REMEMBERED))
  }

  /** Who is signed in, or was when it ended; `null` is nobody. */
  get session(): SignedIn | null {
    return this.#session
  }

  /** Whether there is a credential to be given back. */
  get isSomebody(): boolean {
    return this.#session !== null || this.#token !== null
  }

  /**
   * Whether it is known as whom this tab comes. It is not when its token does not say whose it is, and the server has
   * not either: what one such person leaves on this device, the next one would find.
   */
  get isKnown(): boolean {
    return this.#token === null || (this.#session?.subject ?? '') !== ''
  }

  /** Equal for two moments exactly if a room of the one may go on in the other. */
  get identity(): string {
    if (!this.isSomebody) return ''
    if (!this.isKnown) return `unknown ${this.#token}`
    const carrier = this.#token === null ? 'cookie' : 'token'
    return `${carrier} ${this.#session?.subject ?? ''}`
  }

  /** For a request: `null` while the cookie says everything. */
  get bearer(): string | null {
    return this.#token
  }

  /** For a connection: nothing while the cookie says everything. */
  get tokenSource(): TokenSource | undefined {
    return this.#token === null ? undefined : () => this.#token ?? ''
  }

  /**
   * Whom `token` would make of this tab instead of whom it is now, as far as that can be read, or `null` if nobody
   * else. A link somebody was sent must not make them write in another's name without a word.
   */
  replacementBy(token: string): string | null {
    if (!this.isSomebody || token === this.#token) return null
    const subject = claimsOf(token)?.subject ?? ''
    return this.isKnown && this.#session?.subject === subject ? null : subject
  }

  /** Signs in by a token. Never rejects. */
  async use(token: string): Promise<TokenOutcome> {
    const answer = await this.#routes.signIn(token)
    if (answer.kind === 'unreachable') {
      return { kind: 'refused', reason: words().signIn.unreachable }
    }
    if (answer.kind === 'refused') return answer
    if (answer.kind === 'absent') return this.#carry(token)
    this.#memory.write(REMEMBERED, JSON.stringify(answer.session))
    this.#become(null, answer.session)
    return { kind: 'in-use' }
  }

  /** Keeps a token that no cookie holds. Whose it is the server says, else the token itself, if it can be read. */
  async #carry(token: string): Promise<TokenOutcome> {
    const answer = await this.#routes.whoIsSignedIn(token)
    if (answer.kind === 'refused') return answer
    this.#become(token, answer.kind === 'signed-in' ? answer.session : claimsOf(token))
    return { kind: 'in-use' }
  }

  /** Asks the server whether the cookie is still that of whom this tab takes itself for; resolves to whether not. */
  async isSomebodyElse(): Promise<boolean> {
    const asked = this.#session
    if (asked === null || this.#token !== null) return false
    const answer = await this.#routes.whoIsSignedIn()
    // Who has signed in or out here meanwhile knows better than an answer about the cookie of before.
    if (this.#session !== asked || this.#token !== null) return false
    return answer.kind === 'signed-in' && this.#isOther(answer.session)
  }

  /** Whether another tab has signed in as somebody else meanwhile, or out. */
  get wasReplaced(): boolean {
    const remembered = sessionIn(this.#memory.read(REMEMBERED))
    return this.#token === null && remembered?.subject !== this.#session?.subject
  }

  /** Goes by what another tab has done. */
  follow(): void {
    this.#become(null, sessionIn(this.#memory.read(REMEMBERED)))
  }

  /** Signs out. Resolves to `false`, and nothing has changed, when the server cannot be reached. */
  async leave(): Promise<boolean> {
    if (this.#token === null && !(await this.#routes.signOut())) return false
    this.#memory.write(REMEMBERED, '')
    this.#become(null, null)
    return true
  }

  /** Calls `listener` when this tab comes as somebody else from now on, or as nobody, by what was done in it. */
  onOther(listener: () => void): Off {
    return this.#events.on('other', listener)
  }

  #become(token: string | null, session: SignedIn | null): void {
    const { identity } = this
    this.#token = token
    this.#session = session
    if (this.identity !== identity) this.#events.emit('other', undefined)
  }

  #isOther(session: SignedIn): boolean {
    if (session.subject === this.#session?.subject) return false
    this.#memory.write(REMEMBERED, JSON.stringify(session))
    return true
  }
}

function sessionIn(text: string | null): SignedIn | null {
  try {
    return sessionFrom(JSON.parse(text ?? '') as unknown)
  } catch {
    // Nothing was remembered, or somebody wrote something else there.
    return null
  }
}

function sessionFrom(value: unknown): SignedIn | null {
  if (typeof value !== 'object' || value === null) return null
  const { subject, name, expiresAt } = value as Readonly<Record<string, unknown>>
  if (typeof subject !== 'string' || typeof expiresAt !== 'number') return null
  return { subject, ...fixedName(name), expiresAt }
}

/** What a JSON web token says of itself. Only the server can tell whether it is true. */
function claimsOf(token: string): SignedIn | null {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    const { sub, name, exp } = claims as Record<string, unknown>
    return sessionFrom({ subject: sub, name, expiresAt: typeof exp === 'number' ? exp * 1_000 : 0 })
  } catch {
    // The one way to get here: a token of another kind.
    return null
  }
}

import type { Fault } from '../phrases/reasons.js'

/** Why the server did not do what it was asked. */
export type Failure =
  /** No network, no answer in time, or one of somebody in between. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly status: number; readonly fault: Fault }

/** What became of a request. */
export type Outcome<Value> = { readonly kind: 'done'; readonly value: Value } | Failure

/** One request. */
export interface Asked<Value> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`, encoded, with its query. */
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  /** The answer as what it should be, or `null` when it is something else. */
  readonly read: (answer: unknown) => Value | null
}

const API = '/api/v1'
const PATIENCE_MS = 10_000
const MAX_MESSAGE_LENGTH = 200

/** Asks the server's API, in the name of whom this tab comes as. */
export class ApiClient {
  readonly #bearer: () => string | null

  /** @param bearer the credential of a tab without a cookie, at each request; `null` while the cookie says it */
  constructor(bearer: () => string | null) {
    this.#bearer = bearer
  }

  /** Never rejects. */
  async ask<Value>({ method, path, body, read }: Asked<Value>): Promise<Outcome<Value>> {
    try {
      const response = await fetch(API + path, {
        method,
        headers: this.#headers(body !== undefined),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        credentials: 'same-origin',
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      return await outcomeOf(response, read)
    } catch {
      // No network, no answer in time, or one that is not JSON.
      return UNREACHABLE
    }
  }

  #headers(hasBody: boolean): Record<string, string> {
    const bearer = this.#bearer()
    return {
      ...(hasBody ? { 'Content-Type': 'application/json' } : {}),
      ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }),
    }
  }
}

const UNREACHABLE: Failure = Object.freeze({ kind: 'unreachable' })

async function outcomeOf<Value>(
  response: Response,
  read: (answer: unknown) => Value | null,
): Promise<Outcome<Value>> {
  const answer: unknown = response.status === 204 ? null : await response.json()
  if (!response.ok) {
    return { kind: 'refused', status: response.status, fault: faultIn(answer) }
  }
  const value = read(answer)
  return value === null ? UNREACHABLE : { kind: 'done', value }
}

/** What a problem (RFC 9457) says. */
function faultIn(answer: unknown): Fault {
  const { type, detail, title } = recordOf(answer)
  const code = typeof type === 'string' ? type.slice(type.lastIndexOf(':') + 1) : ''
  const message = typeof detail === 'string' && detail !== '' ? detail : title
  return { code, message: typeof message === 'string' ? message.slice(0, MAX_MESSAGE_LENGTH) : '' }
}

/** The members of an object; none of what is no object. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

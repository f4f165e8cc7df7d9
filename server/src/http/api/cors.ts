type Headers = Readonly<Record<string, string>>

/** How long a browser may remember what a page may send, in seconds. */
const PREFLIGHT_SECONDS = 600

/** What every answer says, so that no cache gives one site's answer to another. */
const VARY: Headers = Object.freeze({ Vary: 'Origin' })

/**
 * Lets pages of an origin read an answer, and send cookies for it.
 *
 * @param origin one that is trusted, or `undefined` for a request that names none
 */
export function corsHeaders(origin: string | undefined): Headers {
  if (origin === undefined) return VARY
  return {
    ...VARY,
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    // Beside what any page may read of an answer.
    'Access-Control-Expose-Headers': 'Retry-After',
  }
}

/** What a page of a trusted origin may send. */
export function preflightHeaders(methods: string): Headers {
  return {
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': 'authorization, content-type',
    'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
  }
}

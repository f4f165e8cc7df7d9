import type { ErrorCode } from '@coscribe/shared'

export interface PresenceLimits {
  /** One state as JSON, in bytes of UTF-8. */
  readonly presenceBytes: number
  /** Objects and arrays inside each other, the state itself included. */
  readonly presenceDepth: number
}

/** What the server knows of whose state it is. */
export interface Vouched {
  /** Equal for two sessions exactly if they are the same person's; empty where nobody is asked who they are. */
  readonly id: string
  /** Empty where the credential gives none. */
  readonly name: string
}

/** Why a state is not passed on. */
export interface StateFault {
  readonly code: ErrorCode
  readonly message: string
}

// A receiver that copies such a key into an object changes that object's prototype.
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Checks a state that is about to be shown to others, and puts into it what the server knows of whose it is: the only
 * place where presence JSON is parsed.
 *
 * @returns the state as others are shown it
 */
export function checkState(
  json: Uint8Array,
  vouched: Vouched,
  limits: PresenceLimits,
): Uint8Array | StateFault {
  if (json.length > limits.presenceBytes) {
    const message = `a presence state takes at most ${limits.presenceBytes} bytes`
    return { code: 'too-large', message }
  }
  const state = parse(json)
  if (typeof state !== 'object' || state === null || Array.isArray(state)) {
    return { code: 'bad-message', message: 'a presence state is a JSON object' }
  }
  const fault = checkValue(state, limits.presenceDepth)
  if (fault !== null) return fault
  return vouched.id === '' ? json : marked(state, vouched)
}

/**
 * Who it is goes into `user`, as y-websocket's clients have it; the name also to where our clients state theirs. Written
 * anew, JSON grows by a small factor at most: numbers are written out, and what was escaped is shorter than that.
 */
function marked(state: object, { id, name }: Vouched): Uint8Array {
  const { user } = state as { readonly user?: unknown }
  const isObject = typeof user === 'object' && user !== null && !Array.isArray(user)
  const named = name === '' ? {} : { name }
  const marks = { ...named, user: { ...(isObject ? user : {}), id, ...named } }
  return encoder.encode(JSON.stringify({ ...state, ...marks }))
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(json))
  } catch {
    // Not UTF-8, or not JSON: either way no state.
    return undefined
  }
}

function checkValue(value: unknown, depthLeft: number): StateFault | null {
  if (typeof value !== 'object' || value === null) return null
  if (depthLeft === 0) {
    return { code: 'too-large', message: 'a presence state is nested too deeply' }
  }
  for (const [key, inner] of Object.entries(value)) {
    if (forbiddenKeys.has(key)) {
      return { code: 'bad-message', message: `a presence state has no key "${key}"` }
    }
    const fault = checkValue(inner, depthLeft - 1)
    if (fault !== null) return fault
  }
  return null
}

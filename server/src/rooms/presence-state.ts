import type { ErrorCode } from '@coscribe/shared'

export interface PresenceLimits {
  /** One state as JSON, in bytes of UTF-8. */
  readonly presenceBytes: number
  /** Objects and arrays inside each other, the state itself included. */
  readonly presenceDepth: number
}

/** Why a state is not passed on. */
export interface StateFault {
  readonly code: ErrorCode
  readonly message: string
}

// A receiver that copies such a key into an object changes that object's prototype.
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Checks a state that is about to be shown to others: the only place where presence JSON is parsed. */
export function checkState(json: Uint8Array, limits: PresenceLimits): StateFault | null {
  if (json.length > limits.presenceBytes) {
    const message = `a presence state takes at most ${limits.presenceBytes} bytes`
    return { code: 'too-large', message }
  }
  const state = parse(json)
  if (typeof state !== 'object' || state === null || Array.isArray(state)) {
    return { code: 'bad-message', message: 'a presence state is a JSON object' }
  }
  return checkValue(state, limits.presenceDepth)
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

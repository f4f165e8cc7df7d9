import type { IncomingMessage } from 'node:http'
import type { Clock } from '@coscribe/shared'
import { fieldsFrom, type Fields, type FieldValues } from './fields.js'
import type { Problem } from './problem.js'

/** More than any route needs. */
const MAX_BODY_BYTES = 64 * 1024

const JSON_TYPE = /^application\/json(?: *; *charset="?utf-8"?)?$/i

export interface BodyLimits {
  readonly clock: Clock
  /** How long it may take to arrive, in milliseconds. */
  readonly timeoutMs: number
}

/** The fields of a body that were sent. */
export interface Body {
  readonly values: FieldValues
}

/** Whether a request announces a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** The body of a request for a route with these fields; `null` is a route without any. */
export async function bodyOf(
  request: IncomingMessage,
  fields: Fields | null,
  limits: BodyLimits,
): Promise<Body | Problem> {
  if (fields === null) {
    if (!hasBody(request)) return { values: {} }
    return { problem: 'bad-body', detail: 'this takes no body' }
  }
  if (hasBody(request) && !JSON_TYPE.test(request.headers['content-type'] ?? '')) {
    return { problem: 'not-json', detail: 'send Content-Type: application/json' }
  }
  const bytes = await bytesOf(request, limits)
  if (!(bytes instanceof Uint8Array)) return bytes
  return checked(bytes, fields)
}

function checked(bytes: Uint8Array, fields: Fields): Body | Problem {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // The one way to get here: bytes that are no UTF-8.
    return { problem: 'bad-body', detail: 'the body must be UTF-8' }
  }
  // Nothing is what a client sends that has nothing to say.
  const outcome = fieldsFrom(text === '' ? '{}' : text, fields)
  return 'fault' in outcome ? { problem: 'bad-body', detail: outcome.fault } : outcome
}

function bytesOf(
  request: IncomingMessage,
  { clock, timeoutMs }: BodyLimits,
): Promise<Uint8Array | Problem> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    return Promise.resolve(TOO_LARGE)
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const cancel = clock.after(timeoutMs, () => settle(TOO_SLOW))
    const settle = (outcome: Uint8Array | Problem): void => {
      cancel()
      request.removeAllListeners('data')
      chunks.length = 0
      resolve(outcome)
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_BODY_BYTES) settle(TOO_LARGE)
      else chunks.push(chunk)
    })
    request.once('end', () => settle(Buffer.concat(chunks)))
    // Gone, so that nobody hears the answer.
    request.once('error', () => settle(TOO_SLOW))
    request.once('close', () => settle(TOO_SLOW))
  })
}

const TOO_LARGE: Problem = Object.freeze({
  problem: 'too-large',
  detail: `a body has at most ${MAX_BODY_BYTES} bytes`,
})
const TOO_SLOW: Problem = Object.freeze({
  problem: 'too-slow',
  detail: 'the body took too long; try again',
})

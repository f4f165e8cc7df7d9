import type { IncomingMessage } from 'node:http'
import type { Clock } from '@coscribe/shared'
import { fieldsFrom, type Fields, type FieldValues } from './fields.js'
import type { Problem } from './problem.js'

/** More than any route needs. */
const MAX_BODY_BYTES = 64 * 1024
/** What is read and not kept of a larger one: who still sends would not hear why it is refused. */
const MAX_DISCARDED_BYTES = 4 * MAX_BODY_BYTES
const MAX_HELD_BYTES = 16 * 1024 * 1024

const JSON_TYPE = /^application\/json(?: *; *charset="?utf-8"?)?$/i

export interface BodySetup {
  readonly clock: Clock
  /** How long a body may take to arrive, in milliseconds. */
  readonly timeoutMs: number
  /** Most bytes of all bodies that are arriving at the same time. Default 16 MiB. */
  readonly maxHeldBytes?: number
}

/** The fields of a body that were sent. */
export interface Body {
  readonly values: FieldValues
}

/** Whether a request announces a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Reads the bodies of requests, each within its bounds and all within one. */
export class Bodies {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #maxHeldBytes: number
  #heldBytes = 0

  constructor({ clock, timeoutMs, maxHeldBytes = MAX_HELD_BYTES }: BodySetup) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#maxHeldBytes = maxHeldBytes
  }

  /** Bytes of bodies that are arriving. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** The body of a request for a route with these fields; `null` is a route without any. Never rejects. */
  async read(request: IncomingMessage, fields: Fields | null): Promise<Body | Problem> {
    if (fields === null) {
      if (!hasBody(request)) return { values: {} }
      return { problem: 'bad-body', detail: 'this takes no body' }
    }
    if (hasBody(request) && !JSON_TYPE.test(request.headers['content-type'] ?? '')) {
      return { problem: 'not-json', detail: 'send Content-Type: application/json' }
    }
    const bytes = await this.#bytesOf(request)
    return bytes instanceof Uint8Array ? checked(bytes, fields) : bytes
  }

  #bytesOf(request: IncomingMessage): Promise<Uint8Array | Problem> {
    if (Number(request.headers['content-length'] ?? 0) > MAX_DISCARDED_BYTES) {
      return Promise.resolve(TOO_LARGE)
    }
    return new Promise((resolve) => {
      const arriving = new ArrivingBody()
      const settle = (outcome: Uint8Array | Problem): void => {
        cancel()
        request.removeAllListeners('data')
        this.#heldBytes -= arriving.drop()
        resolve(outcome)
      }
      const cancel = this.#clock.after(this.#timeoutMs, () => settle(TOO_SLOW))
      request.on('data', (chunk: Buffer) => {
        this.#heldBytes += arriving.take(chunk)
        if (arriving.size > MAX_DISCARDED_BYTES) settle(TOO_LARGE)
        else if (this.#heldBytes > this.#maxHeldBytes) settle(OVERLOADED)
      })
      request.once('end', () => settle(arriving.whole()))
      // Whoever sent it is gone, and hears nothing more.
      request.once('error', () => settle(TOO_SLOW))
      request.once('close', () => settle(TOO_SLOW))
    })
  }
}

/** What has come of one body. */
class ArrivingBody {
  /** Bytes that have come, kept or not. */
  size = 0
  #kept: Buffer[] = []
  #keptBytes = 0

  /** Takes a piece, and returns how many bytes are kept of it. */
  take(chunk: Buffer): number {
    this.size += chunk.length
    if (this.size > MAX_BODY_BYTES) return 0
    this.#kept.push(chunk)
    this.#keptBytes += chunk.length
    return chunk.length
  }

  whole(): Uint8Array | Problem {
    return this.size > MAX_BODY_BYTES ? TOO_LARGE : Buffer.concat(this.#kept)
  }

  /** Keeps nothing any more, and returns how many bytes that were; 0 when called again. */
  drop(): number {
    const bytes = this.#keptBytes
    this.#kept = []
    this.#keptBytes = 0
    return bytes
  }
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

const TOO_LARGE: Problem = Object.freeze({
  problem: 'too-large',
  detail: `a body has at most ${MAX_BODY_BYTES} bytes`,
})
const TOO_SLOW: Problem = Object.freeze({
  problem: 'too-slow',
  detail: 'the body took too long; try again',
})
const OVERLOADED: Problem = Object.freeze({
  problem: 'overloaded',
  detail: 'too much is arriving at the moment; try again in a second',
  headers: { 'Retry-After': '1' },
})

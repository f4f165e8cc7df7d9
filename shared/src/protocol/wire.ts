/**
 * The primitives of the wire: variable-length integers (7 bits a byte, least significant first, high bit = more
 * follows), byte arrays and UTF-8 strings with their length in front. Writing is byte-identical to lib0's encoding;
 * reading is stricter: nothing outside the given view is ever touched, every length and number has a bound, and there
 * is exactly one accepted way to write each value.
 */

/** The highest message type there will be. */
export const MAX_TYPE = 0xffff

/** The longest text for people, in bytes; longer ones are shortened when written. */
export const MAX_PROSE = 1024

/** Why bytes are not a message. `unknown-type` is well-formed as far as it was read: a stock client may be ignored. */
export interface DecodeFault {
  readonly type: 'fault'
  readonly code: 'malformed' | 'unknown-type'
  readonly reason: string
}

interface HostText {
  TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> }
  TextDecoder: new (
    label: string,
    options: { fatal: boolean; ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string }
}

const host = globalThis as unknown as HostText
const encoder = new host.TextEncoder()
// ignoreBOM keeps a leading U+FEFF, which otherwise would vanish and make two ids one.
const decoder = new host.TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const EMPTY = new Uint8Array(0)

/**
 * Reads a message front to back. After the first fault every read returns an empty value and `fault` says what was
 * wrong, so that a caller reads all fields and asks once at the end.
 */
export class WireReader {
  readonly #bytes: Uint8Array
  #at = 0
  #fault: string | null = null

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** What was wrong with the bytes read so far, or `null`. */
  get fault(): string | null {
    return this.#fault
  }

  /** An integer from 0 to `max` (at most 2^53 - 1) in its shortest form. */
  varUint(max: number, what: string): number {
    let value = 0
    let scale = 1
    for (let count = 1; this.#fault === null; count++) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) return this.#fail(`${what} is cut off`)
      this.#at++
      // Not a shift: values above 2^31 are legal. Ten bytes at most, so the sum cannot lose its order of magnitude.
      value += (byte & 0x7f) * scale
      if (value > max) return this.#fail(`${what} is above ${max}`)
      if (byte < 0x80) return byte === 0 && count > 1 ? this.#fail(`${what} is padded`) : value
      if (count === 8) return this.#fail(`${what} has too many bytes`)
      scale *= 128
    }
    return 0
  }

  /**
   * A byte array with its length in front: a view of a message that has its memory to itself, else a copy, so that what
   * is kept of it neither holds nor shows what lies beside it.
   */
  varBytes(what: string): Uint8Array {
    return this.#take(this.varUint(Number.MAX_SAFE_INTEGER, what), what)
  }

  /** A string of at most `maxBytes` bytes of valid UTF-8. */
  varString(maxBytes: number, what: string): string {
    const bytes = this.#take(this.varUint(maxBytes, `the length of ${what}`), what)
    try {
      return decoder.decode(bytes)
    } catch {
      // The one way to get here: the decoder is fatal and the bytes are not UTF-8.
      this.#fail(`${what} is not UTF-8`)
      return ''
    }
  }

  /** Call after the last field: bytes that nobody asked for are a fault. */
  end(): void {
    const rest = this.#bytes.length - this.#at
    if (this.#fault === null && rest > 0) this.#fail(`${rest} bytes behind the message`)
  }

  #take(length: number, what: string): Uint8Array {
    if (this.#fault !== null) return EMPTY
    if (length > this.#bytes.length - this.#at) {
      this.#fail(`${what} is cut off`)
      return EMPTY
    }
    const bytes = this.#bytes
    const start = this.#at
    this.#at += length
    if (bytes.byteLength < bytes.buffer.byteLength) return copyOf(bytes, start, length)
    // Never a Buffer, whatever the message is: `slice` of one is no copy.
    return new Uint8Array(bytes.buffer, start, length)
  }

  #fail(fault: string): 0 {
    this.#fault ??= fault
    return 0
  }
}

/** Copies of this many bytes at most are made in a loop: a view to copy from would cost more. */
const LOOP_BYTES = 64

function copyOf(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const copy = new Uint8Array(length)
  if (length > LOOP_BYTES) copy.set(bytes.subarray(start, start + length))
  else for (let i = 0; i < length; i++) copy[i] = bytes[start + i]!
  return copy
}

/** Bytes {@link WireWriter.varUint} needs for a value. */
export function varUintSize(value: number): number {
  if (value < 128) return 1
  let size = 1
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) size++
  return size
}

/** Writes a number in the form of {@link WireWriter.varUint} at `offset`; returns the offset behind it. */
export function putVarUint(target: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  while (rest >= 128) {
    target[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  target[at++] = rest
  return at
}

/** Writes a message front to back into one buffer; with the right `capacity` it is never copied. */
export class WireWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  /** @param capacity the expected size in bytes; the buffer grows beyond it by doubling */
  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** @throws RangeError for anything but an integer from 0 to 2^53 - 1 */
  varUint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`a wire number is an integer from 0 to 2^53-1, got ${value}`)
    }
    this.#reserve(varUintSize(value))
    this.#length = putVarUint(this.#bytes, this.#length, value)
    return this
  }

  varBytes(bytes: Uint8Array): this {
    this.varUint(bytes.length)
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** @throws RangeError if the text has lone surrogates (they have no UTF-8) or is longer than `maxBytes` */
  varString(text: string, maxBytes: number, what: string): this {
    if (hasLoneSurrogate(text)) throw new RangeError(`${what} contains a lone surrogate`)
    const bytes = encoder.encode(text)
    if (bytes.length > maxBytes) {
      throw new RangeError(`${what} takes at most ${maxBytes} bytes, got ${bytes.length}`)
    }
    return this.varBytes(bytes)
  }

  /** A text for people: repaired and shortened to `maxBytes` where {@link varString} would throw. */
  varProse(text: string, maxBytes: number): this {
    const bytes = encoder.encode(text)
    let end = Math.min(bytes.length, maxBytes)
    // Never inside a character: step back over the continuation bytes of the one that is cut.
    while (end < bytes.length && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
    return this.varBytes(bytes.subarray(0, end))
  }

  /** The message, exactly as long as what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length)
  }

  #reserve(extra: number): void {
    const needed = this.#length + extra
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

function hasLoneSurrogate(text: string): boolean {
  return LONE_SURROGATE.test(text)
}

/** Ends the reading of a message: the message, or what was wrong; `null` stands for a type nobody knows. */
export function checked<Message>(
  reader: WireReader,
  type: number,
  message: Message | null,
): Message | DecodeFault {
  if (message === null && reader.fault === null) {
    return { type: 'fault', code: 'unknown-type', reason: `unknown message type ${type}` }
  }
  reader.end()
  return message === null || reader.fault !== null ? malformed(reader.fault ?? '') : message
}

/** The fault of a message that breaks the protocol. */
export function malformed(reason: string): DecodeFault {
  return { type: 'fault', code: 'malformed', reason }
}

/** Why bytes are not what they have to be. */
export interface WalkFault {
  /** `malformed`: nothing that Yjs writes. `limit`: it may be, but it is more of something than is allowed. */
  readonly kind: 'malformed' | 'limit'
  /** Where in the bytes it was noticed. */
  readonly offset: number
  readonly message: string
}

/** Clocks, lengths and their sums are at most this. */
export const MAX_CLOCK = 2 ** 31 - 1
const MAX_CLIENT = 2 ** 32 - 1
/** What a bit of the eighth and last byte of a number counts; a ninth would not fit 53 bits. */
const LAST_UNIT = 2 ** 49

/** In texts from this size on the first run of ASCII is passed over by words. */
const LONG_BYTES = 256
const NOT_ASCII = 0x80808080

const empty = new Uint8Array(0)
const protoKey = [0x5f, 0x5f, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x5f, 0x5f]

// Thrown by `fail`, caught by whoever opened the cursor. One object for all: creating an error records the stack,
// which would make malformed input a hundred times dearer than good input.
const stopped = new Error('malformed bytes')

/**
 * Reads forward over bytes that may be hostile. Every read is checked against the end; one that cannot be satisfied
 * leaves through {@link fail}. Only what the view shows is looked at, never more of the buffer behind it, so a
 * view of a larger buffer gives away nothing of its neighbours.
 */
export class Cursor {
  bytes: Uint8Array = empty
  pos = 0
  end = 0
  #fault: WalkFault = { kind: 'malformed', offset: 0, message: '' }

  open(bytes: Uint8Array, from = 0): void {
    this.bytes = bytes
    this.pos = from
    this.end = bytes.length
  }

  /** Lets go of the bytes. */
  close(): void {
    this.bytes = empty
    this.end = 0
  }

  /** Ends the walk; the opener gets the reason from {@link faultOf}. */
  fail(message: string): never {
    this.#fault = { kind: 'malformed', offset: this.pos, message }
    throw stopped
  }

  /** Ends the walk too: somebody honest may have written this, but it is beyond a limit. */
  exceed(message: string): never {
    this.#fault = { kind: 'limit', offset: this.pos, message }
    throw stopped
  }

  /** The fault behind an error caught around reads; an error of another kind is thrown on. */
  faultOf(error: unknown): WalkFault {
    if (error !== stopped) throw error
    return this.#fault
  }

  byte(): number {
    if (this.pos >= this.end) this.fail('the bytes end too early')
    return this.bytes[this.pos++]!
  }

  skip(length: number): void {
    if (length > this.end - this.pos) this.fail('the bytes end too early')
    this.pos += length
  }

  /**
   * A number in 7-bit groups, lowest first, up to 2^53 - 1. Padded forms are refused: one number, one spelling, so
   * that nobody reads another value out of it (lib0 turns a long enough padding into NaN).
   */
  varUint(): number {
    if (this.pos >= this.end) this.fail('the bytes end too early')
    const first = this.bytes[this.pos++]!
    return first < 0x80 ? first : this.#groups(first & 0x7f, 0x80)
  }

  /** A signed number: its first byte has the sign in bit 7 and only six bits of the value. */
  varInt(): void {
    const first = this.byte()
    if (first >= 0x80) this.#groups(first & 0x3f, 0x40)
  }

  #groups(value: number, unit: number): number {
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * unit
      if (byte < 0x80) {
        if (byte === 0) this.fail('a padded number')
        if (value > Number.MAX_SAFE_INTEGER) this.fail('a number above 2^53 - 1')
        return value
      }
      if (unit >= LAST_UNIT) this.fail('a number of too many bytes')
      unit *= 0x80
    }
  }

  clock(): number {
    const clock = this.varUint()
    return clock > MAX_CLOCK ? this.fail('a clock of 2^31 or more') : clock
  }

  client(): number {
    const client = this.varUint()
    return client > MAX_CLIENT ? this.fail('a client id of 2^32 or more') : client
  }

  /** How much of the sequence of clocks something takes: at least one. */
  length(): number {
    const length = this.varUint()
    if (length === 0) this.fail('a length of zero')
    return length > MAX_CLOCK ? this.fail('a length of 2^31 or more') : length
  }

  /** How many things follow; each takes a byte or more, so it cannot exceed what is left. */
  count(): number {
    const count = this.varUint()
    return count > this.end - this.pos ? this.fail('a count larger than the bytes left') : count
  }

  /** Passes over the length of a text that follows, and returns where that text ends. */
  textEnd(): number {
    const length = this.count()
    return this.pos + length
  }

  /** Passes over a string and returns its length in UTF-16 units. */
  string(): number {
    return this.utf8(this.textEnd())
  }

  /**
   * Passes over a string that becomes an object's property name somewhere in yjs or in an app, and returns where its
   * text begins.
   */
  key(): number {
    const end = this.textEnd()
    const start = this.pos
    // Assigning to this name replaces the prototype of the object instead of adding a property.
    if (end - start === protoKey.length && this.#isProto()) this.fail('__proto__ as a key')
    this.utf8(end)
    return start
  }

  #isProto(): boolean {
    for (let i = 0; i < protoKey.length; i++) {
      if (this.bytes[this.pos + i] !== protoKey[i]) return false
    }
    return true
  }

  /** Passes over UTF-8 text up to `end` (not beyond the bytes) and returns its length in UTF-16 units. */
  utf8(end: number): number {
    const bytes = this.bytes
    let pos = end - this.pos < LONG_BYTES ? this.pos : this.#asciiEnd(end)
    let units = pos - this.pos
    while (pos < end) {
      const lead = bytes[pos]!
      if (lead < 0x80) {
        pos++
        units++
        continue
      }
      const size = sequenceLength(lead)
      this.pos = pos
      if (size === 0 || pos + size > end) this.fail('text that is not UTF-8')
      this.#sequence(lead, size)
      pos += size
      units += size === 4 ? 2 : 1
    }
    this.pos = end
    return units
  }

  /** Where the ASCII ends that stands at the beginning, or a few bytes before. */
  #asciiEnd(end: number): number {
    const { buffer, byteOffset } = this.bytes
    const view = new DataView(buffer, byteOffset, end)
    let pos = this.pos
    while (pos <= end - 8) {
      if (((view.getUint32(pos) | view.getUint32(pos + 4)) & NOT_ASCII) !== 0) break
      pos += 8
    }
    return pos
  }

  /** Checks the bytes behind a lead byte: no spelling longer than needed, no surrogate, nothing above U+10FFFF. */
  #sequence(lead: number, size: number): void {
    const second = this.bytes[this.pos + 1]!
    const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < lowest || second > highest) this.fail('text that is not UTF-8')
    for (let i = 2; i < size; i++) {
      if ((this.bytes[this.pos + i]! & 0xc0) !== 0x80) this.fail('text that is not UTF-8')
    }
  }
}

/** Bytes of the UTF-8 sequence that begins with `lead`, or 0 if none does. */
function sequenceLength(lead: number): number {
  if (lead < 0xc2) return 0
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  return lead < 0xf5 ? 4 : 0
}

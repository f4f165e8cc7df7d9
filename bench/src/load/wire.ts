/** Var-ints and what is made of them, as the Yjs family writes them on the wire and in updates. */

/** Appends `value` to `bytes` as a var-int. @param value 0 … 2^53-1 */
export function pushVarUint(bytes: number[], value: number): void {
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

/** Appends a string: its length in bytes, then UTF-8. */
export function pushString(bytes: number[], text: string): void {
  const encoded = Buffer.from(text, 'utf8')
  pushVarUint(bytes, encoded.length)
  bytes.push(...encoded)
}

/** Reads numbers front to back from a part of a buffer, without making a view of it. */
export class WireCursor {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  end = 0

  /** Goes to another place. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes
    this.at = start
    this.end = end
    return this
  }

  /** @throws RangeError behind the end */
  byte(): number {
    if (this.at >= this.end) throw new RangeError('a message is cut off')
    return this.bytes[this.at++] ?? 0
  }

  /** @throws RangeError behind the end */
  varUint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }

  /** Passes over bytes. @throws RangeError behind the end */
  skip(count: number): void {
    this.at += count
    if (this.at > this.end) throw new RangeError('a message is cut off')
  }

  /** Reads a string, or bytes, as UTF-8. */
  string(): string {
    const length = this.varUint()
    const start = this.at
    this.skip(length)
    return Buffer.from(this.bytes.subarray(start, this.at)).toString('utf8')
  }
}

/** Takes each message of a server: its opcode, and where in `bytes` its payload lies (valid during the call only). */
export type FrameTaker = (opcode: number, bytes: Buffer, start: number, end: number) => void

/** Cuts what arrives on a socket into frames; a frame that is cut off waits for its rest without being copied twice. */
export class FrameReader {
  readonly #take: FrameTaker
  #parts: Buffer[] = []
  #partBytes = 0
  /** How many bytes have to be there before it is worth looking again. */
  #needed = 2

  constructor(take: FrameTaker) {
    this.#take = take
  }

  read(chunk: Buffer): void {
    if (this.#parts.length === 0) return this.#cut(chunk)
    this.#parts.push(chunk)
    this.#partBytes += chunk.length
    if (this.#partBytes < this.#needed) return
    const bytes = Buffer.concat(this.#parts, this.#partBytes)
    this.#parts = []
    this.#cut(bytes)
  }

  #cut(bytes: Buffer): void {
    let at = 0
    for (;;) {
      const rest = bytes.length - at
      if (rest < 2) return this.#keep(bytes, at, 2)
      let length = (bytes[at + 1] ?? 0) & 127
      let start = at + 2
      if (length === 126) {
        if (rest < 4) return this.#keep(bytes, at, 4)
        length = bytes.readUInt16BE(start)
        start += 2
      } else if (length === 127) {
        if (rest < 10) return this.#keep(bytes, at, 10)
        length = Number(bytes.readBigUInt64BE(start))
        start += 8
      }
      const end = start + length
      if (end > bytes.length) return this.#keep(bytes, at, end - at)
      this.#take((bytes[at] ?? 0) & 15, bytes, start, end)
      at = end
    }
  }

  #keep(bytes: Buffer, at: number, needed: number): void {
    const rest = at === 0 ? bytes : bytes.subarray(at)
    this.#parts = rest.length === 0 ? [] : [rest]
    this.#partBytes = rest.length
    this.#needed = needed
  }
}

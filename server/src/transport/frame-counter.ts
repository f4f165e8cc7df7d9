const BYTE = 0
const LENGTH = 1
const REST = 2

/**
 * Counts the WebSocket frames in what a client sends. Pieces of a message, pings and pongs cost as much to receive as
 * messages do, and the receiver tells of none or few of them. Where the bytes are no WebSocket frames any more, it
 * counts something, and the receiver closes the connection.
 */
export class FrameCounter {
  #expects = BYTE
  /** Bytes of the header's rest, or of the length in it, that are still to come. */
  #rest = 0
  #lengthBytes = 0
  /** Bytes of the payload that are still to come. */
  #payload = 0

  /** Whether a frame begins with the next byte. */
  get atStart(): boolean {
    return this.#expects === BYTE && this.#payload === 0
  }

  /** How many frames begin in `bytes`, which follow those of the last call. */
  count(bytes: Uint8Array): number {
    let frames = 0
    let at = 0
    while (at < bytes.length) {
      if (this.#expects === BYTE && this.#payload > 0) {
        const skipped = Math.min(this.#payload, bytes.length - at)
        this.#payload -= skipped
        at += skipped
      } else {
        if (this.#expects === BYTE) frames++
        this.#header(bytes[at++]!)
      }
    }
    return frames
  }

  #header(byte: number): void {
    if (this.#expects === BYTE) {
      this.#expects = LENGTH
    } else if (this.#expects === LENGTH) {
      this.#length(byte)
    } else {
      if (this.#lengthBytes > 0) {
        this.#lengthBytes--
        this.#payload = this.#payload * 256 + byte
      }
      this.#rest--
    }
    if (this.#expects === REST && this.#rest === 0) this.#expects = BYTE
  }

  #length(byte: number): void {
    const length = byte & 0x7f
    this.#lengthBytes = length === 127 ? 8 : length === 126 ? 2 : 0
    this.#payload = this.#lengthBytes === 0 ? length : 0
    this.#rest = this.#lengthBytes + (byte & 0x80 ? 4 : 0)
    this.#expects = REST
  }
}

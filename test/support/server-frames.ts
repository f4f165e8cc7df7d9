/** One frame of a server, as RFC 6455 lays it out. */
export interface ServerFrame {
  readonly opcode: number
  readonly payload: Uint8Array
}

export const BINARY = 2
export const CLOSE = 8
export const PING = 9

/** Splits what a server wrote after its handshake; an incomplete frame at the end is left out. */
export function serverFrames(bytes: Uint8Array): ServerFrame[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const frames: ServerFrame[] = []
  for (let at = 0; at + 2 <= view.length;) {
    const [first, second] = [view.readUInt8(at), view.readUInt8(at + 1)]
    if ((first & 0x70) !== 0 || (first & 0x80) === 0) throw new Error('RSV set, or a fragment')
    if ((second & 0x80) !== 0) throw new Error('servers do not mask')
    const header = second < 126 ? 2 : second === 126 ? 4 : 10
    if (at + header > view.length) break
    const length =
      second < 126
        ? second
        : second === 126
          ? view.readUInt16BE(at + 2)
          : Number(view.readBigUInt64BE(at + 2))
    if (at + header + length > view.length) break
    frames.push({
      opcode: first & 0x0f,
      payload: bytes.subarray(at + header, at + header + length),
    })
    at += header + length
  }
  return frames
}

/** Client frames of RFC 6455: masked, never fragmented. Made by hand, so that the generator costs little. */

const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** Any mask will do: it exists for proxies, and costs the receiver the same whatever it is. */
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const

/** One masked frame of this payload. */
export function clientFrame(payload: Uint8Array, opcode = BINARY): Buffer {
  const start = headerSize(payload.length) + 4
  const frame = Buffer.allocUnsafe(start + payload.length)
  writeHeader(frame, opcode, payload.length)
  for (let i = 0; i < 4; i++) frame[start - 4 + i] = MASK[i] ?? 0
  for (let i = 0; i < payload.length; i++) {
    frame[start + i] = (payload[i] ?? 0) ^ (MASK[i & 3] ?? 0)
  }
  return frame
}

function headerSize(payloadBytes: number): number {
  if (payloadBytes < 126) return 2
  return payloadBytes < 0x10000 ? 4 : 10
}

function writeHeader(frame: Buffer, opcode: number, payloadBytes: number): void {
  frame[0] = 0x80 | opcode
  if (payloadBytes < 126) frame[1] = 0x80 | payloadBytes
  else if (payloadBytes < 0x10000) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(payloadBytes, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(payloadBytes), 2)
  }
}

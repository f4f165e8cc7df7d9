/**
 * Server frames of RFC 6455: unmasked, never fragmented, never compressed.
 *
 *     payload     < 126   opcode byte, length
 *                 < 2^16  opcode byte, 126, length (2 bytes)
 *                 else    opcode byte, 127, length (8 bytes)
 *
 * Frames are built here rather than by a socket, so that one is made once for all receivers, and several for the same
 * receiver leave in one write. They are Buffers, since a socket makes one of whatever else it is given, for each write.
 */

const BINARY = 0x82
const PING = 0x89
const PONG = 0x8a

/** A ping that is answered with the same number. @param id 0 … 2^32-1 */
export function pingFrame(id: number): Uint8Array {
  const bytes = new Uint8Array(6)
  bytes[0] = PING
  bytes[1] = 4
  new DataView(bytes.buffer).setUint32(2, id)
  return bytes
}

/** The answer to a ping. @param payload what came with it, at most 125 bytes */
export function pongFrame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + payload.length)
  bytes[0] = PONG
  bytes[1] = payload.length
  bytes.set(payload, 2)
  return bytes
}

/** The number in a pong's payload, or `null` if the pong answers no ping of ours. */
export function pongId(payload: Uint8Array): number | null {
  if (payload.length !== 4) return null
  return new DataView(payload.buffer, payload.byteOffset, payload.length).getUint32(0)
}

/** Bytes of the header in front of a payload of this many bytes. */
export function frameHeaderSize(payloadBytes: number): number {
  if (payloadBytes < 126) return 2
  return payloadBytes < 0x10000 ? 4 : 10
}

/** Writes a binary frame's header at `offset`; returns where the payload begins. */
function writeFrameHeader(target: Uint8Array, offset: number, payloadBytes: number): number {
  target[offset] = BINARY
  if (payloadBytes < 126) {
    target[offset + 1] = payloadBytes
    return offset + 2
  }
  const view = new DataView(target.buffer, target.byteOffset + offset)
  if (payloadBytes < 0x10000) {
    view.setUint8(1, 126)
    view.setUint16(2, payloadBytes)
    return offset + 4
  }
  view.setUint8(1, 127)
  view.setBigUint64(2, BigInt(payloadBytes))
  return offset + 10
}

/** One binary frame whose payload is all of `parts`, in order. */
export function frame(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const payloadBytes = totalBytes(parts)
  const bytes = emptyFrame(payloadBytes)
  copyAll(parts, bytes, bytes.length - payloadBytes)
  return bytes
}

/** One binary frame whose payload, the last `payloadBytes` bytes, is still to be filled in. */
export function emptyFrame(payloadBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.alloc(frameHeaderSize(payloadBytes) + payloadBytes)
  writeFrameHeader(bytes, 0, payloadBytes)
  return bytes
}

/** The beginning of a binary frame: its header and `prefix`; the rest of the payload follows in a write of its own. */
export function frameHead(prefix: Uint8Array, restBytes: number): Uint8Array<ArrayBuffer> {
  const payloadBytes = prefix.length + restBytes
  const bytes = Buffer.alloc(frameHeaderSize(payloadBytes) + prefix.length)
  bytes.set(prefix, writeFrameHeader(bytes, 0, payloadBytes))
  return bytes
}

/** Byte arrays one after another. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.alloc(totalBytes(parts))
  copyAll(parts, bytes, 0)
  return bytes
}

function totalBytes(parts: readonly Uint8Array[]): number {
  let total = 0
  for (const part of parts) total += part.length
  return total
}

function copyAll(parts: readonly Uint8Array[], target: Uint8Array, start: number): void {
  let offset = start
  for (const part of parts) {
    target.set(part, offset)
    offset += part.length
  }
}

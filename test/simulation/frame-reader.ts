import { frame } from '../../server/src/transport/frames.js'

export const BINARY = 2
const CLOSE = 8
export const PING = 9
export const PONG = 10

export interface ReadFrame {
  readonly opcode: number
  readonly payload: Uint8Array
}

/** Puts frames together from bytes that arrive in any pieces. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array(0)

  /** The frames that are complete with these bytes. */
  read(bytes: Uint8Array): ReadFrame[] {
    const all = new Uint8Array(this.#rest.length + bytes.length)
    all.set(this.#rest)
    all.set(bytes, this.#rest.length)
    const frames = []
    let at = 0
    for (;;) {
      const payload = payloadOf(all, at)
      if (payload === null) break
      frames.push({ opcode: (all[at] ?? 0) & 0x0f, payload: all.slice(payload.start, payload.end) })
      at = payload.end
    }
    this.#rest = all.slice(at)
    return frames
  }
}

function payloadOf(bytes: Uint8Array, at: number): { start: number; end: number } | null {
  const view = new DataView(bytes.buffer)
  if (at + 2 > bytes.length) return null
  const short = view.getUint8(at + 1)
  const header = short < 126 ? 2 : short === 126 ? 4 : 10
  if (at + header > bytes.length) return null
  const length =
    short < 126 ? short : short === 126 ? view.getUint16(at + 2) : Number(view.getBigUint64(at + 2))
  const end = at + header + length
  return end > bytes.length ? null : { start: at + header, end }
}

/** A control frame. */
export function controlFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const bytes = frame(payload)
  bytes[0] = 0x80 | opcode
  return bytes
}

export function closeFrame(code: number, reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason)
  const payload = new Uint8Array(2 + text.length)
  new DataView(payload.buffer).setUint16(0, code)
  payload.set(text, 2)
  return controlFrame(CLOSE, payload)
}

/** What a close frame says, or `null` for another frame. */
export function closeOf({
  opcode,
  payload,
}: ReadFrame): { readonly code: number; readonly reason: string } | null {
  if (opcode !== CLOSE) return null
  const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0)
  return { code, reason: new TextDecoder().decode(payload.subarray(2)) }
}

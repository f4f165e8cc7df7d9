/** The second floor: one prepared frame, written to each socket of the room. Nothing less can pass a message on. */
import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { announce } from './announce.js'

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const HEAD_END = '\r\n\r\n'
const CLOSE = 8

const rooms = new Map<string, Set<Socket>>()

class Member {
  readonly #socket: Socket
  #room: Set<Socket> | null = null
  #rest: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('close', () => this.#room?.delete(socket))
    socket.on('error', () => {})
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const start = this.#room === null ? this.#upgrade(bytes) : 0
    this.#rest = bytes.subarray(this.#room === null ? 0 : this.#relay(bytes, start))
  }

  /** Returns where the first frame begins. */
  #upgrade(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END)
    if (end === -1) return 0
    const head = bytes.toString('latin1', 0, end)
    const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? ''
    const accept = createHash('sha1').update(`${key}${MAGIC}`).digest('base64')
    const name = head.split(' ', 2)[1] ?? '/'
    const room = rooms.get(name) ?? new Set()
    rooms.set(name, room.add(this.#socket))
    this.#room = room
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    this.#socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}${HEAD_END}`)
    return end + HEAD_END.length
  }

  /** Passes on every frame that is there in full. Returns where the first one begins that is not. */
  #relay(bytes: Buffer, start: number): number {
    for (let at = start; ;) {
      const frame = maskedFrame(bytes, at)
      if (frame === null) return at
      if (((bytes[at] ?? 0) & 15) === CLOSE) this.#socket.end()
      else this.#passOn(unmasked(bytes, at, frame))
      at = frame.end
    }
  }

  #passOn(frame: Buffer): void {
    for (const member of this.#room ?? []) if (member !== this.#socket) member.write(frame)
  }
}

interface MaskedFrame {
  /** Bytes before the mask. */
  readonly head: number
  readonly end: number
}

/** The frame at `at`, or `null` if it is not there in full. */
function maskedFrame(bytes: Buffer, at: number): MaskedFrame | null {
  const rest = bytes.length - at
  if (rest < 2) return null
  const short = (bytes[at + 1] ?? 0) & 127
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  if (rest < head) return null
  const length =
    short < 126
      ? short
      : short === 126
        ? bytes.readUInt16BE(at + 2)
        : Number(bytes.readBigUInt64BE(at + 2))
  const end = at + head + 4 + length
  return end > bytes.length ? null : { head, end }
}

/** The same frame as a server sends it. */
function unmasked(bytes: Buffer, at: number, { head, end }: MaskedFrame): Buffer {
  const mask = at + head
  const from = mask + 4
  const frame = Buffer.allocUnsafe(head + end - from)
  bytes.copy(frame, 0, at, mask)
  frame[1] = (frame[1] ?? 0) & 127
  for (let i = 0; from + i < end; i++) {
    frame[head + i] = (bytes[from + i] ?? 0) ^ (bytes[mask + (i & 3)] ?? 0)
  }
  return frame
}

announce(createServer((socket) => new Member(socket)))

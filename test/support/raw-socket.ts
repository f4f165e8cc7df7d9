import { connect, type Socket } from 'node:net'
import { CLOSE, serverFrames, type ServerFrame } from './server-frames.js'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const DEADLINE_MS = 60_000

/** An upgrade request; `lines` replace headers of the same name or are added, `null` leaves one out. */
export function upgradeRequest(
  port: number,
  target = '/doc',
  headers: Readonly<Record<string, string | null>> = {},
): string {
  const all: Record<string, string | null> = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}`],
  )
  return `GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

export interface FrameParts {
  readonly opcode?: number
  readonly fin?: boolean
  /** The three reserved bits. */
  readonly rsv?: number
  readonly masked?: boolean
  /** Announced instead of the payload's own length, in this many bytes. */
  readonly length?: { readonly value: bigint; readonly bytes: 1 | 2 | 8 }
}

/** A client's frame, right or wrong in any part. */
export function clientFrame(payload: Uint8Array, parts: FrameParts = {}): Buffer {
  const { opcode = 2, fin = true, rsv = 0, masked = true } = parts
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const length = parts.length ?? ownLength(payload.length)
  const field = Buffer.alloc(8)
  field.writeBigUInt64BE(length.value)
  const marker = length.bytes === 1 ? Number(length.value) : length.bytes === 2 ? 126 : 127
  const head = [Buffer.of(first, (masked ? 0x80 : 0) | marker)]
  if (length.bytes > 1) head.push(field.subarray(8 - length.bytes))
  // The mask 0: the payload stands as it is.
  if (masked) head.push(Buffer.alloc(4))
  return Buffer.concat([...head, payload])
}

function ownLength(length: number): { value: bigint; bytes: 1 | 2 | 8 } {
  return { value: BigInt(length), bytes: length < 126 ? 1 : length < 65_536 ? 2 : 8 }
}

/** A TCP connection that sends what a test wants and keeps everything that comes back. */
export class RawSocket {
  readonly socket: Socket
  closed = false
  #received = Buffer.alloc(0)
  readonly #waiting = new Set<() => void>()

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data])
      this.#changed()
    })
    // Resets are what many tests are about.
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.closed = true
      this.#changed()
    })
  }

  /** A WebSocket by hand: connected, with the handshake answered. */
  static async upgraded(
    port: number,
    target?: string,
    headers?: Readonly<Record<string, string | null>>,
  ): Promise<RawSocket> {
    const raw = new RawSocket(port)
    raw.send(upgradeRequest(port, target, headers))
    await raw.until('the handshake', () => raw.head !== null)
    if (raw.status !== 101) throw new Error(`no WebSocket: ${raw.head}`)
    return raw
  }

  send(bytes: Uint8Array | string): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  /** Ends the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  get text(): string {
    return this.#received.toString('latin1')
  }

  /** The head of the HTTP answer, or `null` while it is not complete. */
  get head(): string | null {
    const end = this.text.indexOf('\r\n\r\n')
    return end < 0 ? null : this.text.slice(0, end)
  }

  /** The status of the HTTP answer; 0 when there is none. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1] ?? 0)
  }

  /** Frames after the handshake. */
  get frames(): ServerFrame[] {
    const head = this.head
    return head === null
      ? []
      : serverFrames(new Uint8Array(this.#received.subarray(head.length + 4)))
  }

  /** The code of the close frame, 1005 for one without, or `null`. */
  get closeCode(): number | null {
    const close = this.frames.find(({ opcode }) => opcode === CLOSE)
    if (close === undefined) return null
    return close.payload.length < 2 ? 1005 : Buffer.from(close.payload).readUInt16BE(0)
  }

  /** Resolves when `condition` holds; rejects when it does not in time, or not before the connection closes. */
  until(what: string, condition: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(deadline)
        this.#waiting.delete(look)
        if (error === undefined) resolve()
        else reject(error)
      }
      const look = (): void => {
        if (condition()) settle()
        else if (this.closed) settle(new Error(`closed before ${what}: ${this.text}`))
      }
      const late = (): void => settle(new Error(`not in ${deadlineMs} ms: ${what}`))
      const deadline = setTimeout(late, deadlineMs)
      this.#waiting.add(look)
      look()
    })
  }

  /** Resolves when the server has closed the connection. */
  ended(deadlineMs?: number): Promise<void> {
    return this.until('the end', () => this.closed, deadlineMs)
  }

  destroy(): void {
    this.socket.destroy()
  }

  #changed(): void {
    for (const look of this.#waiting) look()
  }
}

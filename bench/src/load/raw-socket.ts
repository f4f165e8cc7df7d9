import { connect, type Socket } from 'node:net'
import { CLOSE, clientFrame, PING, PONG } from './client-frames.js'
import { FrameReader } from './frame-reader.js'

/** What happens on a socket. */
export interface SocketListener {
  /** A message lies in `bytes` from `start` to `end`; valid during the call only. */
  message(bytes: Buffer, start: number, end: number): void
  closed(reason: string): void
}

// Any key will do; what is tested here is not the handshake.
const KEY = 'Y29zY3JpYmUgYmVuY2hlcw=='
const HEAD_END = '\r\n\r\n'

/** A WebSocket client on a plain socket: the upgrade, whole frames, pongs. */
export class RawSocket {
  readonly #socket: Socket
  readonly #listener: SocketListener
  readonly #reader: FrameReader
  #head: Buffer | null = Buffer.alloc(0)
  #opened: (() => void) | null = null
  #bytesIn = 0
  #closeReason = 'the connection ended'
  /** When the bytes that are being taken arrived, in milliseconds of `performance.now()`. */
  arrivedAt = 0

  constructor(
    listener: SocketListener,
    port: number,
    path: string,
    subprotocol: string | null,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.#listener = listener
    this.#reader = new FrameReader((opcode, bytes, start, end) =>
      this.#take(opcode, bytes, start, end),
    )
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#socket.on('error', (error) => (this.#closeReason = error.message))
    this.#socket.on('close', () => listener.closed(this.#closeReason))
    this.#socket.write(upgradeRequest(port, path, subprotocol, headers))
  }

  /** Called once when messages may be sent. */
  onOpen(opened: () => void): void {
    this.#opened = opened
  }

  get bytesIn(): number {
    return this.#bytesIn
  }

  send(payload: Uint8Array): void {
    this.#socket.write(clientFrame(payload))
  }

  /** Sends frames that were made before. */
  sendFrames(frames: Buffer): void {
    this.#socket.write(frames)
  }

  /** Bytes that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  /** Resolves when the kernel has taken what was sent, or the connection is over. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done)
        this.#socket.off('close', done)
        resolve()
      }
      this.#socket.on('drain', done)
      this.#socket.on('close', done)
    })
  }

  /** Stops reading, as a client does that hangs. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.arrivedAt = performance.now()
    this.#bytesIn += chunk.length
    if (this.#head === null) this.#reader.read(chunk)
    else this.#readHead(chunk)
  }

  #readHead(chunk: Buffer): void {
    const head = Buffer.concat([this.#head ?? Buffer.alloc(0), chunk])
    const end = head.indexOf(HEAD_END)
    if (end === -1) {
      this.#head = head
      return
    }
    this.#head = null
    const status = head.toString('latin1', 0, head.indexOf('\r\n'))
    if (!status.startsWith('HTTP/1.1 101')) {
      this.#closeReason = `the upgrade was answered with ${status}`
      this.#socket.destroy()
      return
    }
    this.#opened?.()
    const rest = head.subarray(end + HEAD_END.length)
    if (rest.length > 0) this.#reader.read(rest)
  }

  #take(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode < CLOSE) this.#listener.message(bytes, start, end)
    else if (opcode === PING) this.#socket.write(clientFrame(bytes.subarray(start, end), PONG))
    else if (opcode === CLOSE) {
      const code = end - start >= 2 ? bytes.readUInt16BE(start) : 1005
      this.#closeReason = `closed with ${code} ${bytes.toString('utf8', start + 2, end)}`
      this.#socket.end()
    }
  }
}

/** The request by which a WebSocket begins, whole. */
export function upgradeRequest(
  port: number,
  path: string,
  subprotocol: string | null,
  headers: Readonly<Record<string, string>> = {},
): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
  ]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (subprotocol !== null) lines.push(`Sec-WebSocket-Protocol: ${subprotocol}`)
  return lines.join('\r\n') + HEAD_END
}

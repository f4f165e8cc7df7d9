import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Connection } from '../../../server/src/transport/connection.js'
import { bring, type ServerSocket } from '../../../server/src/transport/server-socket.js'
import { BINARY, serverFrames } from '../server-frames.js'

/** What lies around each message in memory, as other connections' bytes do in what a socket reads. */
export const NEIGHBOUR = 'NEIGHBOUR-5b1e'

/** The part of net.Socket that a connection uses, with a peer that reads everything at once. */
class ScriptedNetSocket extends EventEmitter {
  bytesRead = 0
  destroyed = false
  readonly writableLength = 0
  readonly written: Uint8Array[] = []
  writtenBytes = 0

  write(bytes: Uint8Array, callback?: () => void): boolean {
    this.written.push(Uint8Array.from(bytes))
    this.writtenBytes += bytes.length
    callback?.()
    return true
  }

  cork(): void {
    // Nothing is gathered: what is written is sent.
  }

  uncork(): void {
    // As above.
  }
}

/** The part of a WebSocket that a connection uses. */
class ScriptedWs {
  readonly OPEN = 1
  readyState = 1
  binaryType = ''
  connection: Connection | null = null
  paused = false
  closeCode: number | null = null

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  close(code: number): void {
    this.readyState = 2
    this.closeCode ??= code
  }

  terminate(): void {
    this.readyState = 3
    this.closeCode ??= 1006
  }
}

/** A connection's other end: it brings messages as a socket does, in memory that belongs to others too. */
export class HostileLine {
  readonly #socket = new ScriptedNetSocket()
  readonly #ws = new ScriptedWs()

  get ws(): ServerSocket {
    return this.#ws as unknown as ServerSocket
  }

  get socket(): Socket {
    return this.#socket as unknown as Socket
  }

  /** What the connection was closed with, or `null`. */
  get closeCode(): number | null {
    return this.#ws.closeCode
  }

  /** Whether the server does not read at the moment. */
  get paused(): boolean {
    return this.#ws.paused
  }

  /** How much the server wrote. */
  get writtenBytes(): number {
    return this.#socket.writtenBytes
  }

  /** Everything the server wrote. */
  get written(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#socket.written))
  }

  /** The messages among it. */
  get messages(): Uint8Array[] {
    const frames = serverFrames(this.written)
    return frames.filter(({ opcode }) => opcode === BINARY).map(({ payload }) => payload)
  }

  /** One message arrives. */
  bring(message: Uint8Array): void {
    const { connection } = this.#ws
    if (connection === null || this.#ws.readyState !== 1) return
    const pool = Buffer.concat([Buffer.from(NEIGHBOUR), message, Buffer.from(NEIGHBOUR)])
    const view = pool.subarray(NEIGHBOUR.length, NEIGHBOUR.length + message.length)
    this.#socket.bytesRead += message.length
    this.#socket.emit('data', view)
    bring(connection, 'message', view, true)
    // The next read of the socket overwrites it.
    pool.fill(NEIGHBOUR)
  }

  /** The socket is gone. */
  end(): void {
    this.#ws.readyState = 3
    if (this.#ws.connection !== null) bring(this.#ws.connection, 'close', 1006, '')
  }
}

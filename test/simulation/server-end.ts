import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Clock } from '@coscribe/shared'
import type { Connection } from '../../server/src/transport/connection.js'
import { bring, type ServerSocket } from '../../server/src/transport/server-socket.js'
import {
  BINARY,
  closeFrame,
  closeOf,
  controlFrame,
  FrameReader,
  PING,
  PONG,
} from './frame-reader.js'
import type { Pipe, Receiver } from './pipe.js'

/** How long the other end has to answer a closing handshake, as in the upgrader. */
const CLOSE_TIMEOUT_MS = 5_000
/** From so many unsent bytes on a writer hears when all of them are gone. */
const HIGH_WATER_BYTES = 32

/** The part of net.Socket that the server uses: one write is under way, later ones wait and go together. */
class FakeSocket extends EventEmitter {
  bytesRead = 0
  destroyed = false
  #pipe: Pipe | null = null
  #underWay: Uint8Array[] = []
  #underWayBytes = 0
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #callbacks: (() => void)[] = []
  #needsDrain = false
  #corked = 0
  /** Most bytes that ever waited here. */
  mostUnsent = 0

  attach(pipe: Pipe): void {
    this.#pipe = pipe
  }

  get writableLength(): number {
    return this.#underWayBytes + this.#waitingBytes
  }

  get writableHighWaterMark(): number {
    return HIGH_WATER_BYTES
  }

  get writableNeedDrain(): boolean {
    return this.#needsDrain
  }

  write(bytes: Uint8Array, callback?: () => void): boolean {
    if (this.destroyed) return false
    this.#waiting.push(bytes.slice())
    this.#waitingBytes += bytes.length
    if (callback !== undefined) this.#callbacks.push(callback)
    if (this.#corked === 0) this.push()
    this.mostUnsent = Math.max(this.mostUnsent, this.writableLength)
    if (this.writableLength >= HIGH_WATER_BYTES) this.#needsDrain = true
    return !this.#needsDrain
  }

  cork(): void {
    this.#corked++
  }

  uncork(): void {
    this.#corked--
    if (this.#corked === 0) this.push()
  }

  setNoDelay(): this {
    return this
  }

  destroy(): this {
    this.destroyed = true
    this.#underWay = []
    this.#waiting = []
    this.#underWayBytes = this.#waitingBytes = 0
    this.#callbacks = []
    return this
  }

  /** Gives the line what it has room for. A write counts as unsent until all of it has gone. */
  push(): void {
    while (!this.destroyed) {
      if (this.#underWay.length === 0) this.#next()
      const [first] = this.#underWay
      if (first === undefined) break
      const taken = this.#pipe?.push(first) ?? 0
      if (taken < first.length) {
        this.#underWay[0] = first.subarray(taken)
        return
      }
      this.#underWay.shift()
      if (this.#underWay.length === 0) this.#underWayBytes = 0
    }
    if (!this.#needsDrain || this.destroyed) return
    this.#needsDrain = false
    this.emit('drain')
  }

  #next(): void {
    this.#underWay = this.#waiting
    this.#underWayBytes = this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
    const callbacks = this.#callbacks
    this.#callbacks = []
    for (const callback of callbacks) callback()
  }
}

/** The part of ws that the server uses, above such a socket. */
class FakeWs {
  readonly OPEN = 1
  readyState = 1
  binaryType = 'nodebuffer'
  protocol: string
  connection: Connection | null = null
  readonly end: ServerEnd

  constructor(end: ServerEnd, protocol: string) {
    this.end = end
    this.protocol = protocol
  }

  emit(event: string, first?: unknown, second?: unknown): boolean {
    return this.connection !== null && bring(this.connection, event, first, second)
  }

  pause(): void {
    this.end.setPaused(true)
  }

  resume(): void {
    this.end.setPaused(false)
  }

  close(code = 1005, reason = ''): void {
    this.end.startClosing(code, reason)
  }

  terminate(): void {
    this.readyState = 2
    this.end.terminated()
  }
}

/** What a server's end tells its line. */
interface LineEvents {
  /** This end is gone. */
  abandon(): void
  /** A message of so many bytes came. */
  received(bytes: number): void
}

/** The server's end of a connection: what ws and a socket do, over a pipe. */
export class ServerEnd implements Receiver {
  readonly socket = new FakeSocket()
  readonly #ws: FakeWs
  readonly #clock: Clock
  readonly #frames = new FrameReader()
  #up: Pipe | null = null
  #closed = false
  readonly #line: LineEvents

  constructor(clock: Clock, protocol: string, line: LineEvents) {
    this.#clock = clock
    this.#ws = new FakeWs(this, protocol)
    this.#line = line
  }

  get ws(): ServerSocket {
    return this.#ws as unknown as ServerSocket
  }

  get netSocket(): Socket {
    return this.socket as unknown as Socket
  }

  attach(up: Pipe, down: Pipe): void {
    this.#up = up
    this.socket.attach(down)
  }

  setPaused(paused: boolean): void {
    if (this.#up !== null) this.#up.paused = paused
  }

  arrived(bytes: Uint8Array): void {
    if (this.#closed) return
    this.socket.bytesRead += bytes.length
    this.socket.emit('data', bytes)
    for (const frame of this.#frames.read(bytes)) {
      if (this.#closed) return
      const close = closeOf(frame)
      if (close !== null) this.#closing(close.code, close.reason)
      else if (frame.opcode === BINARY) this.#message(frame.payload)
      else if (frame.opcode === PONG) this.#ws.emit('pong', frame.payload)
      else if (frame.opcode === PING) this.#pinged(frame.payload)
    }
  }

  startClosing(code: number, reason: string): void {
    if (this.#closed || this.#ws.readyState !== 1) return
    this.#ws.readyState = 2
    this.socket.write(closeFrame(code, reason))
    this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#ws.terminate())
  }

  /** The connection is gone without a handshake. */
  lost(): void {
    this.#over(1006, '')
  }

  terminated(): void {
    this.socket.destroy()
    this.#line.abandon()
    this.#clock.after(0, () => this.lost())
  }

  /** The process ended: nothing hears of anything any more. */
  silence(): void {
    this.#closed = true
    this.socket.destroy()
    this.#ws.connection = null
    this.socket.removeAllListeners()
  }

  #message(payload: Uint8Array): void {
    this.#line.received(payload.length)
    this.#ws.emit('message', payload, true)
  }

  #pinged(payload: Uint8Array): void {
    this.#ws.emit('ping', payload)
    if (this.#ws.readyState === 1) this.socket.write(controlFrame(PONG, payload))
  }

  #closing(code: number, reason: string): void {
    if (this.#ws.readyState === 1) this.socket.write(closeFrame(code, reason))
    this.#ws.readyState = 2
    // What is on its way to the client still arrives; then it hears of the end.
    this.#over(code, reason)
  }

  #over(code: number, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#ws.readyState = 3
    this.#ws.emit('close', code, reason)
  }
}

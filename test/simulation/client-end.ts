import type { SocketLike } from '@coscribe/client'
import type { Clock } from '@coscribe/shared'
import { frame } from '../../server/src/transport/frames.js'
import {
  BINARY,
  closeFrame,
  closeOf,
  controlFrame,
  FrameReader,
  PING,
  PONG,
  type ReadFrame,
} from './frame-reader.js'
import type { Pipe, Receiver } from './pipe.js'

type Listener = (event: never) => void

/** The client's end of a connection: what a browser's WebSocket does, over a pipe. */
export class ClientEnd implements SocketLike, Receiver {
  binaryType = 'blob'
  protocol = ''
  readonly #clock: Clock
  readonly #abandon: () => void
  readonly #listeners = new Map<string, Listener[]>()
  readonly #frames = new FrameReader()
  #up: Pipe | null = null
  #unsent: Uint8Array[] = []
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'

  /** @param abandon tells the other end that this one is gone */
  constructor(clock: Clock, abandon: () => void) {
    this.#clock = clock
    this.#abandon = abandon
  }

  get bufferedAmount(): number {
    return this.#unsent.reduce((bytes, piece) => bytes + piece.length, 0)
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    if (this.#state === 'connecting') throw new Error('the socket is not open')
    if (this.#state === 'open') this.#write(frame(data))
  }

  close(code = 1000, reason = ''): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    if (this.#state === 'connecting') return this.terminate()
    this.#state = 'closing'
    this.#write(closeFrame(code, reason))
  }

  terminate(): void {
    this.#abandon()
    this.lost()
  }

  // --- what the network does

  opened(protocol: string, up: Pipe): void {
    if (this.#state !== 'connecting') return
    this.#up = up
    this.protocol = protocol
    this.#state = 'open'
    this.#emit('open', {})
  }

  /** Writes what the line has room for. */
  push(): void {
    for (;;) {
      const [first] = this.#unsent
      if (first === undefined) return
      const taken = this.#up?.push(first) ?? 0
      if (taken < first.length) {
        this.#unsent[0] = first.subarray(taken)
        return
      }
      this.#unsent.shift()
    }
  }

  arrived(bytes: Uint8Array): void {
    for (const read of this.#frames.read(bytes)) {
      // A task of its own for each message, as in a browser.
      this.#clock.after(0, () => this.#take(read))
    }
  }

  /** A system gives up on an attempt that nobody answers. */
  gaveUp(): void {
    if (this.#state === 'connecting') this.lost()
  }

  /** The connection is gone without a handshake. */
  lost(): void {
    this.#over(1006, '')
  }

  /** The process ended: nothing hears of anything any more. */
  silence(): void {
    this.#listeners.clear()
    this.#state = 'closed'
  }

  #take(read: ReadFrame): void {
    if (this.#state !== 'open' && this.#state !== 'closing') return
    const close = closeOf(read)
    if (close !== null) {
      if (this.#state === 'open') this.#write(closeFrame(close.code, ''))
      return this.#over(close.code, close.reason)
    }
    if (read.opcode === PING) this.#write(controlFrame(PONG, read.payload))
    if (read.opcode === BINARY && this.#state === 'open') {
      this.#emit('message', { data: read.payload.buffer })
    }
  }

  #write(bytes: Uint8Array): void {
    this.#unsent.push(bytes)
    this.push()
  }

  #over(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#emit('close', { code, reason })
  }

  #emit(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never)
  }
}

import { decodeStockReply } from '@coscribe/shared'
import { WebSocket } from 'ws'

/** What went over the sockets of one client, across its reconnects. */
export class FrameLog {
  readonly received: Uint8Array[] = []
  readonly sent: Uint8Array[] = []
  /** Codes of sockets that were open, oldest first. */
  readonly closes: number[] = []
  /** Sockets that never opened. */
  failures = 0
  textFrames = 0
  opened = 0
  /** This end of the latest connection. */
  port: number | undefined

  /** Messages received since frame number `start`, in order. */
  messages(start = 0): ReturnType<typeof decodeStockReply>[] {
    return this.received.slice(start).map((bytes) => decodeStockReply(bytes))
  }

  /** How many received messages are of this type. */
  count(type: ReturnType<typeof decodeStockReply>['type'], start = 0): number {
    return this.messages(start).filter((message) => message.type === type).length
  }

  /**
   * What no stock client can read: text frames, unknown types, and frames with anything but one whole message, whose
   * rest such a client silently drops.
   */
  unreadable(): string[] {
    const texts = Array.from({ length: this.textFrames }, () => 'a text frame')
    return this.messages().reduce<string[]>((found, message) => {
      if (message.type === 'fault') found.push(message.reason)
      return found
    }, texts)
  }
}

/** A WebSocket class that notes everything in `log`, to be handed to a provider as its polyfill. */
export function loggingSocket(log: FrameLog): typeof globalThis.WebSocket {
  class LoggingSocket extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols)
      this.on('upgrade', (response) => {
        log.port = response.socket.localPort
      })
      let opened = false
      this.on('open', () => {
        opened = true
        log.opened += 1
      })
      this.on('message', (data: ArrayBuffer | Buffer, isBinary: boolean) => {
        if (isBinary) log.received.push(new Uint8Array(data))
        else log.textFrames += 1
      })
      this.on('close', (code) => {
        if (opened) log.closes.push(code)
        else log.failures += 1
      })
    }

    override send(data: Uint8Array): void {
      log.sent.push(Uint8Array.from(data))
      super.send(data)
    }
  }
  return LoggingSocket as unknown as typeof globalThis.WebSocket
}

import { closeCodes } from '@coscribe/shared'
import { WebSocket } from 'ws'
import type { Connection } from './connection.js'

const MESSAGE_TOO_BIG = 1009

/** A WebSocket that tells its connection what happens, without a listener. */
export class ServerSocket extends WebSocket {
  connection: Connection | null = null

  /** Straight to the connection: a table of five listeners would be more than most parts of an idle connection. */
  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const { connection } = this
    if (connection === null) return super.emit(event, first, second)
    return bring(connection, event, first, second) || super.emit(event, first, second)
  }

  /**
   * The receiver closes with 1009 when a frame announces more than any message may have, and some clients would
   * come back with the same message for ever; the code of ours tells them not to.
   */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code === MESSAGE_TOO_BIG ? closeCodes['too-large'].code : code, reason)
  }
}

/** Brings what a WebSocket emits to its connection. Returns whether the connection hears of such events. */
export function bring(
  connection: Connection,
  event: string | symbol,
  first: unknown,
  second: unknown,
): boolean {
  switch (event) {
    case 'message':
      connection.onMessage(first, second === true)
      return true
    case 'ping':
      connection.onPing(first as Uint8Array)
      return true
    case 'pong':
      connection.onPong(first as Uint8Array)
      return true
    case 'close':
      connection.onClose()
      return true
    case 'error':
      connection.onError(first as Error)
      return true
    default:
      return false
  }
}

import { closeCodes } from '@coscribe/shared'
import { WebSocket } from 'ws'
import type { Connection } from './connection.js'

const MESSAGE_TOO_BIG = 1009

/** A WebSocket that knows its connection, so that all sockets share their listeners. */
export class ServerSocket extends WebSocket {
  connection: Connection | null = null

  /**
   * The receiver closes with 1009 when a frame announces more than any message may have, and some clients would
   * come back with the same message for ever; the code of ours tells them not to.
   */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code === MESSAGE_TOO_BIG ? closeCodes['too-large'].code : code, reason)
  }
}

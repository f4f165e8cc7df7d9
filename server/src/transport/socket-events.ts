import type { Socket } from 'node:net'
import type { Connection } from './connection.js'
import type { ServerSocket } from './server-socket.js'

/** Where a raw socket keeps its connection. */
const owner = Symbol('connection')
type OwnedSocket = Socket & { [owner]?: Connection }

/** Brings a socket's events to its connection, through listeners that all sockets share. */
export function listen(connection: Connection, ws: ServerSocket, socket: Socket): void {
  ws.connection = connection
  ;(socket as OwnedSocket)[owner] = connection
  socket.on('data', onData)
  socket.on('drain', onDrain)
}

function onData(this: unknown, bytes: Uint8Array): void {
  ;(this as OwnedSocket)[owner]?.onData(bytes)
}

function onDrain(this: unknown): void {
  ;(this as OwnedSocket)[owner]?.onDrain()
}

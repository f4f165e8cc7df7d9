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
  ws.on('message', onMessage)
  ws.on('ping', onPing)
  ws.on('pong', onPong)
  ws.on('close', onClose)
  ws.on('error', onError)
  socket.on('data', onData)
  socket.on('drain', onDrain)
}

function onMessage(this: unknown, data: unknown, isBinary: boolean): void {
  ;(this as ServerSocket).connection?.onMessage(data, isBinary)
}

function onPing(this: unknown, payload: Uint8Array): void {
  ;(this as ServerSocket).connection?.onPing(payload)
}

function onPong(this: unknown, payload: Uint8Array): void {
  ;(this as ServerSocket).connection?.onPong(payload)
}

function onClose(this: unknown): void {
  ;(this as ServerSocket).connection?.onClose()
}

function onError(this: unknown, error: Error): void {
  ;(this as ServerSocket).connection?.onError(error)
}

function onData(this: unknown): void {
  ;(this as OwnedSocket)[owner]?.onData()
}

function onDrain(this: unknown): void {
  ;(this as OwnedSocket)[owner]?.onDrain()
}

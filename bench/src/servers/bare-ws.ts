/** The first floor: what a room on `ws` costs that only passes on. No CRDT, no storage, no batching. */
import { createServer } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import { announce } from './announce.js'

const rooms = new Map<string, Set<WebSocket>>()
const http = createServer()
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })

sockets.on('connection', (socket, request) => {
  const name = request.url ?? '/'
  const room = rooms.get(name) ?? new Set()
  rooms.set(name, room.add(socket))
  socket.on('message', (message: Buffer) => {
    for (const member of room) if (member !== socket) member.send(message)
  })
  socket.on('close', () => {
    room.delete(socket)
    if (room.size === 0) rooms.delete(name)
  })
  socket.on('error', () => {})
})

announce(http)

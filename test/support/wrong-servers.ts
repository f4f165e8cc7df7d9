import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { decodeStockMessage, encodeStockMessage } from '@coscribe/shared'
import { WebSocketServer, type WebSocket } from 'ws'
import * as Y from 'yjs'
import { afterTest } from './stock-room.js'

// Servers that get one thing wrong, to show that a test would notice.

export interface WrongServer {
  readonly url: string
}

/** Answers a step 1 with an empty step 2 and sends the content behind it. */
export function emptyAnswerFirst(content: string): Promise<WrongServer> {
  const doc = new Y.Doc()
  doc.getText('t').insert(0, content)
  return serve((socket) => {
    socket.on('message', (data: Buffer) => {
      if (decodeStockMessage(new Uint8Array(data)).type !== 'sync-step-1') return
      socket.send(encodeStockMessage({ type: 'sync-step-2', update: Uint8Array.of(0, 0) }))
      const update = Y.encodeStateAsUpdate(doc)
      setImmediate(() => socket.send(encodeStockMessage({ type: 'update', update })))
    })
  })
}

/** Answers every step 1 and says nothing else, ever; it does ping. */
export function silentServer(): Promise<WrongServer> {
  return serve((socket) => {
    const pings = setInterval(() => socket.ping(), 5_000)
    socket.on('close', () => clearInterval(pings))
    socket.on('message', (data: Buffer) => {
      if (decodeStockMessage(new Uint8Array(data)).type !== 'sync-step-1') return
      socket.send(encodeStockMessage({ type: 'sync-step-2', update: Uint8Array.of(0, 0) }))
    })
  })
}

/** Sends every presence message on to everybody else as it came, and shows newcomers the latest ones. */
export function presenceRelay(): Promise<WrongServer> {
  const sockets = new Set<WebSocket>()
  const latest: Uint8Array[] = []
  return serve((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    for (const bytes of latest) socket.send(bytes)
    socket.on('message', (data: Buffer) => {
      const bytes = Uint8Array.from(data)
      const message = decodeStockMessage(bytes)
      if (message.type !== 'presence') return
      latest.push(bytes)
      for (const other of sockets) if (other !== socket) other.send(bytes)
    })
  })
}

async function serve(greet: (socket: WebSocket) => void): Promise<WrongServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', greet)
  await once(server, 'listening')
  afterTest(async () => {
    for (const socket of server.clients) socket.terminate()
    server.close()
    await once(server, 'close')
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** The floor of joins: the same bytes for everybody, read from a file once. Speaks just enough of the dialect. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { announce } from './announce.js'

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const HEAD_END = '\r\n\r\n'
const BINARY = 0x82

const [folder = '.'] = process.argv.slice(2)
/** A step 1 about nothing, and the document as a step 2. */
const answer = Buffer.concat([
  frame(Buffer.from([0, 0, 1, 0])),
  frame(message(readFileSync(join(folder, 'document')))),
])

announce(
  createServer((socket) => {
    let head = ''
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      if (head.includes(HEAD_END)) return
      head += chunk.toString('latin1')
      if (head.includes(HEAD_END)) welcome(socket, head)
    })
  }),
)

function welcome(socket: Socket, head: string): void {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? ''
  const accept = createHash('sha1').update(`${key}${MAGIC}`).digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}${HEAD_END}`)
  socket.write(answer)
}

function message(update: Buffer): Buffer {
  const length: number[] = []
  for (let rest = update.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Buffer.concat([Buffer.from([0, 1, ...length]), update])
}

function frame(payload: Buffer): Buffer {
  if (payload.length < 126) return Buffer.concat([Buffer.from([BINARY, payload.length]), payload])
  const head = Buffer.alloc(10)
  head[0] = BINARY
  head[1] = 127
  head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

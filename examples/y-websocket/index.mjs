// An unmodified y-websocket app: run it in two terminals and type lines; each appears in both.
// The server's address and the room's name can be given: npm start -- ws://127.0.0.1:1234 "my room"
import process from 'node:process'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const [server = 'ws://127.0.0.1:1234', room = 'example'] = process.argv.slice(2)
const doc = new Y.Doc()
const lines = doc.getArray('lines')
const provider = new WebsocketProvider(server, room, doc, { WebSocketPolyfill: WebSocket })

provider.on('status', ({ status }) => console.log(`(${status})`))
lines.observe((event) => {
  for (const { insert } of event.changes.delta) {
    for (const line of insert ?? []) console.log(`> ${line}`)
  }
})

const input = createInterface({ input: process.stdin })
input.on('line', (line) => lines.push([line]))
input.on('close', () => provider.destroy())

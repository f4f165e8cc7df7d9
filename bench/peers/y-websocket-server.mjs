// @y/websocket-server as it is shipped, on a free port. With a folder as argument it persists there with y-leveldb.
import { once } from 'node:events'
import { createServer } from 'node:net'
import process from 'node:process'

const [folder] = process.argv.slice(2)
if (folder !== undefined) process.env.YPERSISTENCE = folder
process.env.HOST = '127.0.0.1'
process.env.PORT = String(await freePort())
// Says where it listens.
await import('../node_modules/@y/websocket-server/src/server.js')

/** It cannot say which port it was given, so one is found for it. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

// @hocuspocus/server with its defaults, on a free port. With a folder as argument it persists there with SQLite.
import { join } from 'node:path'
import process from 'node:process'
import { Server } from '@hocuspocus/server'

const [folder] = process.argv.slice(2)
const extensions = []
if (folder !== undefined) {
  const { SQLite } = await import('@hocuspocus/extension-sqlite')
  extensions.push(new SQLite({ database: join(folder, 'documents.sqlite') }))
}
const server = new Server({ address: '127.0.0.1', port: 0, quiet: true, extensions })
await server.listen()
console.log(`listening on http://127.0.0.1:${server.address.port}`)

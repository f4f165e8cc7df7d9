import type { Server } from 'node:net'
import process from 'node:process'

/** Listens on a free port and prints the line that the benchmark waits for. */
export function announce(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    process.stdout.write(`listening on http://127.0.0.1:${port}\n`)
  })
  process.on('SIGTERM', () => process.exit(0))
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request as it arrived. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** How a request is answered: with a status and a body, or by hand. */
export type Reply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | ((response: ServerResponse) => void)

/** An HTTP server on this machine that notes what it is asked, and answers as a test says. */
export interface FakeProvider {
  readonly url: string
  readonly requests: readonly Arrived[]
  /** Connections that are open. */
  readonly connections: () => Promise<number>
}

export async function startFakeProvider(
  answer: (request: Arrived) => Reply | Promise<Reply>,
): Promise<FakeProvider> {
  const requests: Arrived[] = []
  const server = createServer((request, response) => {
    void serve(request, response)
  })
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const { method = '', url: path = '', headers } = request
    const arrived = { method, path, headers, body: Buffer.concat(parts).toString() }
    requests.push(arrived)
    const reply = await answer(arrived)
    if (typeof reply === 'function') return reply(response)
    const { status, body = '', headers: more = {} } = reply
    response.writeHead(status, more)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
      }),
  }
}

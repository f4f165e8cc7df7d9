import { request, type IncomingHttpHeaders } from 'node:http'
import { WebSocket } from 'ws'

export interface ApiRequest {
  readonly headers?: Readonly<Record<string, string>>
  /** What becomes JSON, or the bytes as they are. */
  readonly body?: object | string | Uint8Array
}

export interface ApiReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The whole body. */
  readonly text: string
  /** The body as JSON; an empty object for an empty one. */
  readonly json: Readonly<Record<string, unknown>>
}

/** One request with exactly these headers; `fetch` would add some, and refuse others. */
export function ask(
  server: { readonly port: number },
  method: string,
  path: string,
  { headers = {}, body }: ApiRequest = {},
): Promise<ApiReply> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const bytes = body === undefined ? '' : isRaw ? body : JSON.stringify(body)
  const json = body === undefined ? {} : { 'Content-Type': 'application/json' }
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(bytes)) }
  return new Promise((resolve, reject) => {
    const options = { port: server.port, host: '127.0.0.1', method, path, agent: false }
    const asked = request({ ...options, headers: { ...json, ...length, ...headers } }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const { statusCode: status = 0, headers: replied } = reply
        resolve({ status, headers: replied, text, json: jsonOf(text, replied) })
      })
    })
    asked.on('error', reject)
    asked.end(bytes)
  })
}

function jsonOf(text: string, headers: IncomingHttpHeaders): Readonly<Record<string, unknown>> {
  const isJson = /^application\/(?:problem\+)?json/.test(headers['content-type'] ?? '')
  return text === '' || !isJson ? {} : (JSON.parse(text) as Record<string, unknown>)
}

/** The origin of the server's own pages. */
export function originOf({ port }: { readonly port: number }): string {
  return `http://127.0.0.1:${port}`
}

/** Signs in as a page of `origin` does, and returns the `Cookie` header that its browser would send from then on. */
export async function signedIn(
  server: { readonly port: number },
  credential: string,
  origin: string = originOf(server),
): Promise<string> {
  const reply = await ask(server, 'POST', '/api/v1/session', {
    headers: { Origin: origin },
    body: { token: credential },
  })
  if (reply.status !== 201) throw new Error(`not signed in: ${reply.status} ${reply.text}`)
  return (reply.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';', 1)[0]).join('; ')
}

/** A WebSocket as a page has it: it cannot set headers, and its browser sets these. */
export function webSocketWith(headers: Readonly<Record<string, string>>): typeof WebSocket {
  const Page = class extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols, { headers })
    }
  }
  return Page as unknown as typeof WebSocket
}

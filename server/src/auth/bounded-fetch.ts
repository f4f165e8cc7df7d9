import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Clock } from '@coscribe/shared'

/** What is asked of somebody else's server, and how much of it is waited for. */
export interface BoundedRequest {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Keeps connections for the next request; without one, each has its own. */
  readonly agent?: Agent
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly clock: Clock
}

/** What came back, whole. */
export interface BoundedAnswer {
  readonly status: number
  readonly text: string
}

/**
 * One request to another server: to this address and no other (a redirect is an answer like any), for so long and for
 * so many bytes. After that the connection is closed.
 *
 * Why not the global `fetch`: when it is aborted it connects anew, for nobody.
 *
 * @throws Error when there is no whole answer within the bounds
 */
export async function boundedFetch(asked: BoundedRequest): Promise<BoundedAnswer> {
  const { timeoutMs, clock } = asked
  let request = started(asked)
  const late = (): void => {
    request.destroy(new Error(`there was no whole answer within ${timeoutMs} ms`))
  }
  const cancel = clock.after(timeoutMs, late)
  try {
    return await answerTo(request, asked.maxBytes)
  } catch (error) {
    // A kept connection that the other side was closing just then; the answer to a new one is the answer.
    if (!request.reusedSocket || (error as { code?: unknown }).code !== 'ECONNRESET') throw error
    request = started(asked)
    return await answerTo(request, asked.maxBytes)
  } finally {
    cancel()
  }
}

function started({ url, method, headers, body, agent }: BoundedRequest): ClientRequest {
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = start(url, { method, headers, agent: agent ?? false })
  request.end(body)
  return request
}

function answerTo(request: ClientRequest, maxBytes: number): Promise<BoundedAnswer> {
  return new Promise((resolve, reject) => {
    request.once('response', (response) => {
      textOf(response, maxBytes).then((text) => {
        resolve({ status: response.statusCode ?? 0, text })
      }, reject)
    })
    // Whatever comes after the first error is a consequence of it.
    request.on('error', reject)
  })
}

async function textOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  // Leaving the loop closes the connection.
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

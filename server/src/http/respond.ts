import type { ServerResponse } from 'node:http'

/** Headers of every answer; an answer may say otherwise. */
export const alwaysHeaders = Object.freeze({
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
})

/** A page that may load and run nothing but what its own policy names. */
export function respondPage(response: ServerResponse, html: string, policy: string): void {
  respond(response, 200, 'text/html; charset=utf-8', html, { 'Content-Security-Policy': policy })
}

export function respondText(response: ServerResponse, status: number, text: string): void {
  respond(response, status, 'text/plain; charset=utf-8', `${text}\n`, {
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  })
}

export function respondJson(response: ServerResponse, status: number, value: unknown): void {
  respond(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`, {})
}

/** A whole answer; `headers` come on top of those of every answer. */
export function respond(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
): void {
  response.writeHead(status, {
    ...alwaysHeaders,
    ...headers,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { checkRequest } from '../transport/request-check.js'
import { respondLive, respondReady, type Health } from './health.js'
import { respondPage, respondText } from './respond.js'
import { statusPage, statusPagePolicy } from './status-page.js'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Answers plain HTTP requests: a small table of paths, all of them read-only. */
export function createRouter(health: Health, version: string): Handler {
  const routes = new Map<string, Handler>([
    ['/', (request, response) => respondStatus(request, response, version)],
    ['/healthz', (_request, response) => respondLive(response)],
    ['/readyz', (_request, response) => respondReady(response, health)],
  ])
  return (request, response) => {
    const refusal = checkRequest(request)
    if (refusal !== null) return respondText(response, refusal.status, refusal.reason)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return respondText(response, 405, 'only GET')
    }
    const route = routes.get((request.url ?? '/').split('?', 1)[0] ?? '/')
    if (route !== undefined) return route(request, response)
    respondText(response, 404, 'nothing here; documents are reached by WebSocket')
  }
}

function respondStatus(request: IncomingMessage, response: ServerResponse, version: string): void {
  respondPage(response, statusPage(request.headers.host ?? '', version), statusPagePolicy)
}

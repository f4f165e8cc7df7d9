import type { IncomingMessage, ServerResponse } from 'node:http'
import { checkRequest } from '../transport/request-check.js'
import { respondLive, respondReady, type Health } from './health.js'
import type { Page } from './page.js'
import { respondPage, respondText } from './respond.js'
import { statusPage, statusPagePolicy } from './status-page.js'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface RouterSetup {
  readonly health: Health
  readonly version: string
  /** The built page; without it, the status page is at `/` too. */
  readonly page: Page | null
}

/** Answers plain HTTP requests: a small table of paths and the page's files, all of them read-only. */
export function createRouter({ health, version, page }: RouterSetup): Handler {
  const status: Handler = (request, response) => respondStatus(request, response, version)
  const routes = new Map<string, Handler>([
    ['/status', status],
    ['/healthz', (_request, response) => respondLive(response)],
    ['/readyz', (_request, response) => respondReady(response, health)],
  ])
  return (request, response) => {
    const refusal = checkRequest(request)
    if (refusal !== null) return respondText(response, refusal.status, refusal.reason)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return respondText(response, 405, 'only GET')
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const route = routes.get(path)
    if (route !== undefined) return route(request, response)
    if (page?.respond(path, request, response) === true) return
    if (path === '/') return status(request, response)
    respondText(response, 404, 'nothing here; documents are reached by WebSocket')
  }
}

function respondStatus(request: IncomingMessage, response: ServerResponse, version: string): void {
  respondPage(response, statusPage(request.headers.host ?? '', version), statusPagePolicy)
}

import type { RequestListener, ServerResponse } from 'node:http'
import { checkRequest, NO_TARGET, type HttpRefusal } from '../transport/request-check.js'
import type { OriginRules } from '../transport/origins.js'
import { requestTarget, type RequestTarget } from '../transport/request-target.js'
import { API_PATH, sendProblem, type Api } from './api/api.js'
import { respondLive, respondReady, type Health } from './health.js'
import type { MetricsPage } from './metrics-page.js'
import type { Page } from './page.js'
import { respondPage, respondText } from './respond.js'
import { statusPage, statusPagePolicy } from './status-page.js'

type Handler = (response: ServerResponse, target: RequestTarget) => void

export interface RouterSetup {
  readonly rules: OriginRules
  readonly health: Health
  readonly version: string
  /** The built page; without it, the status page is at `/` too. */
  readonly page: Page | null
  readonly metrics?: MetricsPage
  /** Without it, nothing is below `/api/`. */
  readonly api?: Api
}

/** Answers plain HTTP requests: the API, and a small table of paths and the page's files, all of them read-only. */
export function createRouter({
  rules,
  health,
  version,
  page,
  metrics,
  api,
}: RouterSetup): RequestListener {
  const status: Handler = (response, { host = '' }) =>
    respondPage(response, statusPage(host, version), statusPagePolicy)
  const routes = new Map<string, Handler>([
    ['/status', status],
    ['/healthz', (response) => respondLive(response)],
    ['/readyz', (response) => respondReady(response, health)],
  ])
  return (request, response) => {
    const target = requestTarget(request)
    if (target === null) return respondRefusal(response, NO_TARGET)
    const refusal = checkRequest(request, target, rules)
    const isApi = target.path.startsWith(API_PATH)
    if (refusal !== null) {
      return isApi ? refuseApi(response, refusal) : respondRefusal(response, refusal)
    }
    if (isApi && api !== undefined) return api.respond(target, request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return respondText(response, 405, 'only GET')
    }
    const path = target.path.split('?', 1)[0] ?? '/'
    const route = routes.get(path)
    if (route !== undefined) return route(response, target)
    if (path === '/metrics' && metrics !== undefined) {
      return metrics.respond(request, response, target)
    }
    if (page?.respond({ ...target, path }, request, response) === true) return
    if (path === '/') return status(response, target)
    respondText(response, 404, 'nothing here; documents are reached by WebSocket')
  }
}

function respondRefusal(response: ServerResponse, { status, reason }: HttpRefusal): void {
  respondText(response, status, reason)
}

function refuseApi(response: ServerResponse, { status, reason }: HttpRefusal): void {
  sendProblem(response, { problem: 'bad-request', status, detail: reason }, {})
}

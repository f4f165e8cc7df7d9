import type { ServerResponse } from 'node:http'
import { respondJson } from './respond.js'

/** What the health endpoints ask of the server. */
export interface Health {
  /** Whether it takes connections: false before it listens and from the beginning of its end. */
  readonly ready: boolean
}

/** The process runs and answers. */
export function respondLive(response: ServerResponse): void {
  respondJson(response, 200, { status: 'ok' })
}

/** Whether a load balancer should send people here. */
export function respondReady(response: ServerResponse, health: Health): void {
  if (health.ready) respondJson(response, 200, { status: 'ready' })
  else respondJson(response, 503, { status: 'not ready' })
}

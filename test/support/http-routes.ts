import { apiRoutes } from '../../server/src/http/api/api-routes.js'
import type { ApiParts } from '../../server/src/http/api/api-parts.js'

interface HttpRoute {
  readonly method: string
  readonly path: string
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const pages = ['/', '/d/doc', '/doc', '/status', '/healthz', '/readyz', '/index.html', '/nothing']
/** Of the router's own table: a new route is asked by itself. */
const api = apiRoutes({ tickets: null } as ApiParts).map(
  ({ path }) => `/api/v1${path.replaceAll(/\{\w+\}/g, 'doc')}`,
)
const paths = [...pages, ...new Set(api)]

/** Every way to ask the server for something without a WebSocket, and ways that lead nowhere. */
export const httpRoutes: readonly HttpRoute[] = paths.flatMap((path) =>
  methods.map((method) => ({ method, path })),
)

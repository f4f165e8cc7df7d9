interface HttpRoute {
  readonly method: string
  readonly path: string
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const paths = ['/', '/d/doc', '/doc', '/status', '/healthz', '/readyz', '/index.html', '/nothing']

/** Every way to ask the server for something without a WebSocket, and ways that lead nowhere. */
export const httpRoutes: readonly HttpRoute[] = paths.flatMap((path) =>
  methods.map((method) => ({ method, path })),
)

import type { ApiRoute } from './api-route.js'
import type { ApiParts } from './api-parts.js'
import { documentRoutes } from './document-routes.js'
import { linkRoutes } from './link-routes.js'
import { liveRoutes } from './live-routes.js'
import { sessionRoutes } from './session-routes.js'
import { ticketRoutes } from './ticket-routes.js'

/** Every route of the API: what is not here does not exist. */
export function apiRoutes(parts: ApiParts): readonly ApiRoute[] {
  return [
    ...sessionRoutes(parts),
    ...ticketRoutes(parts),
    ...liveRoutes(parts),
    ...linkRoutes(parts),
    ...documentRoutes(parts),
  ]
}

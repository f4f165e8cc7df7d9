import type { Clock } from '@coscribe/shared'
import type { Logger } from '../../log.js'
import type { Gate } from '../../transport/gate.js'
import type { OriginRules } from '../../transport/origins.js'
import type { Tickets } from '../../transport/tickets.js'

/** What the API stands on. */
export interface ApiParts {
  readonly gate: Gate
  readonly rules: OriginRules
  readonly clock: Clock
  readonly logger: Logger
  /** Whether a browser is given its credential as a cookie, and let in by it. */
  readonly cookies: boolean
  /** Those that are good; `null` where none may stand in an address. */
  readonly tickets: Tickets | null
  /** How long a body may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number
}

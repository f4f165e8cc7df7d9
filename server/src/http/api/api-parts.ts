import type { Clock, Random } from '@coscribe/shared'
import type { Audit } from '../../audit.js'
import type { Links } from '../../auth/links.js'
import type { Documents } from '../../documents.js'
import type { Logger } from '../../log.js'
import type { Rights } from '../../rights.js'
import type { TrustedProxies } from '../../transport/client-address.js'
import type { Gate } from '../../transport/gate.js'
import type { OriginRules } from '../../transport/origins.js'
import type { Tickets } from '../../transport/tickets.js'

/** What the API stands on. */
export interface ApiParts {
  readonly gate: Gate
  readonly rules: OriginRules
  readonly rights: Rights
  readonly links: Links
  readonly documents: Documents
  /** Longest document id, in bytes of UTF-8. */
  readonly documentIdBytes: number
  readonly audit: Audit
  readonly proxies: TrustedProxies
  /** How many days a token may be good for. */
  readonly maxTokenLifeDays: number
  /** How many days a document stays in the trash; 0 is for ever. */
  readonly trashDays: number
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Whether a browser is given its credential as a cookie, and let in by it. */
  readonly cookies: boolean
  /** Those that are good; `null` where none may stand in an address. */
  readonly tickets: Tickets | null
  /** How long a body may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number
}

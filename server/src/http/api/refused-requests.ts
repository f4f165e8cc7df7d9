import type { IncomingMessage } from 'node:http'
import type { Audit } from '../../audit.js'
import type { Identity } from '../../auth/authenticator.js'
import { factsOf } from '../../transport/audit-facts.js'
import type { TrustedProxies } from '../../transport/client-address.js'
import { statusOf, type Problem } from './problem.js'

/** What is found out about a request on its way, in case it is refused. */
export class Refusable {
  /** A method and the pattern of a path; empty before that is known. */
  route = ''
  documentId = ''
  identity: Identity | null = null
  /** Whether a credential is needed and none came. */
  anonymous = false
}

/** Writes down which requests were refused for who asked, or from where. */
export class RefusedRequests {
  readonly #audit: Audit
  readonly #proxies: TrustedProxies

  constructor(audit: Audit, proxies: TrustedProxies) {
    this.#audit = audit
    this.#proxies = proxies
  }

  /** Whoever brings no credential was not refused one: a page asks so whether anybody is signed in. */
  note(request: IncomingMessage, problem: Problem, known: Refusable): void {
    const status = statusOf(problem)
    if ((status !== 401 && status !== 403) || known.anonymous) return
    this.#audit.record({
      event: 'refused',
      ...factsOf(problem.identity ?? known.identity, known.documentId),
      ...(known.route === '' ? {} : { request: known.route }),
      address: this.#proxies.clientOf(request).address,
      reason: problem.detail,
    })
  }
}

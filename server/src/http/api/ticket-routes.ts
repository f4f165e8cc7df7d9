import { MAX_DOCUMENT_ID_BYTES } from '@coscribe/shared'
import { factsOf } from '../../transport/audit-facts.js'
import { TICKET_MS } from '../../transport/tickets.js'
import type { ApiParts } from './api-parts.js'
import { route, type ApiRoute } from './api-route.js'
import type { Problem } from './problem.js'

/** Tickets for those who can send a credential in no other place than an address. */
export function ticketRoutes({ tickets, audit }: ApiParts): readonly ApiRoute[] {
  return [
    route({
      method: 'POST',
      path: '/tickets',
      access: { atLeast: 'read', documentIn: 'document' },
      body: { document: { type: 'text', maxLength: MAX_DOCUMENT_ID_BYTES } },
      handle: ({ identity, access, body, address }) => {
        if (tickets === null) return SWITCHED_OFF
        const ticket = tickets.issue(identity, body.document, access)
        if (ticket === null) return TOO_MANY
        const facts = factsOf(identity, body.document)
        audit.record({ event: 'ticket-issued', ...facts, access, address })
        return { status: 201, value: ticket }
      },
    }),
  ]
}

const SWITCHED_OFF: Problem = Object.freeze({
  problem: 'switched-off',
  detail: 'tickets are off; the operator can start the server with --url-credentials tickets',
})
const TOO_MANY: Problem = Object.freeze({
  problem: 'too-many',
  detail: 'too many tickets are unused; use them, or wait until they are over',
  headers: { 'Retry-After': String(TICKET_MS / 1_000) },
})

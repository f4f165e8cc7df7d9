import type { AuditEvent } from '../audit.js'
import type { Identity } from '../auth/authenticator.js'
import { TicketHolder } from './tickets.js'

/** Who somebody is, and about which document, as far as that is known. */
export function factsOf(
  identity: Identity | null,
  documentId: string,
): Pick<AuditEvent, 'subject' | 'tokenId' | 'documentId' | 'via'> {
  const { subject = '', tokenId = '' } = identity ?? {}
  return {
    ...(subject === '' ? {} : { subject }),
    ...(tokenId === '' ? {} : { tokenId }),
    ...(documentId === '' ? {} : { documentId }),
    ...(identity instanceof TicketHolder ? { via: 'ticket' } : {}),
  }
}

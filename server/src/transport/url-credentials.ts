import type { IncomingMessage } from 'node:http'
import type { CredentialFault, Identity } from '../auth/authenticator.js'

/** What may stand in an address: nothing, tickets of ours, or besides tokens that open little and not for long. */
export type UrlCredentialMode = 'off' | 'tickets' | 'tokens'

/** A credential that stood in the address of a WebSocket. */
export interface UrlCredential {
  readonly kind: 'ticket' | 'token'
  readonly value: string
  /** What the path names. */
  readonly documentId: string
}

/** As long as a token in an address may be good for from the moment it is used, in milliseconds. */
const MAX_TOKEN_MS = 15 * 60_000

/** The query of a request, which from then on has none: whatever writes its address down finds the path alone. */
export function takeQuery(request: IncomingMessage): string {
  const url = request.url ?? ''
  const start = url.indexOf('?')
  if (start < 0) return ''
  request.url = url.slice(0, start)
  return url.slice(start + 1)
}

/** The credentials in a query; what is switched off is none, whatever an app means by a parameter of that name. */
export function credentialsInQuery(
  query: string,
  mode: UrlCredentialMode,
  documentId: string,
): readonly UrlCredential[] {
  if (mode === 'off' || query === '') return NONE
  const parameters = new URLSearchParams(query)
  const kinds = mode === 'tokens' ? (['ticket', 'token'] as const) : (['ticket'] as const)
  return kinds.flatMap((kind) =>
    parameters.getAll(kind).map((value) => ({ kind, value, documentId })),
  )
}

const NONE: readonly UrlCredential[] = Object.freeze([])

/**
 * Whoever a token in an address is of, or why it may not stand there: addresses are kept by browsers and written down
 * by proxies, so what is found in one must not open much, nor for long.
 *
 * @param now wall-clock milliseconds
 */
export function judgeUrlToken(
  identity: Identity,
  documentId: string,
  now: number,
): Identity | CredentialFault {
  const { documents, prefixes } = identity.grants
  const namesIt = documents.size === 1 && documents.has(documentId) && prefixes.size === 0
  return namesIt && identity.expiresAt - now <= MAX_TOKEN_MS ? identity : TOO_GOOD
}

const TOO_GOOD: CredentialFault = Object.freeze({
  fault: 'a token in an address must name this document alone, and end within 15 minutes',
})

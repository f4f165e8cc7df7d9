/** What a close code tells the side that receives it. */
export interface CloseCode {
  readonly code: number
  /** Stable name, used as the reason on the wire and as the error code a client shows. */
  readonly name: string
  /** Whether trying again later can succeed. */
  readonly retry: boolean
  readonly meaning: string
}

const codes = {
  normal: { code: 1000, retry: false, meaning: 'the client is done' },
  internal: { code: 1011, retry: true, meaning: 'the server met an error it did not expect' },
  restarting: { code: 1012, retry: true, meaning: 'the server is restarting' },
  overloaded: {
    code: 1013,
    retry: true,
    meaning: 'the server is overloaded, or this peer reads too slowly',
  },
  'protocol-error': { code: 4400, retry: false, meaning: 'a message that breaks the protocol' },
  'not-authenticated': { code: 4401, retry: false, meaning: 'no valid credential, or it expired' },
  forbidden: {
    code: 4403,
    retry: false,
    meaning: 'no right to the document, revoked, or session ended',
  },
  deleted: { code: 4404, retry: false, meaning: 'the document was deleted' },
  'history-mismatch': {
    code: 4409,
    retry: false,
    meaning: 'the document on the server was replaced by one with another history',
  },
  trashed: { code: 4410, retry: false, meaning: 'the document is in the trash' },
  'too-large': { code: 4413, retry: false, meaning: 'a message that can never fit' },
  'unsupported-version': {
    code: 4426,
    retry: false,
    meaning: 'the two ends have no version of the protocol in common',
  },
  'too-many-connections': { code: 4503, retry: true, meaning: 'a limit on connections is reached' },
  'document-unavailable': {
    code: 4510,
    retry: true,
    meaning: 'the document is quarantined or cannot be read',
  },
} as const

/** Name of a close code in {@link closeCodes}. */
export type CloseName = keyof typeof codes

/**
 * Every code Coscribe closes a socket or channel with. The server picks from it, the client's reconnect reads it,
 * and SPEC.md lists it. 4400–4499 is the band where y-websocket 3.1 stops trying, hence only lasting reasons there.
 */
export const closeCodes: Readonly<Record<CloseName, CloseCode>> = Object.freeze(
  Object.fromEntries(
    Object.entries(codes).map(([name, entry]) => [name, Object.freeze({ name, ...entry })]),
  ) as unknown as Record<CloseName, CloseCode>,
)

const byNumber = new Map(Object.values(closeCodes).map((entry) => [entry.code, entry]))

/** The entry for a number seen on the wire, or `undefined` for one that is not ours. */
export function closeCodeOf(code: number): CloseCode | undefined {
  return byNumber.get(code)
}

/** Whether to reconnect after `code`: as the table says; unknown codes retry unless they are 4400–4499. */
export function shouldRetry(code: number): boolean {
  return byNumber.get(code)?.retry ?? !(code >= 4400 && code <= 4499)
}

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
  normal: [1000, 'the client is done'],
  internal: [1011, 'the server met an error it did not expect'],
  restarting: [1012, 'the server is restarting'],
  overloaded: [1013, 'the server is overloaded, or this peer reads too slowly'],
  'protocol-error': [4400, 'a message that breaks the protocol'],
  'not-authenticated': [4401, 'no valid credential, or it expired'],
  forbidden: [4403, 'no right to the document, revoked, or session ended'],
  deleted: [4404, 'the document was deleted'],
  'history-mismatch': [4409, 'the document on the server was replaced by one with another history'],
  trashed: [4410, 'the document is in the trash'],
  'too-large': [4413, 'a message that can never fit'],
  'unsupported-version': [4426, 'the two ends have no version of the protocol in common'],
  'too-many-connections': [4503, 'a limit on connections is reached'],
  'document-unavailable': [4510, 'the document is quarantined or cannot be read'],
} as const

/** Name of a close code in {@link closeCodes}. */
export type CloseName = keyof typeof codes

/**
 * Every code Coscribe closes a socket or channel with. The server picks from it, the client's reconnect reads it,
 * and SPEC.md lists it. 4400–4499 is the band where y-websocket 3.1 stops trying, hence only lasting reasons there.
 */
export const closeCodes: Readonly<Record<CloseName, CloseCode>> = /* @__PURE__ */ Object.freeze(
  Object.fromEntries(
    Object.entries(codes).map(([name, [code, meaning]]) => [
      name,
      Object.freeze({ code, name, retry: shouldRetry(code), meaning }),
    ]),
  ) as unknown as Record<CloseName, CloseCode>,
)

/** The entry for a number seen on the wire, or `undefined` for one that is not ours. */
export function closeCodeOf(code: number): CloseCode | undefined {
  return Object.values(closeCodes).find((entry) => entry.code === code)
}

/** Whether to reconnect after `code`: unless the client is done, or the code is one of 4400–4499. */
export function shouldRetry(code: number): boolean {
  return code !== 1000 && !(code >= 4400 && code <= 4499)
}

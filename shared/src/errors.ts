const table = {
  'bad-update': 'an update that is not well-formed Yjs V1, or exceeds a structural limit',
  'bad-message': 'a frame that breaks the protocol',
  'too-large': 'larger than the stated limit',
  'document-full': 'the document is at its size limit; only deletions are accepted',
  'pending-full': 'too much waits for edits the server has not received',
  unconfirmed: 'edits as somebody else, who is here and has not confirmed them',
  forged: 'edits as somebody else, who wrote something else',
  'rate-limited': 'more than is taken in so short a time; it may be sent again a little later',
  'read-only': 'the document or the session may not be written',
  'storage-unavailable': 'the server cannot write to its disk at the moment',
  'document-unavailable': 'the document is damaged and was set aside; nothing was overwritten',
  'store-locked': 'another process has the data folder open',
  'store-foreign': 'the folder is not a Coscribe data folder',
  'store-newer': 'the folder was written by a newer version',
  'store-damaged': 'the data folder failed its checks',
  'history-mismatch': 'the document was replaced by one with another history',
  trashed: 'the document is in the trash',
  'bad-document-id': 'a document id that cannot be used',
  'bad-option': 'an option with an unusable value',
  'offline-copy-failed': 'the copy on this device cannot be read or written',
  offline: 'there is no session with a server',
  timeout: 'did not happen within the time that was given',
  closed: 'used after it was closed',
} as const

/** Stable codes of expected failures; messages may improve, codes do not change. */
export type ErrorCode = keyof typeof table

/** Every error code with its meaning; SPEC.md is compared with it. */
export const errorCodes: Readonly<Record<ErrorCode, string>> = /* @__PURE__ */ Object.freeze(table)

/** An expected failure: something outside the program went wrong. Programmer's mistakes are `TypeError`s. */
export class CoscribeError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'CoscribeError'
    this.code = code
  }
}

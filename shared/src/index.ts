export { assert, unreachable } from './assert.js'
export { backoffDelayMs, reconnectBackoff, type BackoffOptions } from './backoff.js'
export { systemClock, type Cancel, type Clock } from './clock.js'
export { Emitter, type Off } from './emitter.js'
export { CoscribeError, errorCodes, type ErrorCode } from './errors.js'
export { randomHex, systemRandom, type Random } from './random.js'
export {
  closeCodeOf,
  closeCodes,
  shouldRetry,
  type CloseCode,
  type CloseName,
} from './protocol/close-codes.js'
export { defaultLimits, type Limits } from './protocol/limits.js'
export type {
  Access,
  AuthDenied,
  ClientMessage,
  CoscribeRequest,
  CoscribeResponse,
  Heartbeat,
  ResumePoint,
  ServerMessage,
  SessionLimits,
  SyncMessage,
} from './protocol/messages.js'

export { assert, unreachable } from './assert.js'
export { backoffDelayMs, reconnectBackoff, type BackoffOptions } from './backoff.js'
export { systemClock, type Cancel, type Clock } from './clock.js'
export {
  checkDocumentId,
  decodeDocumentId,
  documentIdFault,
  MAX_DOCUMENT_ID_BYTES,
} from './document-id.js'
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
export {
  channelPrefix,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  MAX_CHANNEL,
  type Frame,
} from './protocol/codec.js'
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
export {
  commonVersion,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  protocolHistory,
  SUBPROTOCOL,
  TITLES_VERSION,
} from './protocol/version.js'
export {
  decodeStockMessage,
  decodeStockReply,
  encodeStockMessage,
  presenceHead,
  putStockHead,
  stockHead,
  stockHeadSize,
} from './protocol/stock-codec.js'
export {
  putVarUint,
  varUintSize,
  WireReader,
  WireWriter,
  type DecodeFault,
} from './protocol/wire.js'
export { cleanTitle, MAX_TITLE } from './title.js'
export { MAX_CLOCK, type WalkFault } from './update/cursor.js'
export { RangeSet } from './update/ranges.js'
export { NO_ID, ROOT_PARENT, structKinds, UpdateScan } from './update/scan.js'
export { decodeStateVector, encodeStateVector } from './update/state-vector.js'
export { storedWalkLimits, walkStructs, walkUpdate, type WalkLimits } from './update/walker.js'

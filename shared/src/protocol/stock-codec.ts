import { unreachable } from '../assert.js'
import type { AuthDenied, SyncMessage } from './messages.js'
import {
  checked,
  MAX_PROSE,
  MAX_TYPE,
  putVarUint,
  varUintSize,
  WireReader,
  WireWriter,
  type DecodeFault,
} from './wire.js'

/**
 * The y-websocket dialect, byte for byte what y-protocols 1.0 writes:
 *
 *     0 sync       0 + state vector (step 1) | 1 + update (step 2) | 2 + update
 *     1 presence   awareness update
 *     2 auth       0 + reason
 *     3 query presence
 */
const SYNC = 0
const PRESENCE = 1
const AUTH_DENIED = 2
const QUERY_PRESENCE = 3

const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2
const syncTypes = { 'sync-step-1': STEP_1, 'sync-step-2': STEP_2, update: UPDATE } as const

/** Reads what a y-websocket client sent. Byte arrays in it: see {@link WireReader.varBytes}. Never throws. */
export function decodeStockMessage(bytes: Uint8Array): SyncMessage | DecodeFault {
  const reader = new WireReader(bytes)
  const type = reader.varUint(MAX_TYPE, 'the type')
  return checked(reader, type, readSync(reader, type))
}

/** Reads what a server sent in the y-websocket dialect. Byte arrays in it: see {@link WireReader.varBytes}. Never throws. */
export function decodeStockReply(bytes: Uint8Array): SyncMessage | AuthDenied | DecodeFault {
  const reader = new WireReader(bytes)
  const type = reader.varUint(MAX_TYPE, 'the type')
  return checked(reader, type, readSync(reader, type) ?? readAuthDenied(reader, type))
}

/**
 * A message in the y-websocket dialect. Prefixed with {@link channelPrefix} the same bytes are a `coscribe.v1` frame,
 * so a message for many receivers is encoded once.
 */
export function encodeStockMessage(message: SyncMessage | AuthDenied): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter(stockSize(message))
  writeStock(writer, message)
  return writer.finish()
}

/**
 * What stands before the bytes of a sync message: with them written right behind it, a message as large as a document
 * is sent without a copy.
 */
export function stockHead(
  type: keyof typeof syncTypes,
  payloadBytes: number,
): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(stockHeadSize(payloadBytes))
  putStockHead(head, 0, type, payloadBytes)
  return head
}

/** Bytes of {@link stockHead} for a payload of this many bytes. */
export function stockHeadSize(payloadBytes: number): number {
  return 2 + varUintSize(payloadBytes)
}

/** Writes {@link stockHead} at `offset`; returns where the payload begins. */
export function putStockHead(
  target: Uint8Array,
  offset: number,
  type: keyof typeof syncTypes,
  payloadBytes: number,
): number {
  target[offset] = SYNC
  target[offset + 1] = syncTypes[type]
  return putVarUint(target, offset + 2, payloadBytes)
}

/** What stands before an awareness update, so that one that is put together of parts needs no copy of its own. */
export function presenceHead(payloadBytes: number): Uint8Array<ArrayBuffer> {
  return new WireWriter(1 + varUintSize(payloadBytes))
    .varUint(PRESENCE)
    .varUint(payloadBytes)
    .finish()
}

/** `null` when the type is another one; faults are in the reader. */
export function readSync(reader: WireReader, type: number): SyncMessage | null {
  switch (type) {
    case SYNC:
      return readSyncStep(reader)
    case PRESENCE:
      return { type: 'presence', update: reader.varBytes('the presence update') }
    case QUERY_PRESENCE:
      return { type: 'query-presence' }
    default:
      return null
  }
}

function readSyncStep(reader: WireReader): SyncMessage {
  const step = reader.varUint(UPDATE, 'the sync step')
  if (step === STEP_1) {
    return { type: 'sync-step-1', stateVector: reader.varBytes('the state vector') }
  }
  const update = reader.varBytes('the update')
  return { type: step === STEP_2 ? 'sync-step-2' : 'update', update }
}

/** `null` when the type is another one; faults are in the reader. */
export function readAuthDenied(reader: WireReader, type: number): AuthDenied | null {
  if (type !== AUTH_DENIED) return null
  reader.varUint(0, 'the kind of auth message')
  return { type: 'auth-denied', reason: reader.varString(MAX_PROSE, 'the reason') }
}

/** The size of a message, so that the large ones are written without a copy. */
export function stockSize(message: SyncMessage | AuthDenied): number {
  switch (message.type) {
    case 'sync-step-1':
      return 2 + varUintSize(message.stateVector.length) + message.stateVector.length
    case 'sync-step-2':
    case 'update':
      return 2 + varUintSize(message.update.length) + message.update.length
    case 'presence':
      return 1 + varUintSize(message.update.length) + message.update.length
    case 'query-presence':
      return 1
    case 'auth-denied':
      return 64
    default:
      return unreachable(message)
  }
}

export function writeStock(writer: WireWriter, message: SyncMessage | AuthDenied): WireWriter {
  switch (message.type) {
    case 'sync-step-1':
      return writer.varUint(SYNC).varUint(STEP_1).varBytes(message.stateVector)
    case 'sync-step-2':
      return writer.varUint(SYNC).varUint(STEP_2).varBytes(message.update)
    case 'update':
      return writer.varUint(SYNC).varUint(UPDATE).varBytes(message.update)
    case 'presence':
      return writer.varUint(PRESENCE).varBytes(message.update)
    case 'query-presence':
      return writer.varUint(QUERY_PRESENCE)
    case 'auth-denied':
      return writer.varUint(AUTH_DENIED).varUint(0).varProse(message.reason, MAX_PROSE)
    default:
      return unreachable(message)
  }
}

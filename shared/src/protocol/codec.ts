import type {
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
} from './messages.js'
import { readAuthDenied, readSync, stockSize, writeStock } from './stock-codec.js'
import {
  checked,
  malformed,
  MAX_PROSE,
  MAX_TYPE,
  varUintSize,
  WireReader,
  WireWriter,
  type DecodeFault,
} from './wire.js'
import { MAX_TITLE_BYTES } from '../title.js'

/**
 * `coscribe.v1` to bytes and back; with stock-codec.ts and wire.ts the only files that know the byte order.
 *
 *     y-websocket frame   type, payload                      types 0-3, as y-protocols writes them
 *     coscribe.v1 frame   channel, type, payload             types 0-3 the same, 80-109 our own
 *
 * Everything is a varuint, a byte array or a string (wire.ts). One message per frame. Channel 0 belongs to the socket
 * (`ping`, `pong`, `going-away`); each other channel is one session with one document.
 */

/** The highest channel number. */
export const MAX_CHANNEL = 0xffff

/** A message of `coscribe.v1` and the channel it belongs to. */
export interface Frame<Message> {
  readonly type: 'frame'
  readonly channel: number
  readonly message: Message
}

const OPEN = 80
const AUTH = 81
const LEAVE = 82
const RENAME = 83
const HELLO = 90
const ACK = 91
const REJECTED = 92
const ACCESS = 93
const RESUME_POINT = 94
const CLOSED = 95
const GOING_AWAY = 96
const INFO = 97
const PING = 98
const PONG = 99
const RENAMED = 100

const MAX_NUMBER = Number.MAX_SAFE_INTEGER
const MAX_CLOSE_CODE = 4999
// Longest strings in bytes. A server's own limit on document ids is lower and answers with a reason.
const MAX_DOCUMENT_ID = 1024
const MAX_ID = 64
const MAX_SECRET = 256
const MAX_CREDENTIAL = 16 * 1024
const MAX_CODE = 64

// By number on the wire: append only.
const accessLevels: readonly Access[] = ['none', 'read', 'comment', 'write', 'admin']

/** Reads a frame a client sent. Byte arrays in it: see {@link WireReader.varBytes}. Never throws. */
export function decodeClientFrame(bytes: Uint8Array): Frame<ClientMessage> | DecodeFault {
  return decodeFrame<ClientMessage>(
    bytes,
    (reader, type) =>
      readSync(reader, type) ?? readRequest(reader, type) ?? readHeartbeat(reader, type),
  )
}

/** Reads a frame a server sent. Byte arrays in it: see {@link WireReader.varBytes}. Never throws. */
export function decodeServerFrame(bytes: Uint8Array): Frame<ServerMessage> | DecodeFault {
  return decodeFrame<ServerMessage>(
    bytes,
    (reader, type) =>
      readSync(reader, type) ??
      readAuthDenied(reader, type) ??
      readResponse(reader, type) ??
      readHeartbeat(reader, type),
  )
}

/** @throws RangeError for a channel or field that {@link decodeClientFrame} would not accept */
export function encodeClientFrame(
  channel: number,
  message: ClientMessage,
): Uint8Array<ArrayBuffer> {
  return encodeFrame(channel, message, writeRequest)
}

/** @throws RangeError for a channel or field that {@link decodeServerFrame} would not accept */
export function encodeServerFrame(
  channel: number,
  message: ServerMessage,
): Uint8Array<ArrayBuffer> {
  return encodeFrame(channel, message, writeResponse)
}

/** What stands before a y-websocket message to make it a `coscribe.v1` frame of this channel. */
export function channelPrefix(channel: number): Uint8Array<ArrayBuffer> {
  return new WireWriter(varUintSize(channel)).varUint(checkedChannel(channel)).finish()
}

// --- reading

function decodeFrame<Message extends ClientMessage | ServerMessage>(
  bytes: Uint8Array,
  read: (reader: WireReader, type: number) => Message | null,
): Frame<Message> | DecodeFault {
  const reader = new WireReader(bytes)
  const channel = reader.varUint(MAX_CHANNEL, 'the channel')
  const type = reader.varUint(MAX_TYPE, 'the type')
  const message = checked(reader, type, read(reader, type))
  if (message.type === 'fault') return message
  if (isForSocket(message) !== (channel === 0)) {
    return malformed(`${message.type} on channel ${channel}`)
  }
  return { type: 'frame', channel, message }
}

function isForSocket(message: ClientMessage | ServerMessage): boolean {
  return message.type === 'ping' || message.type === 'pong' || message.type === 'going-away'
}

function readHeartbeat(_reader: WireReader, type: number): Heartbeat | null {
  if (type === PING) return { type: 'ping' }
  return type === PONG ? { type: 'pong' } : null
}

// Fields are read in the order in which they stand on the wire: object literals evaluate in source order.

function readRequest(reader: WireReader, type: number): CoscribeRequest | null {
  switch (type) {
    case OPEN:
      return {
        type: 'open',
        version: reader.varUint(MAX_NUMBER, 'the version'),
        documentId: reader.varString(MAX_DOCUMENT_ID, 'the document id'),
        secret: reader.varString(MAX_SECRET, 'the secret'),
        historyId: reader.varString(MAX_ID, 'the history id'),
        resume: readBoolean(reader, 'the resume flag') ? readResumePoint(reader) : null,
      }
    case AUTH:
      return { type: 'auth', credential: reader.varString(MAX_CREDENTIAL, 'the credential') }
    case LEAVE:
      return { type: 'leave' }
    case RENAME:
      return { type: 'rename', title: readTitle(reader) }
    default:
      return null
  }
}

function readResponse(reader: WireReader, type: number): CoscribeResponse | null {
  switch (type) {
    case HELLO:
      return readHello(reader)
    case ACK:
      return { type: 'ack', count: reader.varUint(MAX_NUMBER, 'the count') }
    case REJECTED:
      return { type: 'rejected', ...readVerdict(reader) }
    case ACCESS:
      return { type: 'access', ...readAccess(reader) }
    case INFO:
      return { type: 'info', title: readTitle(reader) }
    case RENAMED:
      return { type: 'renamed', ...readVerdict(reader) }
    case RESUME_POINT:
      return { type: 'resume-point', seq: reader.varUint(MAX_NUMBER, 'the number') }
    case CLOSED:
      return {
        type: 'closed',
        code: reader.varUint(MAX_CLOSE_CODE, 'the close code'),
        reason: reader.varString(MAX_PROSE, 'the reason'),
      }
    case GOING_AWAY:
      return { type: 'going-away', delayMs: reader.varUint(MAX_NUMBER, 'the delay') }
    default:
      return null
  }
}

function readHello(reader: WireReader): CoscribeResponse {
  return {
    type: 'hello',
    version: reader.varUint(MAX_NUMBER, 'the version'),
    sessionId: reader.varString(MAX_ID, 'the session id'),
    secret: reader.varString(MAX_SECRET, 'the secret'),
    historyId: reader.varString(MAX_ID, 'the history id'),
    incarnation: reader.varString(MAX_ID, 'the incarnation'),
    ...readAccess(reader),
    resumed: readBoolean(reader, 'the resumed flag'),
    limits: readLimits(reader),
  }
}

function readAccess(reader: WireReader): { access: Access; code: string; reason: string } {
  return {
    access: accessLevels[reader.varUint(accessLevels.length - 1, 'the access')] ?? 'none',
    code: reader.varString(MAX_CODE, 'the code'),
    reason: reader.varString(MAX_PROSE, 'the reason'),
  }
}

function readVerdict(reader: WireReader): { count: number; code: string; message: string } {
  return {
    count: reader.varUint(MAX_NUMBER, 'the count'),
    code: reader.varString(MAX_CODE, 'the code'),
    message: reader.varString(MAX_PROSE, 'the message'),
  }
}

function readTitle(reader: WireReader): string {
  return reader.varString(MAX_TITLE_BYTES, 'the title')
}

function readResumePoint(reader: WireReader): ResumePoint {
  return {
    historyId: reader.varString(MAX_ID, 'the history id of the resume point'),
    incarnation: reader.varString(MAX_ID, 'the incarnation'),
    seq: reader.varUint(MAX_NUMBER, 'the number'),
  }
}

function readLimits(reader: WireReader): SessionLimits {
  return {
    messageBytes: reader.varUint(MAX_NUMBER, 'the message limit'),
    documentBytes: reader.varUint(MAX_NUMBER, 'the document limit'),
    presenceBytes: reader.varUint(MAX_NUMBER, 'the presence limit'),
  }
}

function readBoolean(reader: WireReader, what: string): boolean {
  return reader.varUint(1, what) === 1
}

// --- writing

// What one end writes and the other reads stands apart, so that a page does not load the server's half.

function encodeFrame<Own extends ClientMessage | ServerMessage>(
  channel: number,
  message: SyncMessage | AuthDenied | Own,
  write: (writer: WireWriter, message: Exclude<Own, SyncMessage | AuthDenied>) => WireWriter,
): Uint8Array<ArrayBuffer> {
  if (isForSocket(message) !== (checkedChannel(channel) === 0)) {
    throw new RangeError(`${message.type} does not travel on channel ${channel}`)
  }
  const writer = new WireWriter(varUintSize(channel) + sizeOf(message))
  writer.varUint(channel)
  if (isStock(message)) writeStock(writer, message)
  else write(writer, message as Exclude<Own, SyncMessage | AuthDenied>)
  return writer.finish()
}

/** The exact size of what is sent often or can be large, so that it is written without a copy; else a guess. */
function sizeOf(message: ClientMessage | ServerMessage): number {
  if (isStock(message)) return stockSize(message)
  return message.type === 'ack' ? 1 + varUintSize(message.count) : 64
}

function checkedChannel(channel: number): number {
  if (channel > MAX_CHANNEL) throw new RangeError(`a channel is at most ${MAX_CHANNEL}`)
  return channel
}

function isStock(message: ClientMessage | ServerMessage): message is SyncMessage | AuthDenied {
  switch (message.type) {
    case 'sync-step-1':
    case 'sync-step-2':
    case 'update':
    case 'presence':
    case 'query-presence':
    case 'auth-denied':
      return true
    default:
      return false
  }
}

function writeRequest(writer: WireWriter, message: CoscribeRequest | Heartbeat): WireWriter {
  switch (message.type) {
    case 'open':
      return writeOpen(writer.varUint(OPEN), message)
    case 'auth':
      return writer.varUint(AUTH).varString(message.credential, MAX_CREDENTIAL, 'a credential')
    case 'leave':
      return writer.varUint(LEAVE)
    case 'rename':
      return writeTitle(writer.varUint(RENAME), message.title)
    default:
      return writeHeartbeat(writer, message)
  }
}

function writeResponse(writer: WireWriter, message: CoscribeResponse | Heartbeat): WireWriter {
  switch (message.type) {
    case 'hello':
      return writeHello(writer.varUint(HELLO), message)
    case 'ack':
      return writer.varUint(ACK).varUint(message.count)
    case 'rejected':
      return writeVerdict(writer.varUint(REJECTED), message)
    case 'access':
      return writeAccess(writer.varUint(ACCESS), message)
    case 'info':
      return writeTitle(writer.varUint(INFO), message.title)
    case 'renamed':
      return writeVerdict(writer.varUint(RENAMED), message)
    case 'resume-point':
      return writer.varUint(RESUME_POINT).varUint(message.seq)
    case 'closed':
      return writer.varUint(CLOSED).varUint(message.code).varProse(message.reason, MAX_PROSE)
    case 'going-away':
      return writer.varUint(GOING_AWAY).varUint(Math.round(message.delayMs))
    default:
      return writeHeartbeat(writer, message)
  }
}

function writeVerdict(
  writer: WireWriter,
  { count, code, message }: { count: number; code: string; message: string },
): WireWriter {
  return writer.varUint(count).varString(code, MAX_CODE, 'a code').varProse(message, MAX_PROSE)
}

function writeTitle(writer: WireWriter, title: string): WireWriter {
  return writer.varString(title, MAX_TITLE_BYTES, 'a title')
}

function writeHeartbeat(writer: WireWriter, message: Heartbeat): WireWriter {
  return writer.varUint(message.type === 'ping' ? PING : PONG)
}

function writeOpen(
  writer: WireWriter,
  message: Extract<CoscribeRequest, { type: 'open' }>,
): WireWriter {
  writer
    .varUint(message.version)
    .varString(message.documentId, MAX_DOCUMENT_ID, 'a document id')
    .varString(message.secret, MAX_SECRET, 'a secret')
    .varString(message.historyId, MAX_ID, 'a history id')
  if (message.resume === null) return writer.varUint(0)
  return writer
    .varUint(1)
    .varString(message.resume.historyId, MAX_ID, 'a history id')
    .varString(message.resume.incarnation, MAX_ID, 'an incarnation')
    .varUint(message.resume.seq)
}

function writeHello(
  writer: WireWriter,
  message: Extract<CoscribeResponse, { type: 'hello' }>,
): WireWriter {
  writer
    .varUint(message.version)
    .varString(message.sessionId, MAX_ID, 'a session id')
    .varString(message.secret, MAX_SECRET, 'a secret')
    .varString(message.historyId, MAX_ID, 'a history id')
    .varString(message.incarnation, MAX_ID, 'an incarnation')
  return writeAccess(writer, message)
    .varUint(message.resumed ? 1 : 0)
    .varUint(message.limits.messageBytes)
    .varUint(message.limits.documentBytes)
    .varUint(message.limits.presenceBytes)
}

function writeAccess(
  writer: WireWriter,
  message: { access: Access; code: string; reason: string },
): WireWriter {
  return writer
    .varUint(accessLevels.indexOf(message.access))
    .varString(message.code, MAX_CODE, 'a code')
    .varProse(message.reason, MAX_PROSE)
}

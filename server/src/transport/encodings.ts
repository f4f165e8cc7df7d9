import { channelPrefix, encodeServerFrame, encodeStockMessage, stockHead } from '@coscribe/shared'
import type { AuthDenied, ServerMessage, SyncMessage } from '@coscribe/shared'
import type { BatchedUpdate, UpdateBatch } from '../rooms/update-batch.js'
import { concatenate, frame, frameHead } from './frames.js'

/**
 * How a session's messages are framed: {@link STOCK_FRAMING}, or the number of a `coscribe.v1` channel. Sessions with
 * equal framing receive equal bytes.
 */
export type Framing = number

/** The y-websocket dialect. */
export const STOCK_FRAMING: Framing = 0

/** From this size on, an update is written behind its head instead of being copied into a frame. */
const NO_COPY_FROM_BYTES = 16 * 1024

/** The updates of a batch as WebSocket frames, one after another. */
interface BatchFrames {
  readonly bytes: Uint8Array
  /** Where the frame of each update ends. */
  readonly ends: readonly number[]
}

/** The key of a batch's authors beside its encodings, which are keyed by framing. */
const AUTHORS = -1
const EMPTY = new Uint8Array(0)

/**
 * What a session receives of a batch: all of it but its own updates, as stretches of one buffer that is made once per
 * batch and framing.
 */
export function batchFor(batch: UpdateBatch, framing: Framing, sessionId: string): Uint8Array[] {
  const { bytes, ends } = framesOf(batch, framing)
  return authorsOf(batch).has(sessionId)
    ? withoutAuthor(batch.updates, bytes, ends, sessionId)
    : [bytes]
}

/** A message as one WebSocket frame, in one piece or, if it is large, in two. */
export function encodeMessage(message: ServerMessage, framing: Framing): Uint8Array[] {
  switch (message.type) {
    case 'sync-step-2':
    case 'update':
      return encodeUpdate(message.type, message.update, framing)
    case 'sync-step-1':
    case 'presence':
    case 'query-presence':
    case 'auth-denied':
      return [encodeStock(message, framing)]
    default:
      return [frame(encodeServerFrame(framing, message))]
  }
}

function encodeStock(message: SyncMessage | AuthDenied, framing: Framing): Uint8Array {
  return frame(prefixOf(framing), encodeStockMessage(message))
}

function encodeUpdate(
  type: 'sync-step-2' | 'update',
  update: Uint8Array,
  framing: Framing,
): Uint8Array[] {
  const head = stockHead(type, update.length)
  if (update.length < NO_COPY_FROM_BYTES) return [frame(prefixOf(framing), head, update)]
  return [frameHead(concatenate([prefixOf(framing), head]), update.length), update]
}

function prefixOf(framing: Framing): Uint8Array {
  return framing === STOCK_FRAMING ? EMPTY : channelPrefix(framing)
}

function framesOf(batch: UpdateBatch, framing: Framing): BatchFrames {
  const known = batch.encodings.get(framing) as BatchFrames | undefined
  if (known !== undefined) return known
  const pieces: Uint8Array[] = []
  const ends: number[] = []
  let end = 0
  for (const { update } of batch.updates) {
    for (const piece of encodeUpdate('update', update, framing)) {
      pieces.push(piece)
      end += piece.length
    }
    ends.push(end)
  }
  const frames = { bytes: pieces.length === 1 ? (pieces[0] ?? EMPTY) : concatenate(pieces), ends }
  batch.encodings.set(framing, frames)
  return frames
}

function authorsOf(batch: UpdateBatch): ReadonlySet<string | null> {
  const known = batch.encodings.get(AUTHORS) as ReadonlySet<string | null> | undefined
  if (known !== undefined) return known
  const authors = new Set(batch.updates.map((update) => update.author))
  batch.encodings.set(AUTHORS, authors)
  return authors
}

function withoutAuthor(
  updates: readonly BatchedUpdate[],
  bytes: Uint8Array,
  ends: readonly number[],
  sessionId: string,
): Uint8Array[] {
  const stretches: Uint8Array[] = []
  let start = 0
  for (const [index, { author }] of updates.entries()) {
    if (author !== sessionId) continue
    const ownStart = ends[index - 1] ?? 0
    if (ownStart > start) stretches.push(bytes.subarray(start, ownStart))
    start = ends[index] ?? ownStart
  }
  if (start < bytes.length) stretches.push(bytes.subarray(start))
  return stretches
}

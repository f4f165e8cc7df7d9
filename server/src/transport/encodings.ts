import {
  channelPrefix,
  encodeServerFrame,
  encodeStockMessage,
  putStockHead,
  putVarUint,
  stockHead,
  stockHeadSize,
  varUintSize,
} from '@coscribe/shared'
import type { AuthDenied, ServerMessage, SyncMessage } from '@coscribe/shared'
import type { BatchedUpdate, UpdateBatch } from '../rooms/update-batch.js'
import { concatenate, emptyFrame, frame, frameHead } from './frames.js'

/**
 * How a session's messages are framed: {@link STOCK_FRAMING}, or the number of a `coscribe.v1` channel. Sessions with
 * equal framing receive equal bytes.
 */
export type Framing = number

/** The y-websocket dialect. */
export const STOCK_FRAMING: Framing = 0

/** From this size on, an update or state vector is written behind its head instead of being copied into a frame. */
const NO_COPY_FROM_BYTES = 16 * 1024

/** Frames that are put together reach about this size, in bytes: a slow reader takes them one by one. */
const CHUNK_BYTES = 64 * 1024

/** Some updates of a batch as WebSocket frames, one after another. */
export interface Chunk {
  readonly updates: readonly BatchedUpdate[]
  /** One buffer with all frames; or, of a single large update, what comes before it and the update itself. */
  readonly pieces: readonly Uint8Array[]
  /** Where the frame of each update ends; of a single one nobody asks. */
  readonly ends: readonly number[]
}

/** The key of a batch's authors beside its encodings, which are keyed by framing. */
const AUTHORS = -1
const EMPTY = new Uint8Array(0)

/** A batch as frames; made at the first call per batch and framing. Large updates are not copied. */
export function chunksOf(batch: UpdateBatch, framing: Framing): readonly Chunk[] {
  const known = batch.encodings.get(framing) as readonly Chunk[] | undefined
  if (known !== undefined) return known
  const chunks = frameInChunks(batch.updates, framing)
  batch.encodings.set(framing, chunks)
  return chunks
}

/**
 * What a session receives of a batch: all of it but its own updates, as stretches of buffers that are made once per
 * batch and framing.
 */
export function batchFor(
  batch: UpdateBatch,
  framing: Framing,
  sessionId: string,
): readonly Uint8Array[] {
  const chunks = chunksOf(batch, framing)
  if (isAuthor(batch, sessionId)) return chunks.flatMap((chunk) => withoutAuthor(chunk, sessionId))
  const [first] = chunks
  // Nearly every batch of a flush is one chunk, and nearly every member no author of it: they share the array too.
  if (first !== undefined && chunks.length === 1) return first.pieces
  return chunks.flatMap(({ pieces }) => pieces)
}

/** A message as one WebSocket frame, in one piece or, if it is large, in two. */
export function encodeMessage(message: ServerMessage, framing: Framing): Uint8Array[] {
  switch (message.type) {
    case 'sync-step-1':
      return encodeSync(message.type, message.stateVector, framing)
    case 'sync-step-2':
    case 'update':
      return encodeSync(message.type, message.update, framing)
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

function encodeSync(
  type: Parameters<typeof stockHead>[0],
  payload: Uint8Array,
  framing: Framing,
): Uint8Array[] {
  if (payload.length >= NO_COPY_FROM_BYTES) {
    const prefix = concatenate([prefixOf(framing), stockHead(type, payload.length)])
    return [frameHead(prefix, payload.length), payload]
  }
  // Written into the frame at once: this is done for every edit, and each small array costs more than its bytes.
  const channelBytes = framing === STOCK_FRAMING ? 0 : varUintSize(framing)
  const messageBytes = stockHeadSize(payload.length) + payload.length
  const bytes = emptyFrame(channelBytes + messageBytes)
  const start = bytes.length - messageBytes
  if (framing !== STOCK_FRAMING) putVarUint(bytes, start - channelBytes, framing)
  bytes.set(payload, putStockHead(bytes, start, type, payload.length))
  return [bytes]
}

/** What every message of this framing begins with. */
export function prefixOf(framing: Framing): Uint8Array {
  return framing === STOCK_FRAMING ? EMPTY : channelPrefix(framing)
}

function frameInChunks(updates: readonly BatchedUpdate[], framing: Framing): readonly Chunk[] {
  const [only] = updates
  // In small rooms nearly every batch is one edit.
  if (only === undefined || updates.length > 1) return new Chunker(framing).chunk(updates)
  return [{ updates, pieces: encodeSync('update', only.update, framing), ends: [] }]
}

/** Puts frames together until a chunk is full. */
class Chunker {
  readonly #framing: Framing
  readonly #chunks: Chunk[] = []
  #updates: BatchedUpdate[] = []
  #frames: Uint8Array[] = []
  #ends: number[] = []
  #bytes = 0

  constructor(framing: Framing) {
    this.#framing = framing
  }

  chunk(updates: readonly BatchedUpdate[]): Chunk[] {
    for (const update of updates) this.#add(update)
    this.#close()
    return this.#chunks
  }

  #add(update: BatchedUpdate): void {
    const pieces = encodeSync('update', update.update, this.#framing)
    const [whole] = pieces
    if (whole === undefined || pieces.length > 1) {
      this.#close()
      this.#chunks.push({ updates: [update], pieces, ends: [] })
      return
    }
    this.#updates.push(update)
    this.#frames.push(whole)
    this.#bytes += whole.length
    this.#ends.push(this.#bytes)
    if (this.#bytes >= CHUNK_BYTES) this.#close()
  }

  #close(): void {
    const [first] = this.#frames
    if (first === undefined) return
    const bytes = this.#frames.length === 1 ? first : concatenate(this.#frames)
    this.#chunks.push({ updates: this.#updates, pieces: [bytes], ends: this.#ends })
    this.#updates = []
    this.#frames = []
    this.#ends = []
    this.#bytes = 0
  }
}

function isAuthor(batch: UpdateBatch, sessionId: string): boolean {
  if (batch.updates.length > 1) return authorsOf(batch).has(sessionId)
  return batch.onlyAuthor === sessionId
}

function authorsOf(batch: UpdateBatch): ReadonlySet<string | null> {
  const known = batch.encodings.get(AUTHORS) as ReadonlySet<string | null> | undefined
  if (known !== undefined) return known
  const authors = new Set(batch.updates.map((update) => update.author))
  batch.encodings.set(AUTHORS, authors)
  return authors
}

function withoutAuthor({ updates, pieces, ends }: Chunk, sessionId: string): readonly Uint8Array[] {
  const [bytes] = pieces
  if (bytes === undefined || updates.length === 1) {
    return updates[0]?.author === sessionId ? [] : pieces
  }
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

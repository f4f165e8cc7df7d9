import { backoffDelayMs, type Cancel, type Clock, type Random } from '@coscribe/shared'
import type { ClientMessage } from '@coscribe/shared'
import * as Y from 'yjs'
import { AckWatch } from './ack-watch.js'
import { Pending } from './pending.js'
import type { RoomFault } from './room-error.js'
import { splitUpdate } from './split.js'

/** Edits of one turn of the event loop travel together, up to this many or this many bytes. */
const MAX_BATCH_UPDATES = 64
const MAX_BATCH_BYTES = 64 * 1024
/** Unsent bytes in the socket above which edits stay in the document only, and below which they are uploaded. */
const HIGH_WATER_BYTES = 4 * 1024 * 1024
const LOW_WATER_BYTES = 1024 * 1024
const DRAIN_POLL_MS = 100
/** A server that asks again at once, because it waits for what nobody has, is not answered in a circle. */
const UPLOAD_EVERY_MS = 1_000
/** Kept free in a message for what stands around an update. */
const MESSAGE_OVERHEAD_BYTES = 64
/** A server that claims a smaller limit is not believed: nothing could be split so finely. */
const SMALLEST_MESSAGE_BYTES = 2048

/** Refusals that end by themselves. */
const passing = new Set([
  'storage-unavailable',
  'document-unavailable',
  'pending-full',
  'unconfirmed',
  'rate-limited',
  'read-only',
])

export interface UplinkOptions {
  readonly ydoc: Y.Doc
  readonly clock: Clock
  readonly random: Random
  send(message: ClientMessage): void
  /** Bytes that wait in the socket. */
  bufferedBytes(): number
  /** Something a status shows may have changed. */
  changed(): void
}

/** The way of local edits in one session. */
interface UplinkSession {
  readonly maxUpdateBytes: number
  /** What the server said it has. Replaced when it says so again. */
  serverVector: Uint8Array | null
  /** Whether its question for what it lacks has no answer yet. */
  asked: boolean
  /** How many sync-step-2 and update messages were sent, and how many of them are settled. */
  sent: number
  acked: number
  /** When everything was last sent. */
  uploadedAt: number
}

/**
 * Brings local edits to the server and knows which of them are on its disk.
 *
 * A session begins with an upload: everything the server says it lacks. From then on edits are sent as they happen,
 * as long as nothing stands in the way (`live`). When something does, a read-only document, a refusal that may pass,
 * a socket that does not drain, edits stay in the document, and when it is over one more upload carries all of them.
 * A refusal that cannot pass ends the uploading for good: the document then holds what the server will not take.
 */
export class Uplink {
  readonly pending = new Pending()
  readonly #options: UplinkOptions
  #session: UplinkSession | null = null
  #writable = false
  #live = false
  #batch: Uint8Array[] = []
  #batchBytes = 0
  #batchScheduled = false
  #refusal: RoomFault | null = null
  /** The refusal is over when this message is acknowledged. */
  #healedBy = Infinity
  #refusals = 0
  #cancelCatchUp: Cancel | null = null
  #lastSavedAt: number | null = null
  readonly #acks: AckWatch

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#acks = new AckWatch(options.clock, () => options.changed())
  }

  /** Why edits were not taken, until they are; not retryable when they never will be. */
  get refusal(): RoomFault | null {
    return this.#refusal
  }

  /** Set while a server takes edits and acknowledges none, as one whose disk is full does. */
  get overdue(): RoomFault | null {
    return this.#acks.fault
  }

  /** Wall-clock milliseconds when the last pending edit was acknowledged, or `null`. */
  get lastSavedAt(): number | null {
    return this.#lastSavedAt
  }

  /** A session begins; edits wait for the server's question. `messageBytes` is its limit. */
  begin(messageBytes: number): void {
    const limit = Math.max(messageBytes, SMALLEST_MESSAGE_BYTES)
    this.#session = {
      maxUpdateBytes: limit - MESSAGE_OVERHEAD_BYTES,
      serverVector: null,
      asked: false,
      sent: 0,
      acked: 0,
      uploadedAt: -Infinity,
    }
  }

  /** The session is over: what was on its way may or may not have arrived. */
  end(): void {
    this.#hold()
    this.#acks.settled()
    this.#session = null
    this.#writable = false
    this.#healedBy = Infinity
    this.pending.sessionOver()
  }

  /** Whether the session may write now. */
  setWritable(writable: boolean): void {
    const was = this.#writable
    this.#writable = writable
    if (!writable) this.#hold()
    else if (!was) this.#upload()
  }

  /** The server asks for what it lacks. */
  asked(serverVector: Uint8Array): void {
    if (this.#session === null) return
    this.#session.serverVector = serverVector.slice()
    this.#session.asked = true
    // While a refusal is waited out, the question is answered at the end of the wait.
    if (this.#cancelCatchUp !== null) return
    const waitMs = this.#session.uploadedAt + UPLOAD_EVERY_MS - this.#options.clock.now()
    if (waitMs > 0) this.#catchUpIn(waitMs)
    else this.#upload()
  }

  /** Content of this replica that no server is known to have; an update `edited` was not told of. */
  found(bytes: number): void {
    this.pending.add(bytes, this.#options.clock.wallTime())
  }

  /** The document was edited here. */
  edited(update: Uint8Array): void {
    this.pending.add(update.length, this.#options.clock.wallTime())
    if (!this.#live) return
    this.#batch.push(update)
    this.#batchBytes += update.length
    if (this.#batch.length >= MAX_BATCH_UPDATES || this.#batchBytes >= MAX_BATCH_BYTES) {
      this.#flush()
    } else if (!this.#batchScheduled) {
      this.#batchScheduled = true
      queueMicrotask(() => {
        this.#batchScheduled = false
        this.#flush()
      })
    }
  }

  /** Somebody asks to try again what was not taken, also what was refused for good: it is uploaded once more now. */
  retry(): void {
    if (this.#refusal === null || this.#live) return
    this.#refusal = { ...this.#refusal, retryable: true }
    this.#hold()
    if (this.#session === null) return
    const waitMs = this.#session.uploadedAt + UPLOAD_EVERY_MS - this.#options.clock.now()
    this.#catchUpIn(Math.max(0, waitMs))
  }

  /** The first `count` messages of the session are settled. Returns `false` for a count that cannot be. */
  ack(count: number): boolean {
    const session = this.#session
    if (session === null || count < session.acked || count > session.sent) return false
    const progress = count > session.acked
    const wasPending = !this.pending.isEmpty
    session.acked = count
    this.pending.ack(count)
    if (this.pending.isEmpty) this.#acks.settled()
    else if (progress) this.#acks.progressed()
    if (count >= this.#healedBy) {
      this.#refusal = null
      this.#refusals = 0
    }
    if (wasPending && this.pending.isEmpty) this.#lastSavedAt = this.#options.clock.wallTime()
    return true
  }

  /** Message number `count` was not taken. Returns `false` for a number that was never sent. */
  rejected(count: number, code: string, message: string): boolean {
    const session = this.#session
    if (session === null || count <= session.acked || count > session.sent) return false
    this.pending.refuse(count)
    this.#refuse({ code, message, retryable: passing.has(code) })
    return true
  }

  #refuse(fault: RoomFault): void {
    const waiting = this.#cancelCatchUp !== null
    if (this.#refusal === null || this.#refusal.retryable) this.#refusal = fault
    this.#healedBy = Infinity
    if (!fault.retryable) return this.#hold()
    // Several messages of one burst are refused together and waited for once.
    if (waiting && !this.#live) return
    this.#hold()
    this.#catchUpIn(backoffDelayMs(this.#refusals++, this.#options.random))
  }

  /** Stops sending: until the next upload edits stay in the document only. */
  #hold(): void {
    this.#live = false
    this.#batch = []
    this.#batchBytes = 0
    this.#cancelCatchUp?.()
    this.#cancelCatchUp = null
  }

  #catchUpIn(delayMs: number): void {
    this.#cancelCatchUp = this.#options.clock.after(delayMs, () => {
      this.#cancelCatchUp = null
      if (this.#options.bufferedBytes() > LOW_WATER_BYTES) this.#catchUpIn(DRAIN_POLL_MS)
      else this.#upload()
      this.#options.changed()
    })
  }

  #flush(): void {
    const batch = this.#batch
    this.#batch = []
    this.#batchBytes = 0
    const [first] = batch
    if (first === undefined || !this.#live) return
    if (this.#options.bufferedBytes() > HIGH_WATER_BYTES) {
      this.#hold()
      return this.#catchUpIn(DRAIN_POLL_MS)
    }
    const numbers = this.#send(batch.length === 1 ? first : Y.mergeUpdates(batch), false)
    if (numbers !== null) this.pending.carried(numbers.first, numbers.last)
    if (!this.pending.isEmpty) this.#acks.expect()
    this.#options.changed()
  }

  /** Sends everything the server lacks, if that is possible now. */
  #upload(): void {
    const session = this.#session
    if (session === null || session.serverVector === null || !this.#writable) return
    if (this.#refusal?.retryable === false) return
    this.#hold()
    session.uploadedAt = this.#options.clock.now()
    const { ydoc } = this.#options
    const update = Y.encodeStateAsUpdate(ydoc, session.serverVector)
    // What the server has lost, or never had: it is as unsaved as a new edit.
    if (this.pending.isEmpty && lacks(session.serverVector, ydoc)) this.found(update.length)
    const numbers = this.#send(update, session.asked)
    if (numbers === null) return
    session.asked = false
    this.pending.carriedAll(numbers.first, numbers.last)
    this.#healedBy = numbers.last
    this.#live = true
    if (!this.pending.isEmpty) this.#acks.expect()
  }

  /**
   * Sends an update in as many messages as it takes; the last one is the answer to a question of the server, if it is
   * one. Returns their numbers, or `null` when it can never be sent.
   */
  #send(update: Uint8Array, answers: boolean): { first: number; last: number } | null {
    const session = this.#session
    if (session === null) return null
    const parts = splitUpdate(update, session.maxUpdateBytes)
    if (parts === null) {
      const message = `an edit holds a single value above ${session.maxUpdateBytes} bytes`
      this.#refuse({ code: 'too-large', message, retryable: false })
      return null
    }
    const first = session.sent + 1
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1
      session.sent++
      this.#options.send({ type: answers && last ? 'sync-step-2' : 'update', update: part })
    }
    return { first, last: session.sent }
  }
}

/** Whether a replica with this state vector lacks structs of `ydoc`. */
function lacks(stateVector: Uint8Array, ydoc: Y.Doc): boolean {
  const known = Y.decodeStateVector(stateVector)
  const own = Y.decodeStateVector(Y.encodeStateVector(ydoc))
  return [...own].some(([client, clock]) => clock > (known.get(client) ?? 0))
}

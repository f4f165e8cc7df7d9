import { backoffDelayMs, type Cancel, type Clock, type Random } from '@coscribe/shared'
import type { ClientMessage } from '@coscribe/shared'
import * as Y from 'yjs'
import { AckWatch } from './ack-watch.js'
import { HeldEdits } from './held-edits.js'
import { Outbox, type MessageNumbers } from './outbox.js'
import { Pending } from './pending.js'
import type { RoomFault } from './room-error.js'
import { deletionsBelow } from './split.js'

/** Edits of one turn of the event loop travel together, up to this many or this many bytes. */
const MAX_BATCH_UPDATES = 64
const MAX_BATCH_BYTES = 64 * 1024
/** How often it is looked whether a socket has room again; nothing tells. */
const DRAIN_POLL_MS = 100
/** A server that asks again at once, because it waits for what nobody has, is not answered in a circle. */
const UPLOAD_EVERY_MS = 1_000

/** Refusals that end by themselves. */
const passing = new Set([
  'storage-unavailable',
  'document-unavailable',
  'pending-full',
  'unconfirmed',
  'rate-limited',
  'read-only',
])

/** The refusal of everything but deletions. */
const FULL = 'document-full'

const NO_UPLOAD: UplinkSession['upload'] = Object.freeze({ first: 0, reaches: [] })

export interface UplinkOptions {
  readonly ydoc: Y.Doc
  readonly clock: Clock
  readonly random: Random
  send(message: ClientMessage): void
  /** Bytes that wait in the socket. */
  bufferedBytes(): number
  /** A server's state vector, raised by what others of this device will send it. */
  raised(stateVector: Uint8Array): Uint8Array
  /** Something a status shows may have changed. */
  changed(): void
}

/** The way of local edits in one session. */
interface UplinkSession {
  /** What the server said it has. Replaced when it says so again. */
  serverVector: Uint8Array | null
  /** Whether its question for what it lacks has no answer yet, and which one of the session that is. */
  asked: boolean
  questions: number
  /** Clients of whose structs the server lacks some, each with the clock up to which it has them. */
  ahead: Map<number, number>
  /** How many messages are settled. */
  acked: number
  /** The number of the first message of the last upload, and after each the clock of this replica's client. */
  upload: { readonly first: number; readonly reaches: readonly number[] }
  /** Up to which clock of this replica's client that has saved what the server asked for. */
  saved: number
  /** When everything was last sent. */
  uploadedAt: number
}

/**
 * Brings local edits to the server and knows which of them are on its disk.
 *
 * A session begins with an upload: everything the server says it lacks. From then on edits are sent as they happen,
 * as long as nothing stands in the way (`live`). When something does, a read-only document or a refusal that may pass,
 * edits stay in the document, and when it is over one more upload carries all of them. So they do while a socket does
 * not drain (`held`); then only what came meanwhile follows. A refusal that cannot pass ends the uploading for good: the
 * document then holds what the server will not take. If it is full, deletions go on, of what the server has.
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
  /** While a socket drains; `null` when what stands in the way is something else, or the server has asked for it all. */
  #held: HeldEdits | null = null
  readonly #outbox: Outbox
  #refusal: RoomFault | null = null
  /** The refusal is over when this message is acknowledged. */
  #healedBy = Infinity
  #refusals = 0
  /** A refusal is waited out. */
  #backingOff = false
  #cancelCatchUp: Cancel | null = null
  #lastSavedAt: number | null = null
  /** As which this replica writes, or wrote what is pending: Yjs takes another where somebody else uses it. */
  #client: number
  /** The clock of that client after its last edit. */
  #clock = 0
  readonly #acks: AckWatch

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#client = options.ydoc.clientID
    this.#outbox = new Outbox(options)
    const unsentBytes = (): number => this.#outbox.unsentBytes
    this.#acks = new AckWatch(options.clock, unsentBytes, () => options.changed())
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
    this.#outbox.begin(messageBytes)
    this.#session = {
      serverVector: null,
      asked: false,
      questions: 0,
      ahead: new Map(),
      acked: 0,
      upload: NO_UPLOAD,
      saved: 0,
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
    this.#session.upload = NO_UPLOAD
    this.#session.saved = 0
    this.#session.questions++
    this.#held = null
    // While a refusal is waited out, or a socket drains, the question is answered at the end of that.
    if (this.#cancelCatchUp !== null) return
    const waitMs = this.#session.uploadedAt + UPLOAD_EVERY_MS - this.#options.clock.now()
    if (waitMs > 0) this.#catchUpIn(waitMs)
    else this.#upload()
  }

  /** Content of this replica that no server is known to have; an update `edited` was not told of. */
  found(bytes: number): void {
    const { ydoc, clock } = this.#options
    const before = this.#clock
    this.#clock = Y.getState(ydoc.store, this.#client)
    this.pending.add(bytes, clock.wallTime(), this.#clock > before ? before : Infinity)
  }

  /** Content that came in by another way, which nobody else sends: it is uploaded with everything else. */
  inherit(bytes: number): void {
    this.found(bytes)
    if (this.#live || this.#held !== null) this.#upload()
  }

  /** The document was edited here. */
  edited(update: Uint8Array): void {
    const { ydoc, clock } = this.#options
    if (ydoc.clientID !== this.#client && this.pending.from === Infinity) {
      this.#client = ydoc.clientID
      this.#clock = 0
    }
    const from = ydoc.clientID === this.#client ? this.#clock : Infinity
    this.pending.add(update.length, clock.wallTime(), from)
    this.#clock = Y.getState(ydoc.store, this.#client)
    if (!this.#live && !this.#isFull) return this.#held?.add(update)
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
    if (session === null || count < session.acked || count > this.#outbox.sent) return false
    const progress = count > session.acked
    const wasPending = !this.pending.isEmpty
    session.acked = count
    this.pending.ack(count)
    const { first, reaches } = session.upload
    const reach = reaches[Math.min(count - first, reaches.length - 1)]
    session.saved = Math.max(session.saved, reach ?? 0)
    if (this.pending.isEmpty) this.#acks.settled()
    else if (progress) this.#acks.progressed()
    if (count >= this.#healedBy) {
      session.ahead.clear()
      this.#refusal = null
      this.#refusals = 0
    }
    if (wasPending && this.pending.isEmpty) this.#lastSavedAt = this.#options.clock.wallTime()
    return true
  }

  /** Message number `count` was not taken. Returns `false` for a number that was never sent. */
  rejected(count: number, code: string, message: string): boolean {
    const session = this.#session
    if (session === null || count <= session.acked || count > this.#outbox.sent) return false
    const client = this.#client
    const from = Math.min(this.pending.refuse(count), session.ahead.get(client) ?? Infinity)
    session.ahead.set(client, from)
    const { first, reaches } = session.upload
    session.upload = { first, reaches: reaches.slice(0, Math.max(0, count - first)) }
    this.#refuse({ code, message, retryable: passing.has(code) })
    return true
  }

  #refuse(fault: RoomFault): void {
    const waiting = this.#backingOff
    const wasFull = this.#isFull
    if (this.#refusal === null || this.#refusal.retryable) this.#refusal = fault
    this.#healedBy = Infinity
    if (wasFull) return
    if (!fault.retryable) this.#hold()
    if (this.#isFull) return this.#delete()
    if (!fault.retryable) return
    // Several messages of one burst are refused together and waited for once.
    if (waiting) return
    this.#hold()
    this.#backingOff = true
    this.#catchUpIn(backoffDelayMs(this.#refusals++, this.#options.random))
  }

  /** Whether everything but deletions was refused. */
  get #isFull(): boolean {
    return this.#refusal?.code === FULL && !this.#refusal.retryable
  }

  /** Sends what an update deletes of what the server has; by default, what was ever deleted. */
  #delete(update = deletionsOf(this.#options.ydoc)): void {
    const session = this.#session
    if (session === null || session.serverVector === null || !this.#writable) return
    const deletions = deletionsBelow(update, session.ahead)
    if (deletions !== null) this.#put(deletions, false)
    if (this.#outbox.isBusy && this.#cancelCatchUp === null) this.#catchUpIn(DRAIN_POLL_MS)
  }

  /** Stops sending: until the next upload edits stay in the document only. */
  #hold(): void {
    this.#live = false
    this.#batch = []
    this.#batchBytes = 0
    this.#held = null
    this.#backingOff = false
    this.#outbox.clear()
    this.#cancelCatchUp?.()
    this.#cancelCatchUp = null
  }

  #catchUpIn(delayMs: number): void {
    this.#cancelCatchUp = this.#options.clock.after(delayMs, () => {
      this.#cancelCatchUp = null
      this.#outbox.pump()
      if (this.#outbox.isBusy) this.#catchUpIn(DRAIN_POLL_MS)
      else if (this.#held === null) this.#upload()
      else this.#goOn(this.#held)
      this.#options.changed()
    })
  }

  /** Goes on sending what is edited, or first waits until the socket has room. */
  #proceed(): void {
    this.#live = this.#outbox.isOpen
    if (this.#live) return
    this.#held = new HeldEdits()
    this.#catchUpIn(DRAIN_POLL_MS)
  }

  /** The socket has room again: what was edited meanwhile follows. */
  #goOn(held: HeldEdits): void {
    this.#held = null
    if (!held.isEmpty) this.#sendNewest(held.updateOf(this.#options.ydoc))
    else this.#live = true
  }

  #flush(): void {
    const batch = this.#batch
    this.#batch = []
    this.#batchBytes = 0
    const [first] = batch
    if (first === undefined) return
    const together = (): Uint8Array => (batch.length === 1 ? first : Y.mergeUpdates(batch))
    if (this.#isFull) return this.#delete(together())
    if (!this.#live) return
    if (this.#outbox.isOpen) return this.#sendNewest(together())
    this.#proceed()
    for (const update of batch) this.#held?.add(update)
  }

  /** Sends the newest edits, all that no message carries. */
  #sendNewest(update: Uint8Array): void {
    const numbers = this.#put(update, false)
    if (numbers !== null) {
      this.pending.carried(numbers.first, numbers.last, this.#reachesOf(numbers))
      this.#proceed()
    }
    if (!this.pending.isEmpty) this.#acks.expect()
    this.#options.changed()
  }

  /** Sends everything the server lacks, if that is possible now. */
  #upload(): void {
    const session = this.#session
    if (session === null || session.serverVector === null || !this.#writable) return
    const { ydoc } = this.#options
    session.ahead = aheadOf(session.serverVector, ydoc)
    // It asks for what it has, too, of which it is not known who wrote it.
    const { from } = this.pending
    const lacked = session.ahead.get(this.#client) ?? Infinity
    if (lacked < from && from < Infinity) session.ahead.set(this.#client, from)
    if (this.#refusal?.retryable === false && !this.#isFull) return
    session.uploadedAt = this.#options.clock.now()
    if (this.#isFull) return this.#delete()
    this.#hold()
    // What others of this device will send is left to them, unless the server asks again.
    const { serverVector, questions } = session
    const vector = questions > 1 ? serverVector : this.#options.raised(serverVector)
    const update = Y.encodeStateAsUpdate(ydoc, this.#fitted(vector, session.saved))
    // What the server has lost, or never had: it is as unsaved as a new edit.
    if (this.pending.isEmpty && aheadOf(vector, ydoc).size > 0) this.found(update.length)
    const numbers = this.#put(update, session.asked)
    if (numbers === null) return
    session.asked = false
    const reaches = this.#reachesOf(numbers)
    this.pending.carriedAll(numbers.first, numbers.last, reaches)
    session.upload = { first: numbers.first, reaches: reaches ?? [] }
    this.#healedBy = numbers.last
    this.#proceed()
    if (!this.pending.isEmpty) this.#acks.expect()
  }

  /**
   * A server's state vector without what this replica wrote and was never told to be saved: what the server has under
   * those clocks may be somebody else's, and only it can compare. And with what was saved since the server asked, so
   * that each attempt brings more than the one before.
   */
  #fitted(stateVector: Uint8Array, saved: number): Uint8Array {
    const known = Y.decodeStateVector(stateVector)
    const has = known.get(this.#client) ?? 0
    const clock = Math.min(Math.max(has, saved), this.pending.from)
    return clock === has ? stateVector : Y.encodeStateVector(known.set(this.#client, clock))
  }

  /** The clock of this replica's client after each of several messages. */
  #reachesOf({ parts }: MessageNumbers): number[] | undefined {
    if (parts.length === 1) return undefined
    let reach = 0
    return parts.map((part) => (reach = Y.parseUpdateMeta(part).to.get(this.#client) ?? reach))
  }

  /** Returns the numbers of the messages that carry an update, or `null` when it can never be sent. */
  #put(update: Uint8Array, answers: boolean): MessageNumbers | null {
    const numbers = this.#outbox.put(update, answers)
    if (numbers === null) {
      const message = `an edit holds a single value above ${this.#outbox.maxUpdateBytes} bytes`
      this.#refuse({ code: 'too-large', message, retryable: false })
    }
    return numbers
  }
}

/** The clients of whose structs a replica with this state vector lacks some, and what it has of each. */
function aheadOf(stateVector: Uint8Array, ydoc: Y.Doc): Map<number, number> {
  const known = Y.decodeStateVector(stateVector)
  const ahead = new Map<number, number>()
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(ydoc))) {
    const has = known.get(client) ?? 0
    if (clock > has) ahead.set(client, has)
  }
  return ahead
}

/** Everything that was ever deleted, as an update without structs. */
function deletionsOf(ydoc: Y.Doc): Uint8Array {
  return Y.encodeStateAsUpdate(ydoc, Y.encodeStateVector(ydoc))
}

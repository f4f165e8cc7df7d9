import type { FlushTurn } from './flush-turn.js'
import { concatenate } from './frames.js'
import type { Debtor, UnsentBudget } from './unsent-budget.js'

/** Below this many bytes one copy is cheaper than handing the kernel a list of buffers. */
const COPY_BELOW_BYTES = 16 * 1024

/** The part of a socket a queue writes to. */
export interface Wire {
  write(bytes: Uint8Array): unknown
  cork(): void
  uncork(): void
  /** Bytes written but not yet taken by the operating system. */
  readonly writableLength: number
}

/** What a queue asks of the connection it belongs to. */
export interface SendOwner extends Debtor {
  /** Whether frames may be written: false from the closing handshake on. */
  readonly writable: boolean
  /**
   * Called before a flush that was asked for, of a connection that keeps up: enqueue what is sent in its latest state
   * only.
   */
  collect(): void
  /** The peer reads too slowly. */
  overflowed(): void
}

export interface SendBounds {
  /** Unsent bytes above which the peer lags: it is sent nothing that can be sent later. */
  readonly lagBytes: number
  /** Unsent bytes, not counting the document's own, above which the peer is given up. */
  readonly unsentBytes: number
  /** The same for all queues together. */
  readonly budget: UnsentBudget
}

/**
 * Frames on their way to one socket. What is enqueued during one turn leaves in one write, because the system call
 * is nearly all of what a small frame costs. Documents are taken from the log as the socket drains, so that the bound
 * is met only by a peer that makes the server talk and does not listen: it is dropped and resyncs later.
 */
export class SendQueue {
  readonly #wire: Wire
  readonly #bounds: SendBounds
  readonly #turn: FlushTurn
  readonly #owner: SendOwner
  #frames: Uint8Array[] = []
  #frameBytes = 0
  #enqueued = 0
  #sharedUpTo = 0
  /** What the budget was told last. */
  #owed = 0
  #planned = false
  #mayWait = false
  /** Whether the owner has something to collect; in a large room most flushes only have what was enqueued. */
  #uncollected = false
  #ended = false

  constructor(wire: Wire, bounds: SendBounds, turn: FlushTurn, owner: SendOwner) {
    this.#wire = wire
    this.#bounds = bounds
    this.#turn = turn
    this.#owner = owner
  }

  /** Bytes ever enqueued. */
  get enqueued(): number {
    return this.#enqueued
  }

  /** Bytes that the operating system has not taken yet. */
  get unsent(): number {
    return this.#wire.writableLength + this.#frameBytes
  }

  get lagging(): boolean {
    return this.unsent > this.#bounds.lagBytes
  }

  /**
   * Takes a whole frame, or a piece of one that is completed in the same turn. The bytes must not change afterwards.
   * `shared` bytes are the document's own, whoever else is sent them: they are not counted.
   */
  enqueue(bytes: Uint8Array, shared = false): void {
    if (!this.#owner.writable) return
    this.#frames.push(bytes)
    this.#frameBytes += bytes.length
    this.#enqueued += bytes.length
    if (shared) this.#sharedUpTo = this.#enqueued
    this.#plan()
    if (this.#backlog() > this.#bounds.unsentBytes) this.#overflow()
  }

  /** Flushes at the end of this turn, even if nothing was enqueued, and asks the owner before. */
  schedule(): void {
    this.#uncollected = true
    this.#plan()
  }

  #plan(): void {
    if (this.#planned) return
    this.#planned = true
    this.#turn.add(this)
  }

  /** As {@link schedule}, but with the next thing that is sent, within 50 ms: a write of its own costs as much. */
  scheduleLater(): void {
    this.#uncollected = true
    if (this.#planned || this.#mayWait) return
    this.#mayWait = true
    this.#turn.later(this)
  }

  /** Writes what is waiting, now. */
  flush(): void {
    if (this.#mayWait) {
      this.#mayWait = false
      this.#turn.notLater(this)
    }
    if (this.#uncollected && !this.#ended) this.#collect()
    this.#planned = false
    if (this.#ended) return
    const frames = this.#frames
    const bytes = this.#frameBytes
    this.#frames = []
    this.#frameBytes = 0
    // Asked again: the owner may have closed the connection while it was collecting.
    if (frames.length > 0 && this.#owner.writable) this.#write(frames, bytes)
    this.#owe(this.#backlog())
    if (this.#uncollected && this.#mayCollect) this.#plan()
  }

  /** What a peer that lags is not asked for now, it is asked for when its socket has drained. */
  get #mayCollect(): boolean {
    return this.#owner.writable && !this.lagging
  }

  #collect(): void {
    if (!this.#mayCollect) return
    this.#uncollected = false
    this.#owner.collect()
    // Whoever has filled the queue may not have come to its end.
    if (this.lagging) this.#uncollected = true
  }

  /** The socket is gone, or was given up. */
  end(): void {
    this.#ended = true
    this.#frames = []
    this.#frameBytes = 0
    this.#owe(0)
  }

  #owe(bytes: number): void {
    if (bytes === this.#owed) return
    this.#owed = bytes
    this.#bounds.budget.owes(this.#owner, bytes)
  }

  /** Unsent bytes that are this peer's alone; more precisely those behind the last that are not. */
  #backlog(): number {
    const sent = this.#enqueued - this.unsent
    return Math.max(0, this.#enqueued - Math.max(sent, this.#sharedUpTo))
  }

  #overflow(): void {
    this.#frames = []
    this.#frameBytes = 0
    this.#owner.overflowed()
  }

  #write(frames: readonly Uint8Array[], bytes: number): void {
    const [first] = frames
    if (first !== undefined && frames.length === 1) {
      this.#wire.write(first)
    } else if (bytes < COPY_BELOW_BYTES) {
      this.#wire.write(concatenate(frames))
    } else {
      this.#wire.cork()
      for (const frame of frames) this.#wire.write(frame)
      this.#wire.uncork()
    }
  }
}

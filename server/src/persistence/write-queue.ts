import type { Append, Author } from '@coscribe/storage'

/** What the writer needs of a room. None of these throws. */
export interface LogOwner {
  readonly documentId: string
  readonly historyId: string
  /** Everything up to `seq` is on disk. Called once per commit, in rising order. */
  committed(seq: number): void
  /** There is room again, after `awaitDrain` was called. */
  drained(): void
  /** The disk has caught up after `awaitRelief` was called, or has failed: holding writers back does not help then. */
  relieved(): void
  /** The store will not take anything for this document any more; what is queued will never be on disk. */
  unwritable(cause: unknown): void
}

/** What a room does with its place in the writer. */
export interface DocumentLog {
  /**
   * Queues the next update of this document; it becomes durable with the next commit that succeeds, and so does the
   * author that became known with it.
   */
  append(update: Uint8Array, author?: Author | null): void
  /** Whether the bound on not yet durable bytes, of the document or of the process, is reached. */
  readonly full: boolean
  /** Whether half of that bound is reached while the disk works: who writes is to be read more slowly. */
  readonly crowded: boolean
  /** Bytes not yet durable. */
  readonly queuedBytes: number
  /** Asks for one {@link LogOwner.relieved} when {@link crowded} is over. */
  awaitRelief(): void
  /** Asks for one {@link LogOwner.drained} when {@link full} is over. */
  awaitDrain(): void
  /**
   * Resolves when everything that is queued now is on disk, with `true`, or was given up, with `false`: an append that
   * is under way then may still bring it there.
   */
  settled(): Promise<boolean>
  /** Leaves the writer; nothing may be queued any more. */
  close(): void
}

/** What a queue needs of the writer it belongs to. */
export interface QueueWriter {
  isFull(queue: WriteQueue): boolean
  isCrowded(queue: WriteQueue): boolean
  /** The queue was given `update`. */
  pushed(queue: WriteQueue, update: Uint8Array): void
  awaitDrain(queue: WriteQueue): void
  awaitRelief(queue: WriteQueue): void
  forget(queue: WriteQueue): void
}

/** Who waits until everything before a number is on disk. */
interface Waiting {
  readonly before: number
  readonly resolve: (isOnDisk: boolean) => void
}

/** Shared by all queues with nothing to bring to disk. */
const NONE = Object.freeze<Uint8Array[]>([]) as Uint8Array[]
const NO_AUTHORS = Object.freeze<Author[]>([]) as Author[]

/** What one document still has to bring to disk, in log order. */
export class WriteQueue implements DocumentLog {
  readonly owner: LogOwner
  readonly #writer: QueueWriter
  #updates: Uint8Array[] = NONE
  /** Those that became known with queued updates, one with each at most. */
  #authors: Author[] = NO_AUTHORS
  #firstSeq: number
  #bytes = 0
  #failed = false
  #waiting: Waiting[] | null = null

  constructor(owner: LogOwner, writer: QueueWriter, firstSeq: number) {
    this.owner = owner
    this.#writer = writer
    this.#firstSeq = firstSeq
  }

  get queuedBytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#updates.length
  }

  /** Whether the store refused this document for good. */
  get failed(): boolean {
    return this.#failed
  }

  get full(): boolean {
    return this.#writer.isFull(this)
  }

  get crowded(): boolean {
    return this.#writer.isCrowded(this)
  }

  append(update: Uint8Array, author: Author | null = null): void {
    if (this.#failed) return
    if (this.#updates.length === 0) this.#updates = [update]
    else this.#updates.push(update)
    if (author !== null) this.#credit(author)
    this.#bytes += update.length
    this.#writer.pushed(this, update)
  }

  awaitDrain(): void {
    this.#writer.awaitDrain(this)
  }

  awaitRelief(): void {
    this.#writer.awaitRelief(this)
  }

  close(): void {
    this.#writer.forget(this)
  }

  /** Everything queued, as one append. Until {@link commit} it stays queued. */
  pending(): Append {
    const append = {
      documentId: this.owner.documentId,
      historyId: this.owner.historyId,
      firstSeq: this.#firstSeq,
      updates: this.#updates.slice(),
    }
    return this.#authors.length === 0 ? append : { ...append, authors: this.#authors.slice() }
  }

  /** Forgets what an append brought to disk; returns its bytes. */
  commit(append: Append): number {
    const done = append.updates.length
    const bytes = byteLength(append.updates)
    // A new array when nothing is left: a spliced one keeps the room that it needed once.
    const isAll = done === this.#updates.length
    this.#updates = isAll ? NONE : this.#updates.slice(done)
    this.#authors = isAll ? NO_AUTHORS : this.#authors.slice(append.authors?.length ?? 0)
    this.#bytes -= bytes
    this.#firstSeq += done
    this.#settle(this.#firstSeq, true)
    return bytes
  }

  /** Gives up: nothing more is written for this document. Returns the bytes that were given up. */
  fail(): number {
    const bytes = this.#bytes
    this.#failed = true
    this.#updates = NONE
    this.#authors = NO_AUTHORS
    this.#bytes = 0
    this.#settle(Infinity, false)
    return bytes
  }

  /** What is queued later is not waited for: there may always be more. */
  settled(): Promise<boolean> {
    const count = this.#updates.length
    if (count === 0) return Promise.resolve(!this.#failed)
    const before = this.#firstSeq + count
    return new Promise((resolve) => (this.#waiting ??= []).push({ before, resolve }))
  }

  #credit(author: Author): void {
    if (this.#authors.length === 0) this.#authors = [author]
    else this.#authors.push(author)
  }

  /** Everything before `seq` is on disk, or never waited for again. */
  #settle(seq: number, isOnDisk: boolean): void {
    const waiting = this.#waiting
    if (waiting === null) return
    const later = waiting.filter(({ before }) => before > seq)
    this.#waiting = later.length === 0 ? null : later
    for (const { before, resolve } of waiting) if (before <= seq) resolve(isOnDisk)
  }
}

function byteLength(updates: readonly Uint8Array[]): number {
  let bytes = 0
  for (const update of updates) bytes += update.length
  return bytes
}

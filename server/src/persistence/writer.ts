import {
  backoffDelayMs,
  CoscribeError,
  type BackoffOptions,
  type Cancel,
  type Clock,
  type ErrorCode,
  type Random,
} from '@coscribe/shared'
import type { DocumentStore } from '@coscribe/storage'
import type { Logger } from '../log.js'
import type { DocumentTurns } from './document-turns.js'
import { WriteQueue, type DocumentLog, type LogOwner, type QueueWriter } from './write-queue.js'

export interface WriterSetup {
  readonly store: Pick<DocumentStore, 'append'>
  readonly turns: DocumentTurns
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /**
   * How long the first update after a pause waits for others, in milliseconds; default 2. While one commit follows the
   * other they begin sixteen times as far apart: most of what a commit costs does not depend on what is in it.
   */
  readonly windowMs?: number | undefined
  /** Not yet durable bytes per document above which it takes no more; default 8 MiB. */
  readonly documentBytes?: number | undefined
  /** The same for the whole process; default 64 MiB. */
  readonly processBytes?: number | undefined
  /** Delays between attempts after a failed append; default 100 ms doubling to 5 s. */
  readonly retry?: BackoffOptions
}

const MiB = 1024 * 1024
/** Parts of a bound: where writers are held back, where they are let on, and where a full document takes edits again. */
const CROWDED_SHARE = 1 / 2
const RELIEVED_SHARE = 1 / 4
const DRAINED_SHARE = 1 / 2
/** Windows between the beginnings of commits that follow each other. */
const BUSY_WINDOWS = 16
const defaultRetry: BackoffOptions = Object.freeze({ firstMs: 100, maxMs: 5_000 })

interface Flight {
  readonly queue: WriteQueue
  readonly append: ReturnType<WriteQueue['pending']>
}

/**
 * Group commit for all documents of the process: whatever was queued within a window goes to the store in one append,
 * one append at a time, and nothing is called durable before that append has resolved.
 *
 * After a failure everything stays queued in order and is tried again with the same numbers: the store may or may not
 * hold it already, and appending the same numbers is harmless.
 */
export class GroupWriter implements QueueWriter {
  readonly #setup: WriterSetup
  readonly #windowMs: number
  readonly #documentBytes: number
  readonly #processBytes: number
  readonly #dirty = new Set<WriteQueue>()
  readonly #blocked = new Set<WriteQueue>()
  readonly #crowded = new Set<WriteQueue>()
  #bytes = 0
  #failures = 0
  #commits = 0
  #failedCommits = 0
  #committing = false
  #timer: Cancel | null = null
  #oldestQueuedAt = 0
  #committedAt = -Infinity

  constructor(setup: WriterSetup) {
    this.#setup = setup
    this.#windowMs = setup.windowMs ?? 2
    this.#documentBytes = setup.documentBytes ?? 8 * MiB
    this.#processBytes = setup.processBytes ?? 64 * MiB
    setup.turns.onFree(() => this.#schedule())
  }

  /** Not yet durable bytes of all documents. */
  get queuedBytes(): number {
    return this.#bytes
  }

  /** Whether the last append failed and has not succeeded since. */
  get failing(): boolean {
    return this.#failures > 0
  }

  /** Appends that were tried, and those of them that failed, since the start. */
  get counts(): { readonly commits: number; readonly failures: number } {
    return { commits: this.#commits, failures: this.#failedCommits }
  }

  /** A place for one open document whose log ends with `lastSeq` on disk. */
  open(owner: LogOwner, lastSeq: number): DocumentLog {
    return new WriteQueue(owner, this, lastSeq + 1)
  }

  /** Commits at once what is queued, without waiting for the window; for a server that stops. */
  hurry(): void {
    this.#timer?.()
    this.#timer = null
    this.#commit()
  }

  /** Stops its timer. What is still queued stays in memory and is not written. */
  close(): void {
    this.#timer?.()
    this.#timer = null
    this.#dirty.clear()
  }

  // --- what the queues ask

  isFull(queue: WriteQueue): boolean {
    return this.#reaches(queue, 1)
  }

  isCrowded(queue: WriteQueue): boolean {
    return this.#failures === 0 && this.#reaches(queue, CROWDED_SHARE)
  }

  /** Whether this share of the bound of the document or of the process is reached. */
  #reaches(queue: WriteQueue, share: number): boolean {
    return (
      queue.queuedBytes >= this.#documentBytes * share || this.#bytes >= this.#processBytes * share
    )
  }

  pushed(queue: WriteQueue, update: Uint8Array): void {
    this.#bytes += update.length
    if (this.#dirty.size === 0) this.#oldestQueuedAt = this.#setup.clock.now()
    this.#dirty.add(queue)
    this.#schedule()
  }

  awaitDrain(queue: WriteQueue): void {
    this.#blocked.add(queue)
  }

  awaitRelief(queue: WriteQueue): void {
    this.#crowded.add(queue)
  }

  forget(queue: WriteQueue): void {
    this.#dirty.delete(queue)
    this.#blocked.delete(queue)
    this.#crowded.delete(queue)
    this.#bytes -= queue.fail()
  }

  #schedule(): void {
    if (this.#committing || this.#timer !== null || this.#dirty.size === 0) return
    const run = () => {
      this.#timer = null
      this.#commit()
    }
    const wait = this.#delayMs()
    this.#timer = wait > 0 ? this.#setup.clock.after(wait, run) : this.#setup.clock.soon(run)
  }

  #delayMs(): number {
    if (this.#failures > 0) {
      const retry = this.#setup.retry ?? defaultRetry
      return backoffDelayMs(this.#failures - 1, this.#setup.random, retry)
    }
    const now = this.#setup.clock.now()
    const sinceQueued = now - this.#oldestQueuedAt
    const sinceCommit = now - this.#committedAt
    return Math.max(this.#windowMs - sinceQueued, BUSY_WINDOWS * this.#windowMs - sinceCommit)
  }

  /** Starts one append of everything queued, unless one is under way. */
  #commit(): void {
    if (this.#committing) return
    const { turns } = this.#setup
    const flights: Flight[] = []
    for (const queue of this.#dirty) {
      // A document whose turn is taken (it is being compacted) stays dirty; its turn's end schedules us again.
      if (!turns.tryTake(queue.owner.documentId)) continue
      this.#dirty.delete(queue)
      flights.push({ queue, append: queue.pending() })
    }
    if (flights.length === 0) return
    this.#committing = true
    this.#committedAt = this.#setup.clock.now()
    this.#oldestQueuedAt = this.#committedAt
    void this.#write(flights).then(() => {
      this.#committing = false
      for (const { append } of flights) turns.giveBack(append.documentId)
      this.#schedule()
    })
  }

  async #write(flights: readonly Flight[]): Promise<void> {
    this.#commits++
    try {
      await this.#appendAll(flights)
      if (this.#failures > 0) this.#setup.logger.info({}, 'storage takes writes again')
      this.#failures = 0
    } catch (error) {
      this.#failures += 1
      this.#failedCommits++
      const logger = this.#setup.logger
      logger.error({ error, attempt: this.#failures }, 'append failed, trying again')
    }
    // Whatever did not get to disk, and whatever was queued meanwhile, is due again.
    for (const { queue } of flights) if (queue.count > 0) this.#dirty.add(queue)
    this.#tellDrained()
    this.#tellRelieved()
  }

  /**
   * One append for all. If the store says that a document is damaged, halves are tried until it stands alone, so that
   * it does not keep the others from being saved.
   */
  async #appendAll(flights: readonly Flight[]): Promise<void> {
    try {
      await this.#setup.store.append(flights.map((flight) => flight.append))
    } catch (error) {
      if (!isDamage(error)) throw error
      if (flights.length === 1) {
        this.#giveUp(flights[0]!.queue, error)
        return
      }
      const middle = flights.length >> 1
      await this.#appendAll(flights.slice(0, middle))
      await this.#appendAll(flights.slice(middle))
      return
    }
    for (const flight of flights) this.#succeed(flight)
  }

  #succeed({ queue, append }: Flight): void {
    if (queue.failed) return
    this.#bytes -= queue.commit(append)
    queue.owner.committed(append.firstSeq + append.updates.length - 1)
  }

  #giveUp(queue: WriteQueue, cause: unknown): void {
    this.#bytes -= queue.fail()
    this.#blocked.delete(queue)
    queue.owner.unwritable(cause)
  }

  #tellRelieved(): void {
    for (const queue of this.#crowded) {
      if (this.#failures === 0 && this.#reaches(queue, RELIEVED_SHARE)) continue
      this.#crowded.delete(queue)
      queue.owner.relieved()
    }
  }

  #tellDrained(): void {
    for (const queue of this.#blocked) {
      // Half of the bound, so that a document at its bound does not flicker between the two states.
      if (this.#reaches(queue, DRAINED_SHARE)) continue
      this.#blocked.delete(queue)
      queue.owner.drained()
    }
  }
}

const damage: ReadonlySet<string> = new Set<ErrorCode>([
  'document-unavailable',
  'history-mismatch',
  'bad-document-id',
])

/** Whether one document of the batch is the reason, and not the disk: it is damaged, or the append contradicts it. */
function isDamage(error: unknown): boolean {
  if (error instanceof CoscribeError) return damage.has(error.code)
  return error instanceof RangeError || error instanceof TypeError
}

import type { OfflineCopy, OfflineStore } from './offline-store.js'
import type { RoomFault } from '../room-error.js'

/** Updates that wait for a store that is slow, in bytes; beyond it the copy is given up, and said so. */
const MAX_QUEUE_BYTES = 16 * 1024 * 1024

/** Writes everything that happens to a document to its store, one call at a time, and knows what has arrived. */
export class CopyWriter {
  readonly #store: OfflineStore
  readonly #changed: () => void
  #queue: Uint8Array[] = []
  #queueBytes = 0
  #writing = false
  /** When what is being written is. */
  #written: Promise<void> = Promise.resolve()
  #error: RoomFault | null = null
  #historyId = ''
  /** The store has not been told of the history yet. */
  #historyDue = false
  #destroyed = false

  /** @param changed called when `keepsAll` or `error` may have changed */
  constructor(store: OfflineStore, changed: () => void) {
    this.#store = store
    this.#changed = changed
    store.onLost?.((error) => this.fail(error))
  }

  /** Why there is no copy of what happens now, or `null`. */
  get error(): RoomFault | null {
    return this.#error
  }

  /** Whether everything recorded is in the store. */
  get keepsAll(): boolean {
    return this.#error === null && !this.#writing
  }

  /** What the store has, or `null` when it cannot be read. */
  async load(): Promise<OfflineCopy | null> {
    try {
      return await this.#store.load()
    } catch (error) {
      this.fail(error)
      return null
    } finally {
      this.#closeIfDone()
    }
  }

  /** After a failure: from now on there is a copy again, which begins with everything that the document holds. */
  restart(everything: Uint8Array, historyId: string): void {
    this.#error = null
    this.record(everything, historyId)
  }

  /** There is no copy of what happens now, and this is why. */
  fail(error: unknown): void {
    this.#queue = []
    this.#queueBytes = 0
    this.#historyDue = false
    const message = `there is no copy on this device: ${String(error)}`
    this.#error = { code: 'offline-copy-failed', message, retryable: false }
    this.#changed()
  }

  /** Adds an update; `historyId` is the history the document belongs to, or empty. */
  record(update: Uint8Array, historyId: string): void {
    if (this.#error !== null) return
    this.#historyId = historyId
    this.#queue.push(update)
    this.#queueBytes += update.length
    if (this.#queueBytes > MAX_QUEUE_BYTES) this.fail(new Error('the store does not keep up'))
    else if (!this.#writing) this.#written = this.#write()
  }

  /** The document belongs to this history: a copy that does not say so would be merged into any other. */
  belongsTo(historyId: string): void {
    if (this.#error !== null) return
    this.#historyId = historyId
    this.#historyDue = true
    if (!this.#writing) this.#written = this.#write()
  }

  /** Nothing more is recorded; what was, is still written. */
  destroy(): void {
    this.#destroyed = true
    this.#closeIfDone()
  }

  /**
   * Nothing more is recorded, and what was is taken away.
   *
   * @throws whatever the store throws
   */
  async forget(): Promise<void> {
    this.#queue = []
    this.#queueBytes = 0
    this.#historyDue = false
    // A store is asked for one thing at a time. Never rejects.
    await this.#written
    try {
      await this.#store.forget?.()
    } finally {
      this.destroy()
    }
  }

  #closeIfDone(): void {
    if (this.#destroyed && !this.#writing) this.#store.close?.()
  }

  async #write(): Promise<void> {
    this.#writing = true
    try {
      while (this.#queue.length > 0 || this.#historyDue) {
        const updates = this.#queue
        this.#queue = []
        this.#queueBytes = 0
        this.#historyDue = false
        await this.#store.append(updates, this.#historyId)
      }
    } catch (error) {
      this.fail(error)
    }
    this.#writing = false
    this.#closeIfDone()
    this.#changed()
  }
}

import type { Append } from '@coscribe/storage'

/** What the writer needs of a room. None of these throws. */
export interface LogOwner {
  readonly documentId: string
  readonly historyId: string
  /** Everything up to `seq` is on disk. Called once per commit, in rising order. */
  committed(seq: number): void
  /** There is room again, after `awaitDrain` was called. */
  drained(): void
  /** The store will not take anything for this document any more; what is queued will never be on disk. */
  unwritable(cause: unknown): void
}

/** What one document still has to bring to disk, in log order. */
export class WriteQueue {
  readonly owner: LogOwner
  #updates: Uint8Array[] = []
  #firstSeq: number
  #bytes = 0
  #failed = false
  #settled: (() => void)[] = []

  constructor(owner: LogOwner, firstSeq: number) {
    this.owner = owner
    this.#firstSeq = firstSeq
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#updates.length
  }

  /** Whether the store refused this document for good. */
  get failed(): boolean {
    return this.#failed
  }

  push(update: Uint8Array): void {
    this.#updates.push(update)
    this.#bytes += update.length
  }

  /** Everything queued, as one append. Until {@link commit} it stays queued. */
  pending(): Append {
    return {
      documentId: this.owner.documentId,
      historyId: this.owner.historyId,
      firstSeq: this.#firstSeq,
      updates: [...this.#updates],
    }
  }

  /** Forgets what an append brought to disk; returns its bytes. */
  commit(append: Append): number {
    const done = this.#updates.splice(0, append.updates.length)
    const bytes = byteLength(done)
    this.#bytes -= bytes
    this.#firstSeq += done.length
    if (this.#updates.length === 0) this.#settle()
    return bytes
  }

  /** Gives up: nothing more is written for this document. Returns the bytes that were given up. */
  fail(): number {
    const bytes = this.#bytes
    this.#failed = true
    this.#updates = []
    this.#bytes = 0
    this.#settle()
    return bytes
  }

  /** Resolves when nothing is queued, at once if nothing is. */
  settled(): Promise<void> {
    if (this.#updates.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#settled.push(resolve))
  }

  #settle(): void {
    const waiting = this.#settled
    this.#settled = []
    for (const resolve of waiting) resolve()
  }
}

function byteLength(updates: readonly Uint8Array[]): number {
  let bytes = 0
  for (const update of updates) bytes += update.length
  return bytes
}

import type { Cancel, Clock } from '@coscribe/shared'
import type { Snapshot } from '@coscribe/storage'
import type { Logger } from '../log.js'

/** What holds the bytes of a snapshot in memory, and can read them again from disk. */
export interface SnapshotHolder {
  readonly documentId: string
  readonly log: { readonly snapshotBytes: number }
  /** Takes the bytes back as they were read, and uses them. Returns whether they are in memory now. */
  restoreSnapshot(snapshot: Snapshot | null): boolean
  /** Lets go of the bytes. */
  releaseSnapshot(): void
}

export interface HeldSnapshotsSetup {
  readonly clock: Clock
  readonly logger: Logger
  /** Bytes in memory above which those used longest ago go. */
  readonly maxBytes: number
  /** The snapshot of a document as it is stored now; rejects when it cannot be read. */
  readonly read: (documentId: string) => Promise<Snapshot | null>
}

/** A snapshot that nobody needed for so long is let go; milliseconds. */
const UNUSED_MS = 60_000
/** One that was just read is about to be used, however little may be held; milliseconds. */
const JUST_READ_MS = 1_000
const TICK_MS = 5_000
/** Smaller ones are not worth reading again; bytes. */
const SMALL_BYTES = 4 * 1024

interface Held {
  bytes: number
  usedAt: number
}

/**
 * Which snapshots of open documents are in memory. Edits, their relay and their acknowledgement need the index and the
 * tail only; a snapshot is for those who join. So it goes when nobody has joined for a minute, and earlier, the one
 * used longest ago first, when all of them together are above a bound.
 */
export class HeldSnapshots {
  readonly #setup: HeldSnapshotsSetup
  /** The one used longest ago first. */
  readonly #held = new Map<SnapshotHolder, Held>()
  readonly #fetching = new Map<SnapshotHolder, Promise<boolean>>()
  #bytes = 0
  #cancelTick: Cancel | null = null

  constructor(setup: HeldSnapshotsSetup) {
    this.#setup = setup
  }

  /** Bytes held; small snapshots are not counted. */
  get bytes(): number {
    return this.#bytes
  }

  /** The snapshot is in memory and somebody needs it. */
  used(holder: SnapshotHolder): void {
    this.forget(holder)
    const bytes = holder.log.snapshotBytes
    if (bytes < SMALL_BYTES) return
    this.#held.set(holder, { bytes, usedAt: this.#setup.clock.now() })
    this.#bytes += bytes
    this.#cancelTick ??= this.#setup.clock.after(TICK_MS, this.#tick)
    this.#trim()
  }

  /** Another snapshot took the place of the one before, which says nothing of whether it is needed. */
  replaced(holder: SnapshotHolder): void {
    const held = this.#held.get(holder)
    if (held === undefined) return this.used(holder)
    this.#bytes += holder.log.snapshotBytes - held.bytes
    held.bytes = holder.log.snapshotBytes
  }

  /**
   * Reads a snapshot that was let go, once for all who ask. Resolves with whether it is in memory then, where it stays
   * for a second at least; never rejects.
   */
  fetch(holder: SnapshotHolder): Promise<boolean> {
    const fetching = this.#fetching.get(holder) ?? this.#fetch(holder)
    this.#fetching.set(holder, fetching)
    return fetching
  }

  async #fetch(holder: SnapshotHolder): Promise<boolean> {
    const { documentId } = holder
    try {
      const snapshot = await this.#setup.read(documentId)
      if (!holder.restoreSnapshot(snapshot)) throw new Error('the stored snapshot is another one')
      return true
    } catch (error) {
      this.#setup.logger.error({ error, documentId }, 'the snapshot cannot be read again')
      return false
    } finally {
      this.#fetching.delete(holder)
    }
  }

  /** The holder is over, or holds nothing. */
  forget(holder: SnapshotHolder): void {
    const held = this.#held.get(holder)
    if (held === undefined) return
    this.#held.delete(holder)
    this.#bytes -= held.bytes
    if (this.#held.size > 0) return
    this.#cancelTick?.()
    this.#cancelTick = null
  }

  readonly #tick = (): void => {
    this.#cancelTick = this.#setup.clock.after(TICK_MS, this.#tick)
    this.#release((unusedMs) => unusedMs >= UNUSED_MS)
    this.#trim()
  }

  #trim(): void {
    this.#release((unusedMs) => this.#bytes > this.#setup.maxBytes && unusedMs >= JUST_READ_MS)
  }

  /** Lets go of snapshots, the one used longest ago first, up to the first that may stay. */
  #release(mayGo: (unusedMs: number) => boolean): void {
    const now = this.#setup.clock.now()
    for (const [holder, held] of this.#held) {
      if (!mayGo(now - held.usedAt)) return
      this.forget(holder)
      holder.releaseSnapshot()
    }
  }
}

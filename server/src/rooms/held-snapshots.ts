import type { Cancel, Clock } from '@coscribe/shared'

/** What holds the bytes of a snapshot in memory, and can read them again from disk. */
export interface SnapshotHolder {
  readonly log: { readonly snapshotBytes: number }
  /** Lets go of the bytes. */
  releaseSnapshot(): void
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
  readonly #clock: Clock
  readonly #maxBytes: number
  /** The one used longest ago first. */
  readonly #held = new Map<SnapshotHolder, Held>()
  #bytes = 0
  #cancelTick: Cancel | null = null

  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock
    this.#maxBytes = maxBytes
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
    this.#held.set(holder, { bytes, usedAt: this.#clock.now() })
    this.#bytes += bytes
    this.#cancelTick ??= this.#clock.after(TICK_MS, this.#tick)
    this.#trim()
  }

  /** Another snapshot took the place of the one before, which says nothing of whether it is needed. */
  replaced(holder: SnapshotHolder): void {
    const held = this.#held.get(holder)
    if (held === undefined) return this.used(holder)
    this.#bytes += holder.log.snapshotBytes - held.bytes
    held.bytes = holder.log.snapshotBytes
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
    this.#cancelTick = this.#clock.after(TICK_MS, this.#tick)
    this.#release((unusedMs) => unusedMs >= UNUSED_MS)
    this.#trim()
  }

  #trim(): void {
    this.#release((unusedMs) => this.#bytes > this.#maxBytes && unusedMs >= JUST_READ_MS)
  }

  /** Lets go of snapshots, the one used longest ago first, up to the first that may stay. */
  #release(mayGo: (unusedMs: number) => boolean): void {
    const now = this.#clock.now()
    for (const [holder, held] of this.#held) {
      if (!mayGo(now - held.usedAt)) return
      this.forget(holder)
      holder.releaseSnapshot()
    }
  }
}

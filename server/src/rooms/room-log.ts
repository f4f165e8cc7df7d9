import { assert } from '@coscribe/shared'
import type { Snapshot, StoredDocument } from '@coscribe/storage'
import { RecordOffsets } from './record-offsets.js'
import { SharedBatches } from './shared-batches.js'
import type { SliceAllowance } from './slice-allowance.js'
import { sliceRecord } from './slices.js'
import { UpdateBatch, type CatchUp } from './update-batch.js'

/** Records from this size on keep the offsets of their structs once somebody lacked a part of them; bytes. */
const LARGE_RECORD = 32 * 1024
/** Numbers of the log that are sent as one batch to whoever missed them: few enough to be encoded in one go. */
const RUN = 256
/** The key of a snapshot among the shared batches; no update has this number. */
const SNAPSHOT = 0
const NO_PARTS: readonly Uint8Array[] = Object.freeze([])
/** Length of the update without content. */
const EMPTY_BYTES = 2

/**
 * The bytes of an open document: the snapshot's parts and the updates after it, in log order. The parts may be let go
 * and be read again ({@link RoomLog.complete}); their sizes stay.
 */
export class RoomLog {
  /** The snapshot's parts; none without one, `null` while they are on disk only. */
  #parts: readonly Uint8Array[] | null
  #tail: Uint8Array[]
  #tailFirstSeq: number
  #snapshotBytes: number
  #tailBytes: number
  /** By record, so that what a fold puts away goes with its record. */
  #offsets: WeakMap<Uint8Array, RecordOffsets> | null = null
  readonly #shared = new SharedBatches()

  constructor(stored: StoredDocument | undefined) {
    this.#parts = stored?.snapshot?.parts ?? NO_PARTS
    this.#tail = [...(stored?.tail ?? [])]
    this.#tailFirstSeq = stored?.tailFirstSeq ?? 1
    this.#snapshotBytes = byteLength(this.#parts)
    this.#tailBytes = byteLength(this.#tail)
  }

  /** Number of the last update taken, whether or not it is on disk; 0 for an empty log. */
  get headSeq(): number {
    return this.#tailFirstSeq + this.#tail.length - 1
  }

  /** The snapshot stands for everything up to this number; 0 without one. */
  get snapshotSeq(): number {
    return this.#tailFirstSeq - 1
  }

  get snapshotBytes(): number {
    return this.#snapshotBytes
  }

  get tailBytes(): number {
    return this.#tailBytes
  }

  get tailCount(): number {
    return this.#tail.length
  }

  /** Whether all bytes are in memory. Without that, only what came after the snapshot can be told. */
  get complete(): boolean {
    return this.#parts !== null
  }

  /** Lets go of the snapshot's parts, which are on disk. */
  release(): void {
    if (this.snapshotSeq > 0) this.#parts = null
  }

  /**
   * Takes the snapshot's parts back as they were read again. They may be of a newer one, of which nobody was told yet,
   * or ever, that it reached the disk; those of an older one are of no use.
   */
  restore(snapshot: Snapshot | null): void {
    if (snapshot === null || snapshot.upToSeq > this.headSeq) return
    if (snapshot.upToSeq >= this.snapshotSeq) this.fold(snapshot)
  }

  append(update: Uint8Array): number {
    // Pushed onto an empty array it would take room for seventeen.
    if (this.#tail.length === 0) this.#tail = [update]
    else this.#tail.push(update)
    this.#tailBytes += update.length
    return this.headSeq
  }

  /** Every record up to and including `upToSeq`: the snapshot's parts, then that much of the tail. Only when complete. */
  records(upToSeq = this.headSeq): Uint8Array[] {
    const tail = this.#tail.slice(0, upToSeq - this.#tailFirstSeq + 1)
    return [...this.#snapshotParts(), ...tail]
  }

  /** All records, the last one first; `null` for the snapshot while it is on disk only. */
  *newestFirst(): Generator<Uint8Array | null> {
    for (let i = this.#tail.length - 1; i >= 0; i--) yield this.#tail[i]!
    if (this.#parts === null) yield null
    else yield* this.#parts.toReversed()
  }

  /** The update of this number, or `undefined` when the snapshot stands for it, or there is none. */
  updateAt(seq: number): Uint8Array | undefined {
    return this.#tail[seq - this.#tailFirstSeq]
  }

  #snapshotParts(): readonly Uint8Array[] {
    assert(this.#parts !== null, 'the snapshot is in memory')
    return this.#parts
  }

  /**
   * What a replica with this state vector lacks, in the order in which to apply it: of each record a piece or the
   * stored bytes themselves, never a mixture of records. Newcomers share everything, and so does everybody when
   * `allowance` has no more pieces to give. Only when complete.
   */
  missing(stateVector: ReadonlyMap<number, number>, allowance: SliceAllowance): CatchUp {
    // A newcomer gets the stored bytes; nobody needs to look into them.
    if (stateVector.size === 0) return this.#whole()
    const slices: Uint8Array[] = []
    let cutBytes = 0
    for (const record of this.records()) {
      const slice = sliceRecord(record, stateVector, this.offsetsOf(record))
      if (slice !== null) slices.push(slice)
      if (slice !== null && slice !== record) cutBytes += slice.length
    }
    if (!allowance.take(cutBytes)) return this.#whole()
    const batches: UpdateBatch[] = []
    for (let start = 0; start < slices.length; start += RUN) {
      batches.push(UpdateBatch.ofRecords(slices.slice(start, start + RUN), this.headSeq))
    }
    return { batches, seq: this.headSeq }
  }

  #whole(): CatchUp {
    const parts = this.#snapshotParts().filter((part) => part.length > EMPTY_BYTES)
    const tail = this.#runs(this.#tailFirstSeq)
    if (parts.length === 0) return { batches: tail, seq: this.headSeq }
    const snapshot = this.#shared.get(SNAPSHOT, this.snapshotSeq, () => parts)
    return { batches: [snapshot, ...tail], seq: this.headSeq }
  }

  /** The tail from a number on. Runs begin at round numbers, so that who begins elsewhere shares the later ones. */
  #runs(fromSeq: number): UpdateBatch[] {
    const runs: UpdateBatch[] = []
    for (let first = fromSeq; first <= this.headSeq;) {
      const last = Math.min(this.headSeq, (Math.floor(first / RUN) + 1) * RUN - 1)
      runs.push(this.#shared.get(first, last, () => this.#tailBetween(first, last)))
      first = last + 1
    }
    return runs
  }

  #tailBetween(firstSeq: number, lastSeq: number): Uint8Array[] {
    return this.#tail.slice(firstSeq - this.#tailFirstSeq, lastSeq - this.#tailFirstSeq + 1)
  }

  /** Where the structs of a large record begin; of a small one that is sooner found by a walk. */
  offsetsOf(record: Uint8Array): RecordOffsets | undefined {
    if (record.length < LARGE_RECORD) return undefined
    this.#offsets ??= new WeakMap()
    let offsets = this.#offsets.get(record)
    if (offsets === undefined) {
      offsets = new RecordOffsets(record)
      this.#offsets.set(record, offsets)
    }
    return offsets
  }

  /** The updates after `seq`, or `null` if the snapshot already stands for some of them. */
  since(seq: number): CatchUp | null {
    if (seq < this.snapshotSeq || seq > this.headSeq) return null
    return { batches: this.#runs(seq + 1), seq: this.headSeq }
  }

  /**
   * What brings anybody up to date who has everything up to `seq`: what came since, or all there is; `null` when that is
   * not in memory.
   */
  after(seq: number): CatchUp | null {
    return this.since(seq) ?? (this.complete ? this.#whole() : null)
  }

  /** Puts a newer snapshot in place of everything it stands for; later updates stay. */
  fold(snapshot: Snapshot): void {
    const folded = this.#tail.splice(0, snapshot.upToSeq - this.#tailFirstSeq + 1)
    this.#tailBytes -= byteLength(folded)
    this.#tailFirstSeq = snapshot.upToSeq + 1
    this.#parts = snapshot.parts
    this.#snapshotBytes = byteLength(snapshot.parts)
  }
}

function byteLength(updates: readonly Uint8Array[]): number {
  let bytes = 0
  for (const update of updates) bytes += update.length
  return bytes
}

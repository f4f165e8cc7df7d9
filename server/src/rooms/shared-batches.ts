import { UpdateBatch } from './update-batch.js'

/** Smaller stretches are sooner made again than they are worth being remembered; bytes. */
const SHARED_FROM_BYTES = 4 * 1024
/** Above so many, those that nobody is being sent any more are looked for. */
const SWEEP_ABOVE = 64

/**
 * Stretches of one document's log as batches, so that everybody who is sent the same stretch shares its bytes and
 * their encoding. Each is kept only while somebody is being sent it: a document that nobody joins holds nothing here.
 */
export class SharedBatches {
  #batches: Map<number, WeakRef<UpdateBatch>> | null = null

  /** The batch of these numbers, made from `records` unless it is there. A stretch never changes once it is written. */
  get(firstSeq: number, lastSeq: number, records: () => readonly Uint8Array[]): UpdateBatch {
    const known = this.#batches?.get(firstSeq)?.deref()
    if (known?.lastSeq === lastSeq) return known
    const made = UpdateBatch.ofRecords(records(), lastSeq)
    if (made.bytes < SHARED_FROM_BYTES) return made
    this.#batches ??= new Map()
    this.#batches.set(firstSeq, new WeakRef(made))
    if (this.#batches.size > SWEEP_ABOVE) this.#sweep(this.#batches)
    return made
  }

  #sweep(batches: Map<number, WeakRef<UpdateBatch>>): void {
    for (const [firstSeq, batch] of batches) {
      if (batch.deref() === undefined) batches.delete(firstSeq)
    }
  }
}

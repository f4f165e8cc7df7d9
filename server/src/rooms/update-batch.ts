/** One update on its way from a room to its members. */
export interface BatchedUpdate {
  /** The log number it got; what a snapshot holds has the last number it stands for. */
  readonly seq: number
  /** Session id of its author, or `null` if nobody is to be spared it. */
  readonly author: string | null
  /** Yjs V1 bytes; owned by the batch, never changed. */
  readonly update: Uint8Array
}

/**
 * Updates in log order that several sessions are sent: those of one flush, or a stretch of the log for who missed it.
 * Encoded once per way of framing, however many peers receive it.
 */
export class UpdateBatch {
  readonly updates: readonly BatchedUpdate[]
  /** Bytes of all updates. */
  readonly bytes: number
  /** The log number of the last update; 0 without any. */
  readonly lastSeq: number
  /** The session that wrote all of it, or `null` if none did: what every member asks first, found once. */
  readonly onlyAuthor: string | null
  /** A place where the transport keeps its encodings for this batch, by framing. */
  readonly encodings = new Map<number, unknown>()

  constructor(updates: readonly BatchedUpdate[]) {
    const [first] = updates
    let onlyAuthor = first?.author ?? null
    let bytes = 0
    for (const { author, update } of updates) {
      if (author !== onlyAuthor) onlyAuthor = null
      bytes += update.length
    }
    this.updates = updates
    this.bytes = bytes
    this.lastSeq = updates.at(-1)?.seq ?? 0
    this.onlyAuthor = onlyAuthor
  }

  /** Updates of which nobody here is the author. */
  static ofRecords(records: readonly Uint8Array[], lastSeq: number): UpdateBatch {
    const firstSeq = lastSeq - records.length + 1
    return new UpdateBatch(
      records.map((update, index) => ({ seq: firstSeq + index, author: null, update })),
    )
  }
}

/** What brings a replica up to date with a room: batches to be sent in order. */
export interface CatchUp {
  readonly batches: readonly UpdateBatch[]
  /** The replica then has everything up to this number. */
  readonly seq: number
}

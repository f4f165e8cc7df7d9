/** One update on its way from a room to its members. */
export interface BatchedUpdate {
  /** The log number it got. */
  readonly seq: number
  /** Session id of its author, or `null` if it came from elsewhere. */
  readonly author: string | null
  /** Yjs V1 bytes; owned by the batch, never changed. */
  readonly update: Uint8Array
}

/** The updates of one flush, in log order; encoded once per way of framing, however many peers receive it. */
export interface UpdateBatch {
  readonly updates: readonly BatchedUpdate[]
  /** A place where the transport keeps its encodings for this batch, by framing. */
  readonly encodings: Map<number, unknown>
}

/** The sizes that decide; bytes and numbers of updates. */
export interface LogSize {
  readonly snapshotBytes: number
  readonly tailBytes: number
  readonly tailCount: number
}

const KiB = 1024
const TAIL_BYTES = 64 * KiB
const TAIL_COUNT = 1_000
/** Bytes of snapshot that one more update in the tail may excuse from being written again. */
const BYTES_PER_UPDATE = 256
const LEFT_TAIL_BYTES = 4 * KiB
const LEFT_TAIL_COUNT = 100
const LEFT_BYTES_PER_UPDATE = 1_024
const LEFT_TAIL_SHARE = 8
const FULL_TAIL_SHARE = 16

/**
 * Whether to compact while people write: when the tail outgrows the snapshot, so that over a document's life what is
 * written again stays a small multiple of what was written once.
 */
export function isDue({ snapshotBytes, tailBytes, tailCount }: LogSize): boolean {
  const count = Math.max(TAIL_COUNT, snapshotBytes / BYTES_PER_UPDATE)
  return tailBytes > Math.max(TAIL_BYTES, snapshotBytes) || tailCount > count
}

/** Whether to compact when the last session has left: earlier, but not for a word. */
export function isDueWhenLeft({ snapshotBytes, tailBytes, tailCount }: LogSize): boolean {
  const worthIt = Math.max(LEFT_TAIL_BYTES, snapshotBytes / LEFT_TAIL_SHARE)
  const count = Math.max(LEFT_TAIL_COUNT, snapshotBytes / LEFT_BYTES_PER_UPDATE)
  return tailBytes > worthIt || tailCount > count
}

/**
 * Whether to compact when a document is at its limit: when what was written since the snapshot, and what was deleted of
 * it, may make room. A deletion of a long text is a few bytes.
 */
export function isDueWhenFull(
  { snapshotBytes, tailBytes }: LogSize,
  deletedUnits: number,
): boolean {
  return tailBytes + deletedUnits > snapshotBytes / FULL_TAIL_SHARE
}

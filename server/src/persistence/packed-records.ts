import type { Clock } from '@coscribe/shared'

/** Records in one buffer, so that handing them to a thread costs one copy and neither side keeps the other's. */
export interface PackedRecords {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly lengths: Uint32Array<ArrayBuffer>
}

/** Others get their turn after this many bytes were copied. */
const BYTES_A_TURN = 1024 * 1024

/** Copies records into one buffer, in as many turns as they need: a large document is copied without a pause. */
export async function pack(
  records: readonly Uint8Array[],
  clock: Pick<Clock, 'soon'>,
): Promise<PackedRecords> {
  const lengths = Uint32Array.from(records, (record) => record.length)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  let room = BYTES_A_TURN
  for (const record of records) {
    for (let from = 0; from < record.length;) {
      const piece = record.subarray(from, from + room)
      bytes.set(piece, at)
      at += piece.length
      from += piece.length
      room -= piece.length
      if (room > 0) continue
      room = BYTES_A_TURN
      await new Promise<void>((resolve) => clock.soon(resolve))
    }
  }
  return { bytes, lengths }
}

/** Views of the packed bytes. */
export function unpack({ bytes, lengths }: PackedRecords): Uint8Array[] {
  let at = 0
  return Array.from(lengths, (length) => bytes.subarray(at, (at += length)))
}

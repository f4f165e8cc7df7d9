/** Records in one buffer, so that handing them to a thread costs one copy and neither side keeps the other's. */
export interface PackedRecords {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly lengths: Uint32Array<ArrayBuffer>
}

export function pack(records: readonly Uint8Array[]): PackedRecords {
  const lengths = Uint32Array.from(records, (record) => record.length)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const record of records) {
    bytes.set(record, at)
    at += record.length
  }
  return { bytes, lengths }
}

/** Views of the packed bytes. */
export function unpack({ bytes, lengths }: PackedRecords): Uint8Array[] {
  let at = 0
  return Array.from(lengths, (length) => bytes.subarray(at, (at += length)))
}

import { assert, storedWalkLimits, UpdateScan, walkUpdate } from '@coscribe/shared'
import * as encoding from 'lib0/encoding'
import { firstMissingRow, type Piece, type RecordOffsets } from './record-offsets.js'

// Only used within one call.
const scratch = new UpdateScan()

/**
 * What a replica with this state vector lacks of one stored record, as an update of its own: of each client everything
 * from the struct that covers the first missing clock, and the record's whole delete set, since nobody says which
 * deletions a replica has. The record itself when it lacks all structs of it; `null` when there is nothing to send.
 *
 * Pieces of different records must not be put together: the clocks inside a piece follow from its first one.
 *
 * @param record update bytes that passed a walk before they were stored
 * @param offsets of this record, for one that is large and asked for often; without them it is walked
 */
export function sliceRecord(
  record: Uint8Array,
  stateVector: ReadonlyMap<number, number>,
  offsets?: RecordOffsets,
): Uint8Array | null {
  if (offsets !== undefined) {
    const pieces = offsets.missing(stateVector)
    return writeSlice(record, pieces, offsets.structs, offsets.deleteSetOffset)
  }
  const fault = walkUpdate(record, scratch, storedWalkLimits)
  assert(fault === null, `a stored record is well-formed (${fault?.message})`)
  const slice = writeSlice(record, missing(stateVector), scratch.rowCount, scratch.deleteSetOffset)
  scratch.clear()
  return slice
}

function missing(stateVector: ReadonlyMap<number, number>): Piece[] {
  const pieces: Piece[] = []
  for (let section = 0; section < scratch.sectionCount; section++) {
    const client = scratch.sectionClients[section]!
    const rowsEnd = scratch.sectionEndRow(section)
    const state = stateVector.get(client) ?? 0
    const row = firstMissingRow(scratch, scratch.sectionRows[section]!, rowsEnd, state)
    if (row === rowsEnd) continue
    const start = scratch.starts[row]!
    const clock = scratch.clocks[row]!
    pieces.push({
      client,
      clock,
      structs: rowsEnd - row,
      start,
      end: scratch.sectionEnds[section]!,
    })
  }
  return pieces
}

function writeSlice(
  record: Uint8Array,
  pieces: readonly Piece[],
  structs: number,
  deleteSetOffset: number,
): Uint8Array | null {
  if (pieces.length === 0 && record.length - deleteSetOffset === 1) return null
  let sent = 0
  for (const piece of pieces) sent += piece.structs
  if (sent === structs) return record
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, pieces.length)
  for (const piece of pieces) {
    encoding.writeVarUint(encoder, piece.structs)
    encoding.writeVarUint(encoder, piece.client)
    encoding.writeVarUint(encoder, piece.clock)
    encoding.writeUint8Array(encoder, record.subarray(piece.start, piece.end))
  }
  encoding.writeUint8Array(encoder, record.subarray(deleteSetOffset))
  return encoding.toUint8Array(encoder)
}

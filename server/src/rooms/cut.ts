import { structKinds, type UpdateScan } from '@coscribe/shared'
import * as encoding from 'lib0/encoding'
import type { DocumentIndex } from './document-index.js'

/**
 * The part of an update that a document lacks, as an update of its own; the update itself when nothing can be left
 * out. A stock client's answer to a step 1 carries its whole delete set, and one offline character would otherwise be
 * stored and relayed with it.
 *
 * Structs are kept from the first new one of a client to its last, whole; delete ranges are kept or dropped whole.
 *
 * @param scan the walk of `update`
 */
export function cutToNew(update: Uint8Array, scan: UpdateScan, index: DocumentIndex): Uint8Array {
  const kept = keptSections(scan, index)
  const deletes = keptDeletes(scan, index)
  if (kept.structs === scan.rowCount && deletes.length === scan.deleteCount) return update
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, kept.sections.length)
  for (const { section, first, last } of kept.sections) {
    encoding.writeVarUint(encoder, last - first + 1)
    encoding.writeVarUint(encoder, scan.sectionClients[section]!)
    encoding.writeVarUint(encoder, scan.clocks[first]!)
    const end = scan.rowEnd(section, last)
    encoding.writeUint8Array(encoder, update.subarray(scan.starts[first], end))
  }
  writeDeletes(encoder, scan, deletes)
  return encoding.toUint8Array(encoder)
}

interface KeptSection {
  readonly section: number
  /** Rows of the first and the last new struct. */
  readonly first: number
  readonly last: number
}

interface KeptSections {
  readonly sections: readonly KeptSection[]
  readonly structs: number
}

function keptSections(scan: UpdateScan, index: DocumentIndex): KeptSections {
  const sections: KeptSection[] = []
  let structs = 0
  for (let section = 0; section < scan.sectionCount; section++) {
    const from = scan.sectionRows[section]!
    let last = scan.sectionEndRow(section) - 1
    while (last >= from && !isNew(scan, section, last, index)) last--
    if (last < from) continue
    let first = from
    while (!isNew(scan, section, first, index)) first++
    sections.push({ section, first, last })
    structs += last - first + 1
  }
  return { sections, structs }
}

function isNew(scan: UpdateScan, section: number, row: number, index: DocumentIndex): boolean {
  if (scan.kinds[row] === structKinds.skip) return false
  const clock = scan.clocks[row]!
  return !index.hasStructs(scan.sectionClients[section]!, clock, clock + scan.lengths[row]!)
}

/** Rows of the delete ranges of which a part is new. */
function keptDeletes(scan: UpdateScan, index: DocumentIndex): number[] {
  const rows: number[] = []
  for (let row = 0; row < scan.deleteCount; row++) {
    const clock = scan.deleteClocks[row]!
    const reach = clock + scan.deleteLengths[row]!
    if (!index.hasDelete(scan.deleteClients[row]!, clock, reach)) rows.push(row)
  }
  return rows
}

/** Writes these rows of the delete ranges as a delete set; rows of one client follow each other. */
export function writeDeletes(
  encoder: encoding.Encoder,
  scan: UpdateScan,
  rows: readonly number[],
): void {
  const runs = runsOfClients(scan, rows)
  encoding.writeVarUint(encoder, runs.length)
  for (const [from, to] of runs) {
    encoding.writeVarUint(encoder, scan.deleteClients[rows[from]!]!)
    encoding.writeVarUint(encoder, to - from)
    for (let i = from; i < to; i++) {
      encoding.writeVarUint(encoder, scan.deleteClocks[rows[i]!]!)
      encoding.writeVarUint(encoder, scan.deleteLengths[rows[i]!]!)
    }
  }
}

/** Positions [from, to) in `rows` of ranges that follow each other and belong to one client. */
function runsOfClients(scan: UpdateScan, rows: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (let i = 0; i < rows.length; i++) {
    const run = runs.at(-1)
    const client = scan.deleteClients[rows[i]!]
    if (run !== undefined && scan.deleteClients[rows[run[0]]!] === client) run[1] = i + 1
    else runs.push([i, i + 1])
  }
  return runs
}

import type { UpdateScan } from '@coscribe/shared'
import * as encoding from 'lib0/encoding'

/** An update in two parts, each an update of its own. */
export interface Divided {
  /** What is left, with all deletions, or `null` when that is nothing. */
  readonly rest: Uint8Array | null
  /** The structs of the clients that were named. */
  readonly named: Uint8Array
}

/**
 * Takes the structs of some clients out of an update.
 *
 * @param scan the walk of `update`
 */
export function divide(
  update: Uint8Array,
  scan: UpdateScan,
  isNamed: (client: number) => boolean,
): Divided {
  const named: number[] = []
  const others: number[] = []
  for (let section = 0; section < scan.sectionCount; section++) {
    const sections = isNamed(scan.sectionClients[section]!) ? named : others
    sections.push(section)
  }
  const deletes = update.subarray(scan.deleteSetOffset)
  const isEmpty = others.length === 0 && scan.deleteCount === 0
  return {
    rest: isEmpty ? null : withSections(update, scan, others, deletes),
    named: withSections(update, scan, named, NO_DELETES),
  }
}

const NO_DELETES = Uint8Array.of(0)

function withSections(
  update: Uint8Array,
  scan: UpdateScan,
  sections: readonly number[],
  deletes: Uint8Array,
): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, sections.length)
  for (const section of sections) {
    const first = scan.sectionRows[section]!
    encoding.writeVarUint(encoder, scan.sectionEndRow(section) - first)
    encoding.writeVarUint(encoder, scan.sectionClients[section]!)
    encoding.writeVarUint(encoder, scan.clocks[first]!)
    encoding.writeUint8Array(
      encoder,
      update.subarray(scan.starts[first], scan.sectionEnds[section]),
    )
  }
  encoding.writeUint8Array(encoder, deletes)
  return encoding.toUint8Array(encoder)
}

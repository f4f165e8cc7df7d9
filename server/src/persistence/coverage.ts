import { RangeSet, storedWalkLimits, structKinds, UpdateScan, walkUpdate } from '@coscribe/shared'
import * as encoding from 'lib0/encoding'

/** Per client, the clocks that updates contain and those they delete. */
export interface Coverage {
  readonly clocks: ReadonlyMap<number, RangeSet>
  readonly deletes: ReadonlyMap<number, RangeSet>
}

/** What `updates` contain together, or `null` if one of them is not a well-formed update. */
export function coverageOf(updates: readonly Uint8Array[]): Coverage | null {
  const scan = new UpdateScan()
  const clocks = new Map<number, RangeSet>()
  const deletes = new Map<number, RangeSet>()
  for (const update of updates) {
    if (walkUpdate(update, scan, storedWalkLimits) !== null) return null
    addStructs(scan, clocks)
    addDeletes(scan, deletes)
  }
  return { clocks, deletes }
}

/**
 * Why `folded` may not stand for `original`, or `null` if it may: it has the same clocks, neither more nor less, and
 * every deletion. More deletions are right: yjs derives some while integrating.
 */
export function lossOf(original: Coverage, folded: Coverage): string | null {
  for (const client of new Set([...original.clocks.keys(), ...folded.clocks.keys()])) {
    if (!sameRanges(original.clocks.get(client), folded.clocks.get(client))) {
      return `the clocks of client ${client} differ`
    }
  }
  for (const [client, ranges] of original.deletes) {
    const kept = folded.deletes.get(client)
    for (const [start, end] of ranges) {
      if (kept?.covers(start, end) !== true) return `a deletion of client ${client} is missing`
    }
  }
  return null
}

/**
 * The ranges of deletions in `folded` of which a part is new against `original`, as an update; `null` if there are none.
 * These are what yjs derived: a value that lost against another under the same key, what lay in a deleted type.
 */
export function derivedDeletes(original: Coverage, folded: Coverage): Uint8Array | null {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  const derived: [client: number, ranges: (readonly [start: number, end: number])[]][] = []
  for (const [client, all] of folded.deletes) {
    const known = original.deletes.get(client)
    const ranges = [...all].filter(([start, end]) => known?.covers(start, end) !== true)
    if (ranges.length > 0) derived.push([client, ranges])
  }
  encoding.writeVarUint(encoder, derived.length)
  for (const [client, ranges] of derived) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const [start, end] of ranges) {
      encoding.writeVarUint(encoder, start)
      encoding.writeVarUint(encoder, end - start)
    }
  }
  return derived.length === 0 ? null : encoding.toUint8Array(encoder)
}

function addStructs(scan: UpdateScan, clocks: Map<number, RangeSet>): void {
  for (let section = 0; section < scan.sectionCount; section++) {
    const ranges = rangesOf(clocks, scan.sectionClients[section]!)
    const end = scan.sectionEndRow(section)
    for (let row = scan.sectionRows[section]!; row < end; row++) {
      if (scan.kinds[row] === structKinds.skip) continue
      ranges.add(scan.clocks[row]!, scan.clocks[row]! + scan.lengths[row]!)
    }
  }
}

function addDeletes(scan: UpdateScan, deletes: Map<number, RangeSet>): void {
  for (let row = 0; row < scan.deleteCount; row++) {
    const start = scan.deleteClocks[row]!
    rangesOf(deletes, scan.deleteClients[row]!).add(start, start + scan.deleteLengths[row]!)
  }
}

function rangesOf(sets: Map<number, RangeSet>, client: number): RangeSet {
  let ranges = sets.get(client)
  if (ranges === undefined) {
    ranges = new RangeSet()
    sets.set(client, ranges)
  }
  return ranges
}

function sameRanges(one: RangeSet | undefined, other: RangeSet | undefined): boolean {
  if ((one?.size ?? 0) !== (other?.size ?? 0)) return false
  const others = other?.[Symbol.iterator]()
  for (const [start, end] of one ?? []) {
    const next = others?.next().value
    if (next === undefined || next[0] !== start || next[1] !== end) return false
  }
  return true
}

import { NO_ID, RangeSet, ROOT_PARENT, structKinds, type UpdateScan } from '@coscribe/shared'

// Two people send the same structs in different forms: yjs joins neighbours and splits them, and what was deleted
// meanwhile loses its content. So bytes that differ prove nothing, and this looks for what no honest copy can have:
// under one clock another place, another kind, or another content. Where that cannot be told it finds none, which costs
// a forger's sender the truth about what became of it, and nobody else anything.

/** One client's structs in an update that was walked. */
export interface Section {
  readonly scan: UpdateScan
  readonly section: number
  /** By row the texts that were read: a long one is compared with many rows of others, a part with each. */
  texts?: Map<number, string>
  /**
   * Whether a value that is not text says nothing either. An application that changed an object in place has another one
   * than it has told of, without having written anything.
   */
  readonly valuesMayDiffer?: boolean
  /** What its update deletes of the client, once that was asked. */
  deleted?: RangeSet
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Whether two walked sections of one client say different things about the same clocks. */
export function contradict(a: Section, b: Section): boolean {
  const from = Math.max(firstClock(a), firstClock(b))
  let rowA = rowAt(a, from)
  let rowB = rowAt(b, from)
  const endA = a.scan.sectionEndRow(a.section)
  const endB = b.scan.sectionEndRow(b.section)
  while (rowA < endA && rowB < endB) {
    const reachA = a.scan.clocks[rowA]! + a.scan.lengths[rowA]!
    const reachB = b.scan.clocks[rowB]! + b.scan.lengths[rowB]!
    if (rowsContradict(a, rowA, b, rowB) && !isDeleted(a, rowA) && !isDeleted(b, rowB)) return true
    if (reachA <= reachB) rowA++
    if (reachB <= reachA) rowB++
  }
  return false
}

function firstClock({ scan, section }: Section): number {
  return scan.clocks[scan.sectionRows[section]!]!
}

/** The first row of a section that reaches beyond `clock`, or the one behind its last. */
export function rowAt({ scan, section }: Section, clock: number): number {
  let low = scan.sectionRows[section]!
  let high = scan.sectionEndRow(section)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (scan.clocks[middle]! + scan.lengths[middle]! <= clock) low = middle + 1
    else high = middle
  }
  return low
}

function rowsContradict(a: Section, rowA: number, b: Section, rowB: number): boolean {
  const from = Math.max(a.scan.clocks[rowA]!, b.scan.clocks[rowB]!)
  const to = Math.min(
    a.scan.clocks[rowA]! + a.scan.lengths[rowA]!,
    b.scan.clocks[rowB]! + b.scan.lengths[rowB]!,
  )
  const kind = a.scan.kinds[rowA]!
  if (from >= to || isBare(kind) || isBare(b.scan.kinds[rowB]!)) return false
  if (kind !== b.scan.kinds[rowB]) return true
  const aligned =
    a.scan.clocks[rowA] === b.scan.clocks[rowB] && a.scan.lengths[rowA] === b.scan.lengths[rowB]
  if (aligned && sameBytes(a, rowA, b, rowB)) return false
  if (!samePlace(a, rowA, b, rowB, from)) return true
  if (kind === structKinds.string) {
    return !sameText(textOf(a, rowA, from, to), textOf(b, rowB, from, to))
  }
  return aligned && a.valuesMayDiffer !== true
}

/** Without content: nothing is said. */
export function isBare(kind: number): boolean {
  return kind === structKinds.gc || kind === structKinds.deleted || kind === structKinds.skip
}

/**
 * Whether the update itself deletes the struct. One that an undo may bring back keeps its content, and where that is an
 * object which an application changed and set again, it is not what it was.
 */
function isDeleted(of: Section, row: number): boolean {
  const { scan, section } = of
  of.deleted ??= deletedIn(scan, scan.sectionClients[section]!)
  return of.deleted.covers(scan.clocks[row]!, scan.clocks[row]! + scan.lengths[row]!)
}

function deletedIn(scan: UpdateScan, client: number): RangeSet {
  const deleted = new RangeSet()
  for (let row = 0; row < scan.deleteCount; row++) {
    if (scan.deleteClients[row] !== client) continue
    deleted.add(scan.deleteClocks[row]!, scan.deleteClocks[row]! + scan.deleteLengths[row]!)
  }
  return deleted
}

/** Whether the item that begins at `from`, cut out of both, would hang in the same place. */
function samePlace(a: Section, rowA: number, b: Section, rowB: number, from: number): boolean {
  if (a.scan.rightClocks[rowA] !== b.scan.rightClocks[rowB]) return false
  if (a.scan.rightClocks[rowA] !== NO_ID && a.scan.rightClients[rowA] !== b.scan.rightClients[rowB])
    return false
  const startsA = a.scan.clocks[rowA] === from
  const startsB = b.scan.clocks[rowB] === from
  if (!startsA && !startsB) return true
  if (startsA && startsB) return sameOrigin(a, rowA, b, rowB)
  // What lies inside the one follows its own clock before; so must what begins the other.
  const { scan, section } = startsA ? a : b
  const row = startsA ? rowA : rowB
  return (
    scan.originClocks[row] === from - 1 && scan.originClients[row] === scan.sectionClients[section]
  )
}

function sameOrigin(a: Section, rowA: number, b: Section, rowB: number): boolean {
  const clock = a.scan.originClocks[rowA]!
  if (clock !== b.scan.originClocks[rowB]) return false
  if (clock !== NO_ID) return a.scan.originClients[rowA] === b.scan.originClients[rowB]
  const parent = a.scan.parentClocks[rowA]!
  if (parent !== b.scan.parentClocks[rowB]) return false
  if (parent === ROOT_PARENT) {
    return Buffer.compare(rootName(a.scan, rowA), rootName(b.scan, rowB)) === 0
  }
  return parent === NO_ID || a.scan.parentClients[rowA] === b.scan.parentClients[rowB]
}

function rootName(scan: UpdateScan, row: number): Uint8Array {
  const root = scan.parentClients[row]!
  return scan.bytes.subarray(scan.rootStarts[root], scan.rootEnds[root])
}

/** Says that an item has a key, also where the key is left out because its origin has it: yjs writes it either way. */
const PARENT_KEY = 0x20

function sameBytes(a: Section, rowA: number, b: Section, rowB: number): boolean {
  const bytesA = bytesOf(a, rowA)
  const bytesB = bytesOf(b, rowB)
  if (((bytesA[0]! ^ bytesB[0]!) & ~PARENT_KEY) !== 0) return false
  return Buffer.compare(bytesA.subarray(1), bytesB.subarray(1)) === 0
}

function bytesOf({ scan, section }: Section, row: number): Uint8Array {
  return scan.bytes.subarray(scan.starts[row], scan.rowEnd(section, row))
}

/** What yjs writes in the place of half a character that somebody's editor has split. */
const REPLACEMENT = '\ufffd'
const HALF_CHARACTER = /^[\ud800-\udfff]$/

function sameText(a: string, b: string): boolean {
  if (a === b) return true
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !isSplit(a[i]!, b[i]!) && !isSplit(b[i]!, a[i]!)) return false
  }
  return true
}

function isSplit(one: string, other: string): boolean {
  return one === REPLACEMENT && HALF_CHARACTER.test(other)
}

/** The text of clocks [from, to) of a struct that is text, a clock a UTF-16 unit. */
function textOf(of: Section, row: number, from: number, to: number): string {
  of.texts ??= new Map()
  const text = of.texts.get(row) ?? wholeText(of, row)
  of.texts.set(row, text)
  const clock = of.scan.clocks[row]!
  return text.slice(from - clock, to - clock)
}

/** It is the end of the struct's bytes. */
function wholeText(of: Section, row: number): string {
  const bytes = bytesOf(of, row)
  let start = bytes.length
  for (let units = of.scan.lengths[row]!; units > 0; units--) {
    start--
    while ((bytes[start]! & 0xc0) === 0x80) start--
    // A character of four bytes has two units.
    if (bytes[start]! >= 0xf0) units--
  }
  return decoder.decode(bytes.subarray(start))
}

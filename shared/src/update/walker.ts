import { defaultLimits, type Limits } from '../protocol/limits.js'
import { Cursor, MAX_CLOCK, type WalkFault } from './cursor.js'
import { ROOT_PARENT, structKinds, type UpdateScan } from './scan.js'
import { walkAny, walkJson, walkJsonOrUndefined, walkSubdocumentOptions } from './values.js'

// One strict pass over Yjs V1 update bytes. Layout, every number in 7-bit groups:
//
//   update     = count of sections, section*, delete set
//   section    = count of structs, client, clock of the first struct, struct*
//   struct     = info byte, then
//                  info 0 (GC) or 10 (skip): length
//                  else: origin id if bit 8, right origin id if bit 7, without both the parent and,
//                        if bit 6, the key in the parent; then the content, whose kind is in bits 1-5
//   parent     = 1 and the name of a root type, or 0 and the id of the item that holds the type
//   delete set = count of clients, (client, count of ranges, (clock, length)*)*
//
// Where two readings of yjs disagree, or yjs would take bytes that make it throw while integrating, the walk refuses.

const ORIGIN = 0x80
const RIGHT_ORIGIN = 0x40
const PARENT_KEY = 0x20
const KIND = 0x1f
const XML_ELEMENT = 3
const XML_HOOK = 5
const LAST_TYPE = 6

/** Bounds of one update; see {@link Limits} for what they mean. */
export type WalkLimits = Pick<
  Limits,
  'jsonDepth' | 'updateStructs' | 'updateClients' | 'updateSubdocuments'
>

/** For bytes that passed a walk before they were stored: neither merging them nor a lower limit makes them unreadable. */
export const storedWalkLimits: WalkLimits = Object.freeze({
  jsonDepth: 1_000,
  updateStructs: Infinity,
  updateClients: Infinity,
  updateSubdocuments: Infinity,
})

// A walk is synchronous and calls nobody, so one cursor serves all.
const cursor = new Cursor()

/**
 * Checks `bytes` from end to end and fills `scan` with what they contain. Returns why they are not an acceptable
 * update, or `null`; after a fault the scan is empty. Never throws, builds no values, and looks at no byte more than
 * twice ({@link UpdateScan} tells what it may allocate).
 */
export function walkUpdate(
  bytes: Uint8Array,
  scan: UpdateScan,
  limits: WalkLimits = defaultLimits,
): WalkFault | null {
  scan.reset(bytes)
  cursor.open(bytes)
  try {
    walkSections(scan, limits)
    scan.deleteSetOffset = cursor.pos
    walkDeleteSet(scan, limits)
    if (cursor.pos !== cursor.end) cursor.fail('bytes behind the end of the update')
    return null
  } catch (error) {
    scan.clear()
    return cursor.faultOf(error)
  } finally {
    cursor.close()
  }
}

/**
 * Reads `count` structs of an update that has been walked before, and fills `scan` with them as one section.
 * Returns the offset behind the last one.
 *
 * @param offset where the first struct begins
 * @param clock the clock of the first struct
 */
export function walkStructs(
  bytes: Uint8Array,
  offset: number,
  client: number,
  clock: number,
  count: number,
  scan: UpdateScan,
): number {
  scan.reset(bytes)
  cursor.open(bytes, offset)
  scan.addSection(client)
  walkRows(scan, client, clock, count, storedWalkLimits)
  const end = cursor.pos
  cursor.close()
  return end
}

function walkSections(scan: UpdateScan, limits: WalkLimits): void {
  const count = cursor.count()
  if (count > limits.updateClients) cursor.exceed('too many clients in one update')
  let seen: Set<number> | null = null
  let previous = Infinity
  for (let section = 0; section < count; section++) {
    const structs = cursor.count()
    const client = cursor.client()
    const clock = cursor.clock()
    // yjs writes clients in descending order, where a repetition shows at once; only others pay for a set.
    if (client >= previous || seen !== null) seen = checkUnseen(seen, scan, client)
    previous = client
    if (structs === 0) continue
    scan.addSection(client)
    walkRows(scan, client, clock, structs, limits)
  }
}

/** Of two sections of one client yjs keeps the last only. */
function checkUnseen(seen: Set<number> | null, scan: UpdateScan, client: number): Set<number> {
  const clients = seen ?? new Set(scan.sectionClients.subarray(0, scan.sectionCount))
  if (clients.has(client)) cursor.fail('a client with two sections')
  return clients.add(client)
}

function walkRows(
  scan: UpdateScan,
  client: number,
  clock: number,
  count: number,
  limits: WalkLimits,
): void {
  if (count > limits.updateStructs - scan.rowCount)
    cursor.exceed('too many structs and delete ranges')
  for (let left = count; left > 0; left--) {
    const length = walkStruct(scan, client, clock, limits)
    if (length > MAX_CLOCK - clock) cursor.fail('a clock of 2^31 or more')
    clock += length
  }
  scan.sectionEnds[scan.sectionCount - 1] = cursor.pos
}

/** Adds a row for the struct and returns its length in clocks. */
function walkStruct(scan: UpdateScan, client: number, clock: number, limits: WalkLimits): number {
  const start = cursor.pos
  const info = cursor.byte()
  const kind = info & KIND
  const row = scan.addRow(kind, clock, start)
  let length: number
  if (kind === structKinds.gc || kind === structKinds.skip) {
    // yjs has two readers of updates; with other bits set, one sees an item here and the other does not.
    if (info !== kind) cursor.fail('a GC or skip struct with flags')
    length = cursor.length()
  } else {
    walkIds(scan, row, info, client, clock)
    length = walkContent(scan, kind, limits)
  }
  scan.lengths[row] = length
  return length
}

function walkIds(scan: UpdateScan, row: number, info: number, client: number, clock: number): void {
  if ((info & ORIGIN) !== 0) {
    const origin = (scan.originClients[row] = cursor.client())
    scan.originClocks[row] = walkOlderClock(origin, client, clock)
  }
  if ((info & RIGHT_ORIGIN) !== 0) {
    const right = (scan.rightClients[row] = cursor.client())
    scan.rightClocks[row] = walkOlderClock(right, client, clock)
  }
  if ((info & (ORIGIN | RIGHT_ORIGIN)) !== 0) return
  walkParent(scan, row, client, clock)
  if ((info & PARENT_KEY) !== 0) cursor.key()
}

function walkParent(scan: UpdateScan, row: number, client: number, clock: number): void {
  const form = cursor.byte()
  if (form === 1) {
    const start = cursor.key()
    scan.parentClients[row] = scan.addRoot(start, cursor.pos)
    scan.parentClocks[row] = ROOT_PARENT
  } else if (form === 0) {
    const parent = (scan.parentClients[row] = cursor.client())
    scan.parentClocks[row] = walkOlderClock(parent, client, clock)
  } else {
    cursor.fail('an unknown form of parent')
  }
}

/** The clock of an id. An item can only know items of its own client that are older than itself. */
function walkOlderClock(client: number, ownClient: number, ownClock: number): number {
  const clock = cursor.clock()
  if (client === ownClient && clock >= ownClock) cursor.fail('a struct that depends on a later one')
  return clock
}

/** Passes over an item's content and returns its length in clocks. */
function walkContent(scan: UpdateScan, kind: number, limits: WalkLimits): number {
  switch (kind) {
    case structKinds.string: {
      const units = cursor.string()
      return units === 0 ? cursor.fail('a length of zero') : units
    }
    case structKinds.deleted:
      return cursor.length()
    case structKinds.json:
      return walkJsonList(limits.jsonDepth)
    case structKinds.any:
      return walkAnyList(limits.jsonDepth)
    case structKinds.binary:
      cursor.skip(cursor.count())
      return 1
    case structKinds.embed:
      walkJson(cursor, limits.jsonDepth)
      return 1
    case structKinds.format:
      cursor.key()
      walkJson(cursor, limits.jsonDepth)
      return 1
    case structKinds.type:
      return walkType()
    case structKinds.subdocument:
      if (++scan.subdocumentCount > limits.updateSubdocuments)
        cursor.exceed('too many subdocuments')
      cursor.string()
      walkSubdocumentOptions(cursor, limits.jsonDepth)
      return 1
    default:
      return cursor.fail(`an unknown kind of content (${kind})`)
  }
}

function walkType(): number {
  const type = cursor.byte()
  if (type > LAST_TYPE) cursor.fail(`an unknown kind of type (${type})`)
  if (type === XML_ELEMENT || type === XML_HOOK) cursor.key()
  return 1
}

function walkJsonList(depth: number): number {
  const length = walkListLength()
  for (let left = length; left > 0; left--) walkJsonOrUndefined(cursor, depth)
  return length
}

function walkAnyList(depth: number): number {
  const length = walkListLength()
  for (let left = length; left > 0; left--) walkAny(cursor, depth)
  return length
}

function walkListLength(): number {
  const length = cursor.count()
  return length === 0 ? cursor.fail('a length of zero') : length
}

function walkDeleteSet(scan: UpdateScan, limits: WalkLimits): void {
  const most = limits.updateStructs - scan.rowCount
  for (let clients = cursor.count(); clients > 0; clients--) {
    const client = cursor.client()
    for (let ranges = cursor.count(); ranges > 0; ranges--) {
      const clock = cursor.clock()
      const length = cursor.length()
      if (length > MAX_CLOCK - clock) cursor.fail('a clock of 2^31 or more')
      if (scan.deleteCount >= most) cursor.exceed('too many structs and delete ranges')
      scan.addDelete(client, clock, length)
    }
  }
}

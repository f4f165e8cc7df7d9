import { pushVarUint, type WireCursor } from './wire.js'

/** The root text that everybody types into. */
export const ROOT = 't'

const GC = 0
const DELETED = 1
export const STRING = 4
const SKIP = 10
export const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const HAS_PARENT_SUB = 0x20
export const NAMED_PARENT = 1

/**
 * A Yjs V1 update: `client` types one character behind the one it typed before (its clock is `clock`), or at the
 * start of the text. Written by hand: an editor's work is not the generator's.
 */
export function insertUpdate(client: number, clock: number, text = letter(clock)): Uint8Array {
  const bytes: number[] = [1, 1]
  pushVarUint(bytes, client)
  pushVarUint(bytes, clock)
  pushRun(bytes, client, clock, text)
  bytes.push(0)
  return Uint8Array.from(bytes)
}

/** The letter that is typed at this clock. */
export function letter(clock: number): string {
  return String.fromCodePoint(97 + (clock % 26))
}

/** What all authors of a room have typed, as one update. @param typed how many characters each has typed */
export function wholeUpdate(clients: readonly number[], typed: readonly number[]): Uint8Array {
  const authors = clients
    .map((client, index) => ({ client, count: typed[index] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.client - a.client)
  const parts: Uint8Array[] = []
  const head: number[] = []
  pushVarUint(head, authors.length)
  parts.push(Uint8Array.from(head))
  for (const { client, count } of authors) {
    const bytes: number[] = [1]
    pushVarUint(bytes, client)
    pushVarUint(bytes, 0)
    pushRun(bytes, client, 0, Array.from({ length: count }, (_, clock) => letter(clock)).join(''))
    parts.push(Uint8Array.from(bytes))
  }
  parts.push(Uint8Array.of(0))
  return Buffer.concat(parts)
}

function pushRun(bytes: number[], client: number, clock: number, ascii: string): void {
  bytes.push(clock === 0 ? STRING : HAS_ORIGIN | STRING)
  if (clock === 0) bytes.push(NAMED_PARENT, ROOT.length, ROOT.charCodeAt(0))
  else {
    pushVarUint(bytes, client)
    pushVarUint(bytes, clock - 1)
  }
  pushVarUint(bytes, ascii.length)
  for (let i = 0; i < ascii.length; i++) bytes.push(ascii.charCodeAt(i))
}

/** Told of every run of characters that an update brings. */
export type RunTaker = (client: number, clock: number, length: number) => void

/**
 * Reads which characters an update brings, deleted ones included; merged updates too.
 *
 * @throws RangeError for anything but text, which no load here sends
 */
export function readRuns(cursor: WireCursor, take: RunTaker): void {
  for (let clients = cursor.varUint(); clients > 0; clients--) {
    let structs = cursor.varUint()
    const client = cursor.varUint()
    let clock = cursor.varUint()
    for (; structs > 0; structs--) {
      const info = cursor.byte()
      const length = readStruct(cursor, info)
      if ((info & 31) !== SKIP) take(client, clock, length)
      clock += length
    }
  }
}

/** Passes over one struct; returns its length in clocks. */
function readStruct(cursor: WireCursor, info: number): number {
  const kind = info & 31
  if (kind === GC || kind === SKIP) return cursor.varUint()
  if ((info & HAS_ORIGIN) !== 0) skipId(cursor)
  if ((info & HAS_RIGHT_ORIGIN) !== 0) skipId(cursor)
  if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
    if (cursor.varUint() === NAMED_PARENT) cursor.skip(cursor.varUint())
    else skipId(cursor)
    if ((info & HAS_PARENT_SUB) !== 0) cursor.skip(cursor.varUint())
  }
  const length = cursor.varUint()
  if (kind === STRING) return skipText(cursor, length)
  if (kind !== DELETED) throw new RangeError(`an update with content of kind ${kind}`)
  return length
}

/** Passes over UTF-8; returns its length in UTF-16 units, which is what clocks count. */
function skipText(cursor: WireCursor, byteLength: number): number {
  const start = cursor.at
  cursor.skip(byteLength)
  let units = 0
  for (let at = start; at < cursor.at; at++) {
    const byte = cursor.bytes[at] ?? 0
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1
  }
  return units
}

function skipId(cursor: WireCursor): void {
  cursor.varUint()
  cursor.varUint()
}

/** Replaces the text: inserts run `number` of `length` characters in front of everything, and deletes the one before. */
export function pushedRun(client: number, number: number, length: number): Uint8Array {
  const head: number[] = [1, 1]
  pushVarUint(head, client)
  pushVarUint(head, number * length)
  head.push(STRING, NAMED_PARENT, ROOT.length, ROOT.charCodeAt(0))
  pushVarUint(head, length)
  const tail: number[] = []
  if (number === 0) tail.push(0)
  else {
    tail.push(1)
    pushVarUint(tail, client)
    tail.push(1)
    pushVarUint(tail, (number - 1) * length)
    pushVarUint(tail, length)
  }
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, letter(number)), Buffer.from(tail)])
}

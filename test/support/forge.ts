import { putVarUint } from '@coscribe/shared'

// Yjs V1 updates written byte by byte, for what yjs itself would never write.

/** The content of a struct: its kind (see `structKinds`) and the bytes behind the ids. */
export interface Content {
  readonly kind: number
  readonly bytes: Uint8Array
}

export type Id = readonly [client: number, clock: number]

/** Where an item hangs; without origins it needs a root name or a parent id. */
export interface Place {
  readonly origin?: Id
  readonly rightOrigin?: Id
  readonly root?: string
  readonly parent?: Id
  readonly key?: string
}

export type DeleteRange = readonly [client: number, clock: number, length: number]

const encoder = new TextEncoder()
/** Bytes of a varuint of 2^53-1. */
const LONGEST_NUMBER = 8

type Part = number | string | Uint8Array

/** Joins numbers (as varuints), strings (with their length) and bytes into one array. */
export function bytesOf(...parts: readonly Part[]): Uint8Array {
  return joined(parts)
}

/** Where updates are put together, before a copy of what was written: some of them have half a million parts. */
let desk = new Uint8Array(64 * 1024)

/** As {@link bytesOf}, for more parts than a call may have arguments. */
function joined(parts: readonly Part[]): Uint8Array {
  let end = 0
  for (const part of parts) {
    if (typeof part === 'number') end = putNumber(part, end)
    else if (typeof part === 'string') end = putSized(encoder.encode(part), end)
    else end = put(part, end)
  }
  return desk.slice(0, end)
}

/** Bytes with their length in front. */
export function sized(bytes: Uint8Array, declared = bytes.length): Uint8Array {
  return joined([declared, bytes])
}

function putNumber(value: number, at: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} has no varuint`)
  reserve(at + LONGEST_NUMBER)
  return putVarUint(desk, at, value)
}

function putSized(bytes: Uint8Array, at: number): number {
  return put(bytes, putNumber(bytes.length, at))
}

function put(bytes: Uint8Array, at: number): number {
  reserve(at + bytes.length)
  desk.set(bytes, at)
  return at + bytes.length
}

function reserve(length: number): void {
  if (length <= desk.length) return
  const larger = new Uint8Array(Math.max(length, desk.length * 2))
  larger.set(desk)
  desk = larger
}

export function text(value: string): Content {
  return { kind: 4, bytes: bytesOf(value) }
}

/** A shared type: 0 array, 1 map, 2 text, 3 XML element, 4 fragment, 5 hook, 6 XML text. */
export function type(ref: number, ...rest: readonly (number | string)[]): Content {
  return { kind: 7, bytes: bytesOf(ref, ...rest) }
}

/** One "Any" value given as the bytes behind its tag. */
export function any(...value: readonly Part[]): Content {
  return { kind: 8, bytes: bytesOf(1, ...value) }
}

export function embed(json: string): Content {
  return { kind: 5, bytes: bytesOf(json) }
}

/** One struct that is an item. */
export function item(content: Content, place: Place): Uint8Array {
  const { origin, rightOrigin, root, parent, key } = place
  const parts: Part[] = []
  let info = content.kind
  if (origin !== undefined) info |= 0x80
  if (rightOrigin !== undefined) info |= 0x40
  if (key !== undefined) info |= 0x20
  parts.push(Uint8Array.of(info))
  if (origin !== undefined) parts.push(...origin)
  if (rightOrigin !== undefined) parts.push(...rightOrigin)
  if (origin === undefined && rightOrigin === undefined) {
    if (parent !== undefined) parts.push(0, ...parent)
    else parts.push(1, root ?? 'content')
    if (key !== undefined) parts.push(key)
  }
  parts.push(content.bytes)
  return joined(parts)
}

/** A GC (0) or skip (10) struct. */
export function filler(kind: 0 | 10, length: number): Uint8Array {
  return bytesOf(Uint8Array.of(kind), length)
}

/** The structs of one client, from `clock` on. */
export function section(
  client: number,
  clock: number,
  structs: readonly Uint8Array[],
  declared = structs.length,
): Uint8Array {
  return joined([declared, client, clock, ...structs])
}

/** A whole update; `declaredSections` may lie. */
export function update(
  sections: readonly Uint8Array[],
  deletes: readonly DeleteRange[] = [],
  declaredSections = sections.length,
): Uint8Array {
  return joined([declaredSections, ...sections, deleteSet(deletes)])
}

/** One item of one client at clock 0. */
export function single(client: number, content: Content, place: Place = {}): Uint8Array {
  return update([section(client, 0, [item(content, place)])])
}

function deleteSet(deletes: readonly DeleteRange[]): Uint8Array {
  const byClient = new Map<number, (readonly [number, number])[]>()
  for (const [client, clock, length] of deletes) {
    const ranges = byClient.get(client) ?? []
    byClient.set(client, ranges)
    ranges.push([clock, length])
  }
  const parts: number[] = [byClient.size]
  for (const [client, ranges] of byClient) {
    parts.push(client, ranges.length)
    for (const [clock, length] of ranges) parts.push(clock, length)
  }
  return joined(parts)
}

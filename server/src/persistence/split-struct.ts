import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

/** A struct as it stands in a section. */
export interface SplitStruct {
  readonly clock: number
  readonly bytes: Uint8Array
}

type Divisible = Y.ContentString | Y.ContentAny | Y.ContentJSON

/**
 * Splits one encoded struct into several that stand for it, as yjs does when somebody writes into its middle: each is a
 * struct of its own that follows the one before. They have at most `maxBytes`, unless a single value has more. Only text
 * and lists can be split; of anything else, and of what is small enough, the result is the struct itself.
 *
 * @param bytes a struct that passed a walk
 */
export function splitStruct(
  bytes: Uint8Array,
  client: number,
  clock: number,
  maxBytes: number,
): SplitStruct[] {
  const whole = [{ clock, bytes }]
  if (bytes.length <= maxBytes) return whole
  const item = itemOf(bytes, client, clock)
  // Of two values under one key the second would be taken for a newer one, which deletes the first.
  if (item === null || item.parentSub !== null || !isDivisible(item.content)) return whole
  return split(item, maxBytes)
}

function itemOf(bytes: Uint8Array, client: number, clock: number): Y.Item | null {
  const encoder = encoding.createEncoder()
  for (const number of [1, 1, client, clock]) encoding.writeVarUint(encoder, number)
  encoding.writeUint8Array(encoder, bytes)
  encoding.writeVarUint(encoder, 0)
  const [struct] = Y.decodeUpdate(encoding.toUint8Array(encoder)).structs
  // The bit says that there is a key also where the key itself is left out, because the origin has it.
  return struct instanceof Y.Item && ((bytes[0] ?? 0) & 0x20) === 0 ? struct : null
}

function isDivisible(content: unknown): content is Divisible {
  return (
    content instanceof Y.ContentString ||
    content instanceof Y.ContentAny ||
    content instanceof Y.ContentJSON
  )
}

/** The struct itself if it is small enough or one value, else its halves, split. */
function split(item: Y.Item, maxBytes: number): SplitStruct[] {
  const bytes = encode(item)
  const { content } = item
  if (bytes.length <= maxBytes || !isDivisible(content)) return [{ clock: item.id.clock, bytes }]
  const middle = middleOf(content)
  if (middle === 0) return [{ clock: item.id.clock, bytes }]
  const { client, clock } = item.id
  const left = itemWith(item.id, item.origin, item, partOf(content, 0, middle))
  const last = Y.createID(client, clock + middle - 1)
  const rest = partOf(content, middle, content.getLength())
  const right = itemWith(Y.createID(client, clock + middle), last, item, rest)
  return [...split(left, maxBytes), ...split(right, maxBytes)]
}

function itemWith(id: Y.ID, origin: Y.ID | null, like: Y.Item, content: Divisible): Y.Item {
  const parent = origin === like.origin ? like.parent : null
  return new Y.Item(id, null, origin, null, like.rightOrigin, parent, null, content)
}

/** Where to split, never inside a character of two units; 0 for what is one value. */
function middleOf(content: Divisible): number {
  const middle = content.getLength() >> 1
  if (!(content instanceof Y.ContentString) || middle === 0) return middle
  const before = content.str.charCodeAt(middle - 1)
  return before >= 0xd800 && before <= 0xdbff ? middle - 1 : middle
}

function partOf(content: Divisible, from: number, to: number): Divisible {
  if (content instanceof Y.ContentString) return new Y.ContentString(content.str.slice(from, to))
  if (content instanceof Y.ContentAny) return new Y.ContentAny(content.arr.slice(from, to))
  return new Y.ContentJSON(content.arr.slice(from, to))
}

function encode(item: Y.Item): Uint8Array {
  const encoder = new Y.UpdateEncoderV1()
  item.write(encoder, 0)
  return encoder.toUint8Array()
}

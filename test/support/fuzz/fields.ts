import { WireWriter } from '@coscribe/shared'
import type { SeededRandom } from '../random.js'

// Binary messages as trees of fields, so that they can be injured where formats are trusted: at counts, lengths,
// types and the edges between values, and not only at bytes.

/** A number in groups of seven bits, the lowest first. */
export interface NumberField {
  type: 'number'
  value: number
  /** Also in forms that no writer uses: with zeros behind it, or without an end. */
  form: 'shortest' | 'padded' | 'endless'
}

export interface BytesField {
  type: 'bytes'
  bytes: Uint8Array
}

/** Fields behind each other, perhaps with their number or their size in bytes in front, which may be a lie. */
export interface ListField {
  type: 'list'
  items: Field[]
  head: 'none' | 'count' | 'length'
  claim: number | null
}

export type Field = NumberField | BytesField | ListField

const encoder = new TextEncoder()

export function number(value: number): NumberField {
  return { type: 'number', value, form: 'shortest' }
}

export function plain(bytes: Uint8Array): BytesField {
  return { type: 'bytes', bytes }
}

export function byte(value: number): BytesField {
  return plain(Uint8Array.of(value))
}

export function sequence(...items: Field[]): ListField {
  return { type: 'list', items, head: 'none', claim: null }
}

export function counted(items: Field[]): ListField {
  return { type: 'list', items, head: 'count', claim: null }
}

export function sized(...items: Field[]): ListField {
  return { type: 'list', items, head: 'length', claim: null }
}

export function text(value: string): ListField {
  return sized(plain(encoder.encode(value)))
}

export function bytesOf(field: Field): Uint8Array {
  return new Uint8Array(Buffer.concat(piecesOf(field)))
}

function piecesOf(field: Field): Uint8Array[] {
  switch (field.type) {
    case 'bytes':
      return [field.bytes]
    case 'number':
      return [numberBytes(field)]
    default:
      return listPieces(field)
  }
}

function numberBytes({ value, form }: NumberField): Uint8Array {
  if (form === 'endless') return new Uint8Array(12).fill(0xff)
  const bytes = new WireWriter(8).varUint(value).finish()
  if (form === 'shortest') return bytes
  const padded = Uint8Array.of(...bytes, 0)
  padded[bytes.length - 1]! |= 0x80
  return padded
}

function listPieces({ items, head, claim }: ListField): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (const item of items) for (const piece of piecesOf(item)) pieces.push(piece)
  if (head === 'none') return pieces
  const size = head === 'count' ? items.length : pieces.reduce((sum, { length }) => sum + length, 0)
  return [new WireWriter(8).varUint(claim ?? size).finish(), ...pieces]
}

/** Where numbers change their size, their sign or their meaning. */
const edges = [
  0,
  1,
  2,
  3,
  4,
  31,
  80,
  99,
  126,
  127,
  128,
  255,
  256,
  1_000,
  10_001,
  16_383,
  16_384,
  65_535,
  65_536,
  ...[20, 21, 24, 28, 31, 32, 35, 48, 52].flatMap((power) => [2 ** power - 1, 2 ** power]),
  Number.MAX_SAFE_INTEGER,
]
const MOST_COPIES = 2_000
/** So much is added by copies at a time: repeated items are one object, and what repeats within one does so in all. */
const MOST_COPIED_BYTES = 2 * 1024 * 1024

/** One to three injuries to any of the fields below `root`. `donors` are trees whose parts may be put into it. */
export function injure(random: SeededRandom, root: ListField, donors: readonly ListField[]): void {
  for (let left = 1 + random.below(3); left > 0; left--) {
    const fields = fieldsOf(root)
    const field = random.pick(fields)
    if (field.type === 'number') injureNumber(random, field)
    else if (field.type === 'bytes') injureBytes(random, field)
    else injureList(random, field, root, fieldsOf(random.pick(donors)))
  }
}

function fieldsOf(field: Field, found: Field[] = []): Field[] {
  found.push(field)
  if (field.type === 'list') for (const item of field.items) fieldsOf(item, found)
  return found
}

function injureNumber(random: SeededRandom, field: NumberField): void {
  const kind = random.below(10)
  if (kind === 0) field.form = 'padded'
  else if (kind === 1) field.form = 'endless'
  else if (kind < 5) field.value = within(field.value + random.pick([-1, 1, 2, 100]))
  else field.value = random.pick(edges)
}

function within(value: number): number {
  return Math.min(Math.max(0, value), Number.MAX_SAFE_INTEGER)
}

function injureBytes(random: SeededRandom, field: BytesField): void {
  const bytes = [...field.bytes]
  const at = random.below(bytes.length + 1)
  const kind = random.below(6)
  if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
  else if (kind === 1) bytes.splice(at, 1)
  else if (kind === 2) bytes.splice(at, 0, ...random.bytes(1 + random.below(8)))
  else if (kind === 3) bytes.length = at
  // No UTF-8, half a surrogate pair, and what JSON and prototypes dislike.
  else if (kind === 4)
    bytes.splice(at, 0, ...random.pick([[0xff], [0xed, 0xa0, 0x80], [0], [0xc0]]))
  else bytes.splice(0, bytes.length, ...encoder.encode(random.pick(words)))
  field.bytes = Uint8Array.from(bytes)
}

const words = [
  '__proto__',
  'constructor',
  '{"a":',
  '[[[[[[',
  'null',
  '',
  '\ufeff',
  '../..',
  '\u202e',
]

function injureList(
  random: SeededRandom,
  field: ListField,
  root: ListField,
  donated: Field[],
): void {
  const { items, head } = field
  const at = random.below(items.length + 1)
  const kind = random.below(head === 'none' ? 5 : 9)
  if (kind === 0) items.splice(at, 1)
  else if (kind === 1 && items[at] !== undefined) items.splice(at, 0, copyOf(items[at]))
  else if (kind === 2) random.shuffle(items)
  else if (kind === 3) items.splice(at, random.below(2), copyOf(random.pick(donated)))
  else if (kind === 4) repeat(random, field, root, at)
  else if (kind < 7) field.claim = random.pick(edges)
  else field.claim = Math.max(0, items.length + random.pick([-1, 1]))
}

function repeat(random: SeededRandom, field: ListField, root: ListField, at: number): void {
  const { items } = field
  const item = items[at]
  // Trees grow by their branches; what is large already is not multiplied.
  if (item === undefined || fieldsOf(item).length > 200) return
  const copies = random.chance(0.97) ? random.below(20) : random.below(MOST_COPIES)
  const times = fieldsOf(root).filter((each) => each === field).length
  if (times * copies * sizeOf(item) > MOST_COPIED_BYTES) return
  items.splice(at, 0, ...Array.from({ length: copies }, () => item))
}

/** Bytes, about. */
function sizeOf(item: Field): number {
  return fieldsOf(item).reduce(
    (sum, field) => sum + (field.type === 'bytes' ? field.bytes.length : 1),
    0,
  )
}

/** Repeated items are one object, so an injury to one of them is one to all; a copy stands for itself. */
function copyOf(field: Field): Field {
  if (field.type !== 'list') return { ...field }
  return { ...field, items: field.items.map(copyOf) }
}

/** Some injuries that know nothing of fields: cut off, continued, a byte here and there. */
export function injureRaw(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const kind = random.below(4)
  if (kind === 0) return bytes.slice(0, random.below(bytes.length + 1))
  if (kind === 1) return Uint8Array.from(Buffer.concat([bytes, random.bytes(1 + random.below(9))]))
  const copy = Uint8Array.from(bytes)
  for (let left = 1 + random.below(3); left > 0 && copy.length > 0; left--) {
    const at = random.below(copy.length)
    copy[at] = kind === 2 ? random.below(256) : (copy[at] ?? 0) ^ (1 << random.below(8))
  }
  return copy
}

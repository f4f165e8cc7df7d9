import type { SeededRandom } from '../random.js'
import { byte, counted, number, plain, sequence, sized, text, type ListField } from './fields.js'

const CLIENT = 500

function many(count: number, make: (index: number) => ListField): ListField[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function sections(...all: ListField[]): ListField {
  return sequence(counted(all), counted([]))
}

function section(client: number, structs: ListField[]): ListField {
  return sequence(number(structs.length), number(client), number(0), ...structs)
}

const item = (kind: number, content: ListField): ListField =>
  sequence(byte(kind), byte(1), text('content'), content)

/** Updates in which there is much of one thing, of which everything that is done once each shows. */
const updates: readonly ((count: number) => ListField)[] = [
  (count) =>
    sections(
      section(
        CLIENT,
        many(count, () => sequence(byte(0), number(1))),
      ),
    ),
  (count) =>
    sections(
      section(
        CLIENT,
        many(count, () => item(4, text('x'))),
      ),
    ),
  (count) =>
    sections(
      section(
        CLIENT,
        many(count, () => item(6, sequence(text('b'), text('1')))),
      ),
    ),
  (count) =>
    sections(
      section(
        CLIENT,
        many(count, () => item(7, sequence(number(2)))),
      ),
    ),
  (count) => sections(section(CLIENT, [item(8, counted(many(count, () => sequence(byte(126)))))])),
  (count) => sections(section(CLIENT, [item(4, text('ü'.repeat(count)))])),
  (count) => sections(section(CLIENT, [item(5, text(`[${'{"a":1},'.repeat(count)}1]`))])),
  (count) => sections(section(CLIENT, [item(3, sized(plain(new Uint8Array(count))))])),
  // yjs writes clients in descending order; one that does not costs a set.
  (count) => sections(...many(count, (i) => section(2 * count - i, [item(4, text('x'))]))),
  (count) => sections(...many(count, (i) => section(1 + i, [item(4, text('x'))]))),
  (count) => sections(...many(count, (i) => section(1 + i, [waiting(i)]))),
  (count) => {
    const ranges = many(count, (i) => sequence(number(2 * i), number(1)))
    return sequence(counted([]), counted([sequence(number(CLIENT), counted(ranges))]))
  },
  (count) => sequence(counted([]), counted(many(count, (i) => deletion(i)))),
]

/** An item behind one that nobody has. */
function waiting(index: number): ListField {
  return sequence(byte(0x84), number(2 ** 31 + index), number(7), text('x'))
}

function deletion(client: number): ListField {
  return sequence(number(client), counted([sequence(number(0), number(1))]))
}

/** An update of many of one thing. */
export function largeUpdate(random: SeededRandom): ListField {
  return random.pick(updates)(random.pick([1_000, 10_000, 30_000]))
}

/** A state vector of many clients. */
export function largeStateVector(random: SeededRandom): ListField {
  return counted(many(random.pick([1_000, 30_000]), (i) => sequence(number(i), number(i + 1))))
}

/** Presence of many, or of somebody with much to say. */
export function largePresence(random: SeededRandom): ListField {
  if (random.chance(0.5))
    return counted([sequence(number(1), number(1), text(`"${'x'.repeat(200_000)}"`))])
  const count = random.pick([1_000, 9_999, 10_001])
  return counted(many(count, (i) => sequence(number(i), number(1), text('{"a":1}'))))
}

import type { SeededRandom } from '../random.js'
import {
  byte,
  counted,
  number,
  plain,
  sequence,
  sized,
  text,
  type Field,
  type ListField,
} from './fields.js'

type Id = readonly [client: number, clock: number]

const roots = ['content', 'map', 'list', '']
const keys = ['key', 'a', '']
const words = ['x', 'word', 'größer', '😀', 'line\nline', 'y'.repeat(60)]
const documents = ['null', '1', '{"bold":true}', '[1,[2,{"a":"b"}]]', '"\\ud83d\\ude00"']

/** Writes Yjs V1 updates as trees, of one document that grows with each: most of them fit. */
export class UpdateForge {
  readonly #random: SeededRandom
  readonly #clocks = new Map<number, number>()

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** An update of a few structs and deletions, or now and then of hundreds. */
  update(): ListField {
    const random = this.#random
    const clients = this.#clients()
    const structs = random.chance(0.002) ? 600 : 1 + random.below(4)
    const sections = counted(clients.map((client) => this.#section(client, structs)))
    return sequence(sections, this.#deleteSet())
  }

  /** A state vector that knows something of this document, or claims to. */
  stateVector(): ListField {
    const random = this.#random
    const known = [...this.#clocks].filter(() => random.chance(0.7))
    return counted(known.map(([client, clock]) => sequence(number(client), number(clock))))
  }

  #clients(): number[] {
    const random = this.#random
    const known = [...this.#clocks.keys()]
    const fresh = random.pick([1, 77, 300, random.below(2 ** 31), 2 ** 32 - 1])
    const chosen = new Set(known.filter(() => random.chance(0.4)))
    if (known.length === 0 || (known.length < 8 && random.chance(0.3))) chosen.add(fresh)
    // yjs writes them in descending order.
    return [...chosen].sort((one, other) => other - one)
  }

  #section(client: number, structs: number): Field {
    const clock = this.#clocks.get(client) ?? 0
    let next = clock
    const written: Field[] = []
    for (let left = structs; left > 0; left--) {
      const [struct, length] = this.#struct(client, next)
      written.push(struct)
      next += length
    }
    this.#clocks.set(client, next)
    return sequence(number(structs), number(client), number(clock), ...written)
  }

  #struct(client: number, clock: number): [struct: Field, length: number] {
    const random = this.#random
    if (random.chance(0.05)) {
      const length = 1 + random.below(5)
      return [sequence(byte(random.pick([0, 0, 10])), number(length)), length]
    }
    const [kind, content, length] = this.#content()
    const origin = random.chance(0.6) ? this.#someId(client, clock) : null
    const right = random.chance(0.2) ? this.#someId(client, clock) : null
    const key = random.chance(0.2) ? random.pick(keys) : null
    let info = kind
    const place: Field[] = []
    if (origin !== null) info |= 0x80
    if (right !== null) info |= 0x40
    if (key !== null) info |= 0x20
    for (const id of [origin, right]) if (id !== null) place.push(idField(id))
    if (origin === null && right === null) {
      const parent = random.chance(0.2) ? this.#someId(client, clock) : null
      if (parent === null) place.push(byte(1), text(random.pick(roots)))
      else place.push(byte(0), idField(parent))
      if (key !== null) place.push(text(key))
    }
    return [sequence(byte(info), ...place, content), length]
  }

  #someId(client: number, clock: number): Id | null {
    const random = this.#random
    if (clock > 0 && random.chance(0.7))
      return [client, clock - 1 - random.below(Math.min(clock, 3))]
    const known = [...this.#clocks].filter(([other, end]) => other !== client && end > 0)
    if (known.length === 0) return null
    const [other, end] = random.pick(known)
    return [other, random.below(end)]
  }

  #content(): [kind: number, content: Field, length: number] {
    const random = this.#random
    const json = (): Field => text(random.pick(documents))
    switch (random.below(12)) {
      case 0:
        return [1, number(3), 3]
      case 1:
        return [2, counted([json(), text('undefined')]), 2]
      case 2:
        return [3, sized(plain(random.bytes(random.below(20)))), 1]
      case 3:
        return [5, json(), 1]
      case 4:
        return [6, sequence(text(random.pick(keys)), json()), 1]
      case 5:
        return [7, this.#type(), 1]
      case 6:
        return [8, counted([this.#any(4), this.#any(2)]), 2]
      case 7:
        return [9, sequence(text('guid'), byte(118), counted([])), 1]
      default: {
        const word = random.pick(words)
        return [4, text(word), word.length]
      }
    }
  }

  #type(): Field {
    const ref = this.#random.below(7)
    return ref === 3 || ref === 5 ? sequence(number(ref), text('p')) : number(ref)
  }

  #any(depth: number): Field {
    const random = this.#random
    const kind = random.below(depth > 0 ? 9 : 7)
    if (kind === 0) return byte(random.pick([120, 121, 126, 127]))
    if (kind === 1)
      return sequence(byte(125), plain(random.pick([[1], [0x41], [0xbf, 0x7f]].map(bytes))))
    if (kind === 2) return sequence(byte(124), plain(random.bytes(4)))
    if (kind === 3) return sequence(byte(random.pick([122, 123])), plain(random.bytes(8)))
    if (kind === 4) return sequence(byte(116), sized(plain(random.bytes(random.below(9)))))
    if (kind < 7) return sequence(byte(119), text(random.pick(words)))
    const items = Array.from({ length: random.below(4) }, () => this.#any(depth - 1))
    if (kind === 7) return sequence(byte(117), counted(items))
    const entries = items.map((item, index) => sequence(text(`${random.pick(keys)}${index}`), item))
    return sequence(byte(118), counted(entries))
  }

  #deleteSet(): Field {
    const random = this.#random
    const known = [...this.#clocks].filter(() => random.chance(0.3))
    const ranges = known.map(([client, end]) => {
      const clock = random.below(end + 1)
      const range = sequence(number(clock), number(1 + random.below(4)))
      return sequence(number(client), counted([range]))
    })
    return counted(ranges)
  }
}

function bytes(values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

function idField([client, clock]: Id): Field {
  return sequence(number(client), number(clock))
}

import * as Y from 'yjs'
import {
  any,
  bytesOf,
  embed,
  filler,
  item,
  section,
  single,
  sized,
  text,
  type,
  update,
  type Id,
} from './forge.js'

/** An update that must change nothing. */
export interface Hostile {
  readonly name: string
  readonly bytes: Uint8Array
  /**
   * `closed`: it is no update that Yjs writes, the connection ends. `excess`: more than one update may have, and
   * `refused`: more than the document may have; in both cases the edit alone is turned away.
   */
  readonly outcome: 'closed' | 'excess' | 'refused'
}

const ATTACKER = 0xbad
const HUGE = Number.MAX_SAFE_INTEGER
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value)

function closed(name: string, bytes: Uint8Array): Hostile {
  return { name, bytes, outcome: 'closed' }
}

function excessive(name: string, bytes: Uint8Array): Hostile {
  return { name, bytes, outcome: 'excess' }
}

function refused(name: string, bytes: Uint8Array): Hostile {
  return { name, bytes, outcome: 'refused' }
}

/** Any-values nested in arrays, `depth` deep. */
function nestedAny(depth: number): Uint8Array {
  const bytes = new Uint8Array(depth * 2 + 1)
  for (let i = 0; i < depth; i++) {
    bytes[i * 2] = 117
    bytes[i * 2 + 1] = 1
  }
  bytes[depth * 2] = 126
  return bytes
}

/** Shared types nested in each other, each the child of the one before. */
function nestedTypes(depth: number, ref: number, key?: string): Uint8Array {
  const structs = Array.from({ length: depth }, (_, clock) => {
    const place = clock === 0 ? { root: 'content' } : { parent: [ATTACKER, clock - 1] as Id }
    return item(type(ref), key === undefined ? place : { ...place, key })
  })
  return update([section(ATTACKER, 0, structs)])
}

function rootNames(count: number): Uint8Array {
  const structs = Array.from({ length: count }, (_, i) => item(text('x'), { root: `r${i}` }))
  return update([section(ATTACKER, 0, structs)])
}

function clients(count: number): Uint8Array {
  const sections = Array.from({ length: count }, (_, i) =>
    section(2_000_000 - i, 0, [item(text('x'), {})]),
  )
  return update(sections)
}

function v2Update(): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('content').insert(0, 'second format')
  return Y.encodeStateAsUpdateV2(doc)
}

/** Counts and lengths that promise more than there is. */
const lies: Hostile[] = [
  closed('a count of 2^53-1 clients', update([], [], HUGE)),
  closed('a count of 2^53-1 structs', update([section(ATTACKER, 0, [], HUGE)])),
  closed('2^25 structs declared in a few bytes', update([section(1, 0, [], 2 ** 25)])),
  closed('a count of 2^53-1 clients with deletions', bytesOf(0, HUGE)),
  closed('a count of 2^53-1 delete ranges', bytesOf(0, 1, ATTACKER, HUGE)),
  closed('a list of 2^53-1 values', single(ATTACKER, { kind: 8, bytes: bytesOf(HUGE) })),
  closed('a list of 2^53-1 JSON values', single(ATTACKER, { kind: 2, bytes: bytesOf(HUGE) })),
  closed('an array of 2^32-1 values', single(ATTACKER, any(Uint8Array.of(117), 2 ** 32 - 1))),
  closed('an object of 2^32-1 values', single(ATTACKER, any(Uint8Array.of(118), 2 ** 32 - 1))),
  closed(
    'a string longer than the message',
    single(ATTACKER, { kind: 4, bytes: sized(utf8('ab'), 2_000) }),
  ),
  closed('binary longer than the message', single(ATTACKER, { kind: 3, bytes: bytesOf(2_000) })),
  closed('a root name longer than the message', bytesOf(1, 1, 7, 0, Uint8Array.of(4, 1), 2_000)),
]

/** Bytes that are no content. */
const nonsense: Hostile[] = [
  closed('nothing at all', new Uint8Array(0)),
  closed('text that is not UTF-8', single(ATTACKER, { kind: 4, bytes: bytesOf(3, bad(), 0) })),
  closed('half of a surrogate pair', single(ATTACKER, { kind: 4, bytes: sized(lone()) })),
  closed('an unknown kind of content', single(ATTACKER, { kind: 11, bytes: bytesOf('x') })),
  closed('the highest kind of content', single(ATTACKER, { kind: 31, bytes: bytesOf('x') })),
  closed('an unknown shared type', single(ATTACKER, type(7))),
  closed('an unknown value tag', single(ATTACKER, any(Uint8Array.of(42)))),
  closed('an unknown form of parent', bytesOf(1, 1, 7, 0, Uint8Array.of(4, 2), 'content', 'x', 0)),
  closed('a format with broken JSON', single(ATTACKER, { kind: 6, bytes: bytesOf('bold', '{') })),
  closed('an embed with broken JSON', single(ATTACKER, embed('{"a":}'))),
  closed('skip with flags', bytesOf(1, 1, 7, 0, Uint8Array.of(0x8a), 1, 0)),
  closed('GC with flags', bytesOf(1, 1, 7, 0, Uint8Array.of(0x80), 1, 0)),
  closed('GC of no length', update([section(ATTACKER, 0, [filler(0, 0)])])),
  closed(
    '100,000 GCs of no length',
    update([
      section(
        ATTACKER,
        0,
        Array.from({ length: 100_000 }, () => filler(0, 0)),
      ),
    ]),
  ),
  closed('an empty string', single(ATTACKER, text(''))),
  closed('a delete range of no length', update([], [[ATTACKER, 0, 0]])),
  closed('bytes behind the end', bytesOf(single(ATTACKER, text('x')), Uint8Array.of(0))),
  closed('a padded number', Uint8Array.of(0x80, 0x00, 0)),
  closed('an endless number', new Uint8Array(64).fill(0xff)),
  closed('one client in two sections', twoSections()),
  closed('the second format', v2Update()),
  closed('a run-length bomb in the second format', runLengthBomb()),
]

/** Numbers beyond what a document can count to. */
const numbers: Hostile[] = [
  closed(
    'structs behind a gap of 2^50',
    update([section(ATTACKER, 2 ** 50, [item(text('x'), {})])]),
  ),
  closed('GC of length 2^52', update([section(ATTACKER, 0, [filler(0, 2 ** 52)])])),
  closed('skip of length 2^52', update([section(ATTACKER, 0, [filler(10, 2 ** 52)])])),
  closed('deleted content of length 2^52', single(ATTACKER, { kind: 1, bytes: bytesOf(2 ** 52) })),
  closed('clocks that run past 2^31', update([section(7, 2 ** 31 - 2, [filler(0, 2)])])),
  closed('a delete range past 2^31', update([], [[ATTACKER, 2 ** 31 - 2, 5]])),
  closed('a client id above 2^32', single(2 ** 40, text('x'))),
  closed('an origin clock of 2^53-1', single(ATTACKER, text('x'), { origin: [1, HUGE] })),
]

/** Items that would make yjs throw, or loop, while it integrates them. */
const impossible: Hostile[] = [
  closed('an item inside itself', single(ATTACKER, type(0), { parent: [ATTACKER, 0] })),
  closed('an item behind itself', single(ATTACKER, text('x'), { origin: [ATTACKER, 0] })),
  closed('an item before itself', single(ATTACKER, text('x'), { rightOrigin: [ATTACKER, 0] })),
  closed('an item behind a later one', single(ATTACKER, text('x'), { origin: [ATTACKER, 9] })),
  closed('a circle of parents', circle()),
  closed('a subdocument with null options', single(ATTACKER, subdocument(Uint8Array.of(126)))),
  closed('a subdocument with a list as options', single(ATTACKER, subdocument(bytesOf(117, 0)))),
]

/** Nesting, names and ids without measure. */
const excess: Hostile[] = [
  excessive(
    'values 7,000 deep',
    single(ATTACKER, { kind: 8, bytes: bytesOf(1, nestedAny(7_000)) }),
  ),
  excessive(
    'values 100,000 deep',
    single(ATTACKER, { kind: 8, bytes: bytesOf(1, nestedAny(100_000)) }),
  ),
  excessive('JSON 5,000 deep', single(ATTACKER, embed('['.repeat(5_000) + ']'.repeat(5_000)))),
  excessive('JSON a million deep', single(ATTACKER, embed('['.repeat(1e6) + ']'.repeat(1e6)))),
  excessive('100,000 client ids', clients(100_000)),
  refused('20,000 arrays inside each other', nestedTypes(20_000, 0)),
  refused('5,000 maps inside each other', nestedTypes(5_000, 1, 'k')),
  refused('20,000 root names', rootNames(20_000)),
  refused('100,000 root names', rootNames(100_000)),
]

/** Keys that change an object's prototype. */
const keys: Hostile[] = [
  closed('__proto__ as a root name', single(ATTACKER, text('x'), { root: '__proto__' })),
  closed('__proto__ as a key of a map', single(ATTACKER, any(126), { key: '__proto__' })),
  closed('__proto__ as a key of a value', single(ATTACKER, any(prototypeValue()))),
  closed('__proto__ as a key of JSON', single(ATTACKER, embed('{"__proto__":{"admin":true}}'))),
  closed(
    '__proto__ spelled with an escape',
    single(ATTACKER, embed('{"\\u005f_proto__":{"admin":true}}')),
  ),
  closed('__proto__ as a format', single(ATTACKER, { kind: 6, bytes: bytesOf('__proto__', '1') })),
]

/** Every start of a good update. */
function truncated(): Hostile[] {
  const doc = new Y.Doc()
  doc.clientID = ATTACKER
  doc.getText('content').insert(0, 'abc')
  doc.getText('content').delete(1, 1)
  doc.getMap('map').set('key', { some: ['value', 1, null] })
  const bytes = Y.encodeStateAsUpdate(doc)
  return Array.from({ length: bytes.length }, (_, length) =>
    closed(`a good update cut off after ${length} bytes`, bytes.slice(0, length)),
  )
}

/** Everything the network may bring instead of an update, named. */
export const hostileUpdates: readonly Hostile[] = [
  ...lies,
  ...nonsense,
  ...numbers,
  ...impossible,
  ...excess,
  ...keys,
  ...truncated(),
]

function bad(): Uint8Array {
  return Uint8Array.of(0xff, 0xfe, 0xfd)
}

function lone(): Uint8Array {
  return Uint8Array.of(0xed, 0xa0, 0x80)
}

function twoSections(): Uint8Array {
  const one = section(ATTACKER, 0, [item(text('x'), {})])
  const two = section(ATTACKER, 1, [item(text('y'), { origin: [ATTACKER, 0] })])
  return update([one, two])
}

/** In the second format a count may repeat for ever in a few bytes. */
function runLengthBomb(): Uint8Array {
  const endless = bytesOf(0, HUGE)
  return bytesOf(0, ...Array.from({ length: 9 }, () => sized(endless)), HUGE, 0)
}

function circle(): Uint8Array {
  const structs = [
    item(type(0), { parent: [ATTACKER, 1] }),
    item(type(0), { parent: [ATTACKER, 0] }),
  ]
  return update([section(ATTACKER, 0, structs)])
}

function subdocument(options: Uint8Array): { kind: number; bytes: Uint8Array } {
  return { kind: 9, bytes: bytesOf('guid', options) }
}

function prototypeValue(): Uint8Array {
  return bytesOf(118, 1, '__proto__', 118, 1, 'admin', 120)
}

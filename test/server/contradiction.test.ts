import { UpdateScan, walkUpdate } from '@coscribe/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import * as Y from 'yjs'
import { contradict } from '../../server/src/rooms/contradiction.js'
import { divide } from '../../server/src/rooms/divide.js'
import { EditingCrowd } from '../support/editing-crowd.js'
import {
  any,
  filler,
  item,
  section as sectionOf,
  text,
  update,
  type Content,
  type Place,
} from '../support/forge.js'
import { SeededRandom } from '../support/random.js'

const SEEDS = 6
const STEPS = 100

function walked(bytes: Uint8Array): UpdateScan {
  const scan = new UpdateScan()
  const fault = walkUpdate(bytes, scan)
  if (fault !== null) throw new Error(fault.message)
  return scan
}

/** Whether two updates contradict each other about any client. */
function differ(a: UpdateScan, b: UpdateScan): boolean {
  for (let one = 0; one < a.sectionCount; one++) {
    for (let other = 0; other < b.sectionCount; other++) {
      if (a.sectionClients[one] !== b.sectionClients[other]) continue
      if (contradict({ scan: a, section: one }, { scan: b, section: other })) return true
    }
  }
  return false
}

/** An update of client 5 from clock 10 on. */
function structs(...items: [Content, Place][]): UpdateScan {
  const encoded = items.map(([content, place]) => item(content, place))
  return walked(update([sectionOf(5, 10, encoded)]))
}

describe('two accounts of the same structs', () => {
  it(`[U20] do not contradict each other when they come from honest replicas (${SEEDS} seeds)`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const updates: UpdateScan[] = []
      const options = { people: 3, gc: seed % 2 === 0, splitsPairs: false }
      const crowd = new EditingCrowd(new SeededRandom(seed), options, (bytes) => {
        updates.push(walked(Uint8Array.from(bytes)))
      })
      for (let step = 0; step < STEPS; step++) crowd.step()
      const whole = crowd.docs.map((doc) => walked(Y.encodeStateAsUpdate(doc)))
      for (const one of updates) {
        for (const all of whole) expect(differ(one, all), `seed ${seed}`).toBe(false)
      }
      for (const all of whole) expect(differ(all, whole[0]!), `seed ${seed}`).toBe(false)
      crowd.destroy()
    }
  })

  it('[U20] do when under one clock there is another text, place or kind', () => {
    const at: Place = { origin: [5, 9] }
    const said = structs([text('a😀bc'), at])
    const inside: Place = { origin: [5, 12] }
    const same = [
      structs([text('a😀'), at], [text('bc'), inside]),
      structs([text('a😀bcd'), at]),
      structs([text('a\ufffd\ufffdbc'), at]),
      structs([{ kind: 1, bytes: Uint8Array.of(5) }, at]),
    ]
    for (const other of same) expect(differ(said, other)).toBe(false)
    const others = [
      structs([text('a😀bx'), at]),
      structs([text('\ufffd😀bc'), at]),
      structs([text('a😀'), at], [text('xc'), inside]),
      structs([text('a😀bc'), { origin: [5, 8] }]),
      structs([text('a😀bc'), { origin: [4, 9] }]),
      structs([text('a😀bc'), { ...at, rightOrigin: [5, 3] }]),
      structs([text('a😀bc'), { root: 'content' }]),
      structs([text('a😀'), at], [text('bc'), { origin: [5, 9] }]),
      structs([any(119, 'a'), at]),
    ]
    for (const other of others)
      expect([differ(said, other), differ(other, said)]).toEqual([true, true])
    const [here, there] = ['here', 'there'].map((root) => structs([text('a'), { root }]))
    expect([differ(here!, there!), differ(here!, here!)]).toEqual([true, false])
    const [one, two] = ['1', '2'].map((value) => structs([any(119, value), at]))
    expect([differ(one!, two!), differ(one!, one!)]).toEqual([true, false])
  })

  it('[U20] long texts are read once, in however many pieces the other side comes', () => {
    const long = 'x'.repeat(20_000)
    const said = {
      scan: structs([text(long), { root: 'r' }], [text(long), { origin: [5, 20_009] }]),
      section: 0,
    }
    const decode = vi.spyOn(TextDecoder.prototype, 'decode')
    onTestFinished(() => decode.mockRestore())
    for (let clock = 11; clock < 61; clock++) {
      const pieces = [
        item(text('x'), { origin: [5, clock - 1] }),
        filler(10, 19_999),
        item(text('x'), { origin: [5, clock + 19_999] }),
      ]
      const stored = walked(update([sectionOf(5, clock, pieces)]))
      expect(contradict(said, { scan: stored, section: 0 })).toBe(false)
    }
    const lengths = decode.mock.calls.map(([bytes]) => bytes?.byteLength ?? 0)
    expect(lengths.filter((length) => length > 1)).toEqual([20_000, 20_000])
  })
})

describe('an update from which clients are taken', () => {
  it('[U21] is, with them, what it was, and the deletions stay', () => {
    const random = new SeededRandom(1)
    const crowd = new EditingCrowd(random, { people: 4, gc: true, splitsPairs: false }, () => {})
    for (let step = 0; step < 200; step++) crowd.step()
    const bytes = Y.mergeUpdates(crowd.docs.map((doc) => Y.encodeStateAsUpdate(doc)))
    const clients = [...Y.decodeUpdate(bytes).structs].map(({ id }) => id.client)
    const named = new Set(clients.filter(() => random.chance(0.5)))
    const { rest, named: taken } = divide(bytes, walked(bytes), (client) => named.has(client))
    expect([...Y.decodeUpdate(taken).structs].every(({ id }) => named.has(id.client))).toBe(true)
    expect(Y.decodeUpdate(taken).ds.clients.size).toBe(0)
    expect(Y.decodeUpdate(rest!).ds).toEqual(Y.decodeUpdate(bytes).ds)
    const [doc, parts] = [new Y.Doc(), new Y.Doc()]
    Y.applyUpdate(doc, bytes)
    for (const part of [rest!, taken]) Y.applyUpdate(parts, part)
    expect(Y.encodeStateAsUpdate(parts)).toEqual(Y.encodeStateAsUpdate(doc))
    expect(divide(taken, walked(taken), () => true)).toEqual({ rest: null, named: taken })
    crowd.destroy()
  })
})

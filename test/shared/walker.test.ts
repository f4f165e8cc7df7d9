import { defaultLimits, structKinds, UpdateScan, walkUpdate } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import {
  any,
  bytesOf,
  embed,
  filler,
  item,
  section,
  single,
  text,
  type,
  update,
} from '../support/forge.js'
import { hostileUpdates } from '../support/hostile-corpus.js'

const encoder = new TextEncoder()

function faultOf(bytes: Uint8Array): string | null {
  return walkUpdate(bytes, new UpdateScan())?.message ?? null
}

function brackets(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

function arrays(depth: number): Uint8Array {
  return bytesOf(...Array.from({ length: depth }, () => bytesOf(117, 1)), 126)
}

function subdocument(...options: readonly (string | number)[]): Uint8Array {
  return single(1, { kind: 9, bytes: bytesOf('guid', ...options) })
}

function one(client: number): Uint8Array {
  return section(client, 0, [item(text('x'), {})])
}

/** Counts how often single bytes of `bytes` are looked at. */
function counted(bytes: Uint8Array): { bytes: Uint8Array; reads: () => number } {
  let reads = 0
  const proxy = new Proxy(bytes, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) reads++
      const value: unknown = Reflect.get(target, name, target)
      return value
    },
  })
  return { bytes: proxy, reads: () => reads }
}

describe('a walk over what yjs writes', () => {
  it('[U1] finds clients, clocks, ids, kinds, deletions and byte offsets', () => {
    const doc = new Y.Doc()
    doc.clientID = 300
    doc.getText('t').insert(0, 'a😀b')
    doc.getText('t').delete(1, 2)
    const bytes = Y.encodeStateAsUpdate(doc)
    const scan = new UpdateScan()
    expect(walkUpdate(bytes, scan)).toBeNull()
    expect([scan.sectionCount, scan.rowCount, scan.rootCount, scan.deleteCount]).toEqual([
      1, 3, 1, 1,
    ])
    expect(scan.sectionClients[0]).toBe(300)
    expect([...scan.clocks.subarray(0, 3)]).toEqual([0, 1, 3])
    expect([...scan.lengths.subarray(0, 3)]).toEqual([1, 2, 1])
    expect([...scan.kinds.subarray(0, 3)]).toEqual([
      structKinds.string,
      structKinds.deleted,
      structKinds.string,
    ])
    expect([...scan.originClocks.subarray(0, 3)]).toEqual([-1, 0, 2])
    expect([...scan.deleteClocks.subarray(0, 1), ...scan.deleteLengths.subarray(0, 1)]).toEqual([
      1, 2,
    ])
    const name = bytes.subarray(scan.rootStarts[0], scan.rootEnds[0])
    expect(new TextDecoder().decode(name)).toBe('t')
    expect(scan.rowEnd(0, 2)).toBe(scan.deleteSetOffset)
    expect(bytes[scan.deleteSetOffset]).toBe(1)
  })

  it('[U1] takes the empty update, skips of merged updates, and emptied sections', () => {
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (bytes: Uint8Array) => updates.push(bytes))
    for (let i = 0; i < 3; i++) doc.getArray('a').insert(i, [i])
    const gap = Y.mergeUpdates([updates[0]!, updates[2]!])
    const scan = new UpdateScan()
    expect(walkUpdate(gap, scan)).toBeNull()
    expect(scan.kinds[1]).toBe(structKinds.skip)
    expect(faultOf(Uint8Array.of(0, 0))).toBeNull()
    expect(faultOf(bytesOf(1, 0, 5, 0, 1, 5, 0))).toBeNull()
  })

  const json = [
    '"\\ud83d"',
    ' [ 1 , {"a" : -0.5e+3 } ] ',
    '"\\u005f_proto"',
    'null',
    '{}',
    '1E9',
    '"ü\\/"',
  ]
  it.each(json)('[U1] takes the JSON that JSON.parse takes: %s', (value) => {
    expect(() => JSON.parse(value) as unknown).not.toThrow()
    expect(faultOf(single(1, embed(value)))).toBeNull()
  })

  it('[U1] takes `undefined` in old list content only', () => {
    expect(faultOf(single(1, { kind: 2, bytes: bytesOf(2, 'undefined', '1') }))).toBeNull()
    expect(faultOf(single(1, embed('undefined')))).toBe('not JSON')
  })

  it('[U1] takes values as deep as the limit and no deeper', () => {
    const depth = defaultLimits.jsonDepth
    expect(faultOf(single(1, embed(brackets(depth))))).toBeNull()
    expect(faultOf(single(1, embed(brackets(depth + 1))))).toBe('values nested too deeply')
    expect(faultOf(single(1, any(arrays(depth))))).toBeNull()
    expect(faultOf(single(1, any(arrays(depth + 1))))).toBe('values nested too deeply')
  })
})

describe('a walk over what yjs never writes', () => {
  const malformed = hostileUpdates.filter(({ outcome }) => outcome === 'closed')
  it.each(malformed)('[U2] ends with a reason: $name', ({ bytes }) => {
    const scan = new UpdateScan()
    expect(walkUpdate(bytes, scan)).toMatchObject({
      kind: 'malformed',
      offset: expect.any(Number),
      message: expect.any(String),
    })
    expect([scan.rowCount, scan.deleteCount, scan.bytes.length]).toEqual([0, 0, 0])
  })

  const notJson = ['', ' ', '{', '[1,]', '{"a":1,}', '{a:1}', '01', '1.', '.5', '+1', '1e', 'nul', 'true1', "'a'", '"\t"', '"\\x"', '"\\u12g4"', '"', '[1 2]', '{"a" 1}', 'NaN', '//'] // prettier-ignore
  it.each(notJson)('[U2] ends at JSON that JSON.parse refuses: %j', (value) => {
    expect(() => JSON.parse(value) as unknown).toThrow(SyntaxError)
    expect(faultOf(single(1, embed(value)))).not.toBeNull()
  })

  it('[U2] ends at subdocument options that would break the document', () => {
    expect(faultOf(subdocument(118, 1, 'gc', 121))).toBeNull()
    expect(faultOf(subdocument(118, 1, 'guid', 126))).toBe(
      'a subdocument option that yjs never writes',
    )
    expect(faultOf(subdocument(118, 1, 'gcFilter', 126))).toBe(
      'a subdocument option that yjs never writes',
    )
  })

  const excessive = hostileUpdates.filter(({ outcome }) => outcome === 'excess')
  it.each(excessive)(
    '[U2] says of $name that it is too much, and not that it is none',
    ({ bytes }) => {
      expect(walkUpdate(bytes, new UpdateScan())).toMatchObject({ kind: 'limit' })
    },
  )

  it('[U2] ends where there are more clients or subdocuments than one update may have', () => {
    const subdocuments = Array.from({ length: 3 }, () =>
      item({ kind: 9, bytes: bytesOf('', 118, 0) }, {}),
    )
    const bytes = update([section(9, 0, subdocuments), one(3)])
    const scan = new UpdateScan()
    const limits = { ...defaultLimits, updateClients: 2, updateSubdocuments: 3 }
    expect(walkUpdate(bytes, scan, limits)).toBeNull()
    expect(scan.subdocumentCount).toBe(3)
    expect(walkUpdate(bytes, scan, { ...limits, updateClients: 1 })).toMatchObject({
      message: 'too many clients in one update',
    })
    expect(walkUpdate(bytes, scan, { ...limits, updateSubdocuments: 2 })).toMatchObject({
      message: 'too many subdocuments',
    })
  })

  it('[U2] ends where there are more structs and delete ranges than one update may have', () => {
    const structs = Array.from({ length: 3 }, () => item(text('x'), {}))
    const deletes = [
      [1, 0, 1],
      [2, 0, 1],
    ] as const
    const bytes = update([section(9, 0, structs)], deletes)
    const scan = new UpdateScan()
    expect(walkUpdate(bytes, scan, { ...defaultLimits, updateStructs: 5 })).toBeNull()
    for (const updateStructs of [2, 4]) {
      expect(walkUpdate(bytes, scan, { ...defaultLimits, updateStructs })).toMatchObject({
        message: 'too many structs and delete ranges',
      })
    }
  })

  it('[U2] ends where one client has two sections, also amid unordered ones', () => {
    expect(faultOf(update([one(3), one(9), one(5), one(1)]))).toBeNull()
    expect(faultOf(update([one(3), one(9), one(5), one(9)]))).toBe('a client with two sections')
    expect(faultOf(update([one(3), one(3)]))).toBe('a client with two sections')
  })

  it('[U2] control: yjs itself takes an item inside itself as far as its integration, and throws there', () => {
    const bytes = single(1, type(0), { parent: [1, 0] })
    expect(() => Y.decodeUpdate(bytes)).not.toThrow()
    expect(() => Y.applyUpdate(new Y.Doc(), bytes)).toThrow()
    expect(faultOf(bytes)).toBe('a struct that depends on a later one')
  })

  it('[U2] agrees with the decoder of the platform about what is UTF-8', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    for (let lead = 0x80; lead < 0x100; lead++) {
      for (const rest of [
        [],
        [0x7f],
        [0x80],
        [0x8f, 0x80],
        [0x90, 0x80, 0x80],
        [0x9f, 0xbf],
        [0xa0, 0x80],
        [0xbf, 0xbf, 0xbf],
        [0x80, 0x80, 0xc0],
      ]) {
        // Long texts are passed over by words, as far as they are ASCII.
        for (const before of [1, 1_100]) {
          const bytes = Uint8Array.from([
            ...Array.from({ length: before }, () => 0x61),
            lead,
            ...rest,
          ])
          let length: number | null = null
          try {
            length = decoder.decode(bytes).length
          } catch {
            // Not UTF-8: the walk has to say so too.
          }
          const scan = new UpdateScan()
          const fault = walkUpdate(
            single(1, { kind: 4, bytes: bytesOf(bytes.length, bytes) }),
            scan,
          )
          expect(fault === null, `${before} ${lead} ${rest.join()}`).toBe(length !== null)
          if (length !== null) expect(scan.lengths[0]).toBe(length)
        }
      }
    }
  })
})

describe('the cost of a walk', () => {
  it('[U3] looks at no byte more than twice, whatever the bytes', () => {
    const doc = new Y.Doc()
    doc.getText('t').applyDelta([{ insert: 'text' }, { insert: { image: 'ü'.repeat(99) } }])
    doc.getMap('m').set('k', [1.5, { deep: [[['x'.repeat(200)]]] }, 'ö'.repeat(50)])
    const good = Y.encodeStateAsUpdate(doc)
    for (const bytes of [good, ...hostileUpdates.map((hostile) => hostile.bytes)]) {
      if (bytes.length > 300_000) continue
      const spied = counted(bytes)
      walkUpdate(spied.bytes, new UpdateScan())
      expect(spied.reads()).toBeLessThanOrEqual(2 * bytes.length + 9)
    }
  })

  it('[U3] allocates by what it finds, not by what is declared', () => {
    for (const { name, bytes } of hostileUpdates) {
      const scan = new UpdateScan()
      const before = scan.capacity
      walkUpdate(bytes, scan)
      // A struct or a range takes two bytes or more, and columns double.
      expect(scan.capacity, name).toBeLessThanOrEqual(before + 2 * bytes.length)
    }
    const scan = new UpdateScan()
    const before = scan.capacity
    for (const declared of [2 ** 25, 2 ** 31, 2 ** 53 - 1]) {
      expect(walkUpdate(bytesOf(1, declared, 1, 0, filler(0, 1), 0), scan)).not.toBeNull()
    }
    expect(scan.capacity).toBe(before)
  })

  it('[U3] gives large columns back', () => {
    const scan = new UpdateScan()
    const before = scan.capacity
    const structs = Array.from({ length: 50_000 }, () => filler(0, 1))
    expect(walkUpdate(update([section(1, 0, structs)]), scan)).toBeNull()
    expect(scan.rowCount).toBe(50_000)
    expect(scan.capacity).toBeGreaterThan(before)
    expect(walkUpdate(Uint8Array.of(0, 0), scan)).toBeNull()
    expect(scan.capacity).toBe(before)
  })

  it('[U3] sees nothing beside a view of a larger buffer', () => {
    const secret = encoder.encode('secret')
    const whole = bytesOf(single(1, { kind: 4, bytes: bytesOf(8, 'ab') }).subarray(0, -1), secret)
    const view = whole.subarray(0, whole.length - secret.length)
    expect(walkUpdate(view, new UpdateScan())).toMatchObject({
      message: 'a count larger than the bytes left',
    })
  })
})

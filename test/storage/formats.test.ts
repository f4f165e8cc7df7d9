import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkDocumentId, CoscribeError } from '@coscribe/shared'
import { decodeAuthor, encodeAuthors } from '../../storage/src/author.js'
import { encodeSnapshot, decodeManifest, SnapshotAssembler } from '../../storage/src/chunks.js'
import { Damage } from '../../storage/src/damage.js'
import { decodeGroup, encodeGroup } from '../../storage/src/group.js'
import { decodeHead, encodeHead, firstHead } from '../../storage/src/head.js'
import {
  authorKey,
  clientOf,
  documentRange,
  headKey,
  idOf,
  numberOf,
  pieceKey,
  rangeAfter,
  recordKey,
  type Section,
} from '../../storage/src/keys.js'
import { decodeCommit, encodeCommit, Ledger } from '../../storage/src/ledger.js'
import { decodeRecord, encodeRecord } from '../../storage/src/record.js'
import { NO_CHECKSUM, SealedWriter } from '../../storage/src/sealed.js'

const SEED = 20261122
const noPause = (): undefined => undefined
const runs = { seed: SEED, numRuns: 300 }

const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.string({ minLength: 1, maxLength: 60 }),
  fc.constantFrom('a', 'a!', 'a\u0001', 'ab', 'é', 'e\u0301', '\u{10FFFF}', '\uFFFD', '\uFEFF'),
)
const anyId = text.filter((id) => {
  try {
    checkDocumentId(id)
    return true
  } catch {
    return false
  }
})
const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 1_000 })
const updates = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 })
const anyHistory = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))

function order(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}

describe('[S1] document ids', () => {
  it('are refused or not, never changed: any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (id) => {
        const bytes = Buffer.from(id)
        const usable =
          id.length > 0 &&
          bytes.length <= 255 &&
          !id.includes('\0') &&
          !id.startsWith('.') &&
          bytes.toString() === id
        if (usable) expect(() => checkDocumentId(id)).not.toThrow()
        else expect(() => checkDocumentId(id)).toThrow(CoscribeError)
        if (usable) expect(idOf('head', headKey(id))).toBe(id)
      }),
      runs,
    )
  })
})

describe('[S1] keys', () => {
  it('give back id and number, and sort like them', () => {
    fc.assert(
      fc.property(anyId, anyId, seq, seq, (a, b, m, n) => {
        expect(idOf('log', recordKey(a, m))).toBe(a)
        expect(idOf('snapshot', pieceKey(a, m, 7))).toBe(a)
        expect(numberOf(recordKey(a, m))).toBe(m)
        expect([idOf('author', authorKey(a, m, n)), clientOf(authorKey(a, m, n))]).toEqual([a, m])
        const byId = order(Buffer.from(a), Buffer.from(b))
        expect(order(headKey(a), headKey(b))).toBe(byId)
        expect(order(recordKey(a, m), recordKey(b, n))).toBe(byId === 0 ? Math.sign(m - n) : byId)
      }),
      runs,
    )
  })

  it('of one document lie in its range, of all others outside', () => {
    fc.assert(
      fc.property(anyId, anyId, seq, (a, b, n) => {
        const keys: [Section, Uint8Array][] = [
          ['author', authorKey(b, n, n)],
          ['head', headKey(b)],
          ['log', recordKey(b, n)],
          ['snapshot', pieceKey(b, n, 0xffffffff)],
        ]
        for (const [section, key] of keys) {
          const { gte, lt } = documentRange(section, a)
          expect(order(gte, key) <= 0 && order(key, lt) < 0).toBe(a === b)
          const after = rangeAfter(section, a)
          const isAfter = order(after.gte, key) <= 0 && order(key, after.lt) < 0
          expect(isAfter).toBe(order(Buffer.from(b), Buffer.from(a)) > 0)
        }
      }),
      runs,
    )
  })
})

describe('[S4] stored values', () => {
  it('come back: records', () => {
    fc.assert(
      fc.property(anyId, seq, updates, (id, firstSeq, list) => {
        const { key, value } = encodeRecord(id, firstSeq, NO_CHECKSUM, list)
        const record = decodeRecord(key, value)
        expect(record.updates.map((each) => [...each])).toEqual(list.map((each) => [...each]))
        expect([record.firstSeq, record.lastSeq]).toEqual([firstSeq, firstSeq + list.length - 1])
      }),
      runs,
    )
  })

  it('come back: groups', () => {
    const append = fc.record(
      {
        documentId: anyId,
        historyId: fc.option(anyHistory),
        firstSeq: seq,
        updates,
        authors: fc.array(fc.record({ client: seq, subject: text }), { minLength: 1 }),
      },
      { requiredKeys: ['documentId', 'historyId', 'firstSeq', 'updates'] },
    )
    fc.assert(
      fc.property(seq, fc.array(append, { maxLength: 5 }), (number, appends) => {
        const { key, value, checksum } = encodeGroup({ number, checksum: NO_CHECKSUM }, appends)
        const group = decodeGroup(key, value)
        const plain = group.appends.map((each) => ({
          ...each,
          updates: each.updates.map((update) => Uint8Array.from(update)),
        }))
        expect(plain).toEqual(appends)
        expect([group.number, group.previous]).toEqual([number + 1, NO_CHECKSUM])
        expect(group.checksum).toBe(checksum)
      }),
      runs,
    )
  })

  it('[S26] come back as the version before wrote them: a group without authors', () => {
    const update = Uint8Array.of(1, 2, 3)
    const { value } = encodeGroup({ number: 4, checksum: NO_CHECKSUM }, [
      { documentId: 'a', historyId: 'ab'.repeat(16), firstSeq: 5, updates: [update] },
      { documentId: 'b', historyId: null, firstSeq: 300, updates: [] },
    ])
    const written = [
      `01 ${'00'.repeat(8)} 02`,
      `01 61 01 ${'ab'.repeat(16)} 05 01 03 010203`,
      '01 62 00 ac02 00',
    ]
    const body = Buffer.from(written.join('').replaceAll(' ', ''), 'hex')
    expect(Buffer.compare(value.subarray(0, -8), body)).toBe(0)
  })

  it('come back: authors', () => {
    fc.assert(
      fc.property(anyId, anyHistory, seq, text, (id, history, client, subject) => {
        const authors = [
          { client, subject },
          { client, subject: 'somebody later' },
        ]
        const append = { documentId: id, historyId: history, firstSeq: 1, updates: [], authors }
        const [{ key, value } = expect.unreachable(), ...more] = encodeAuthors(append, 9)
        expect([key, more]).toEqual([authorKey(id, client, 9), []])
        expect(decodeAuthor(key, value)).toEqual({ historyId: history, subject })
        for (let bit = 0; bit < value.length * 8; bit += 5) {
          const flipped = Uint8Array.from(value)
          flipped[bit >> 3]! ^= 1 << (bit & 7)
          expect(decodeAuthor(key, flipped)).toBeNull()
        }
        expect(decodeAuthor(authorKey(id, client, 8), value)).toBeNull()
      }),
      { ...runs, numRuns: 100 },
    )
  })

  it('come back: heads', () => {
    fc.assert(
      fc.property(anyId, anyHistory, seq, fc.option(fc.string()), (id, history, n, reason) => {
        const head = {
          ...firstHead(history),
          lastSeq: n,
          bytes: n,
          generation: n,
          readOnlyReason: reason,
        }
        const { key, value, checksum } = encodeHead(id, head)
        expect(decodeHead(key, value)).toEqual({ ...head, checksum })
      }),
      runs,
    )
  })

  it('come back: snapshots of any parts', async () => {
    const sizes = fc.array(fc.oneof(fc.nat(20), fc.integer({ min: 262_100, max: 262_180 })), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(anyId, sizes, async (id, lengths) => {
        const parts = lengths.map((length, index) => new Uint8Array(length).fill(index + 1))
        const { pieces, manifest } = await encodeSnapshot(id, 3, { upToSeq: 9, parts }, noPause)
        const [first, ...chunks] = pieces
        if (first === undefined) throw new Error('no manifest')
        const assembler = new SnapshotAssembler(decodeManifest(first.key, first.value, manifest))
        for (const { key, value } of chunks) assembler.add(key, value)
        const back = assembler.finish()
        expect(
          back.parts.every((part, index) => Buffer.compare(part, parts[index] ?? part) === 0),
        ).toBe(true)
        expect(back.parts.map((part) => part.length)).toEqual(lengths)
      }),
      { ...runs, numRuns: 60 },
    )
  })

  it('that state other sizes than they have take no memory for them: a manifest', async () => {
    const parts = [new Uint8Array(300_000)]
    const { pieces } = await encodeSnapshot('a', 3, { upToSeq: 9, parts }, noPause)
    for (const length of [2 ** 48, 2 ** 31, 600_000, 100_000]) {
      const writer = new SealedWriter(pieceKey('a', 3, 0), 100)
      writer.byte(1)
      for (const number of [9, 1, length, 2]) writer.varint(number)
      for (const { checksum } of pieces.slice(1)) writer.hex(checksum)
      const { key, value, checksum } = writer.seal()
      expect(() => decodeManifest(key, value, checksum)).toThrow(Damage)
    }
  })

  it('with any one bit changed, in key or value, are damaged', () => {
    const values = [
      {
        sealed: encodeRecord('a', 5, NO_CHECKSUM, [Uint8Array.of(1, 2, 3), new Uint8Array(0)]),
        decode: decodeRecord,
      },
      { sealed: encodeHead('a', firstHead('ab'.repeat(16))), decode: decodeHead },
      {
        sealed: encodeGroup({ number: 4, checksum: NO_CHECKSUM }, [
          { documentId: 'a', historyId: null, firstSeq: 5, updates: [Uint8Array.of(1, 2, 3)] },
        ]),
        decode: decodeGroup,
      },
    ]
    for (const { sealed, decode } of values) {
      const whole = Buffer.concat([sealed.key, sealed.value])
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const flipped = Buffer.from(whole)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const key = flipped.subarray(0, sealed.key.length)
        const value = flipped.subarray(sealed.key.length)
        expect(() => decode(key, value)).toThrow(Damage)
      }
    }
  })

  it('of any bytes at all never throw anything but damage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of [decodeRecord, decodeHead, decodeGroup]) {
          expect(() => decode(recordKey('a', 1), bytes)).toThrow(Damage)
        }
        expect(() => decodeCommit(bytes)).toThrow(Damage)
      }),
      runs,
    )
  })
})

describe('[S4] the ledger', () => {
  it('adds up however the same heads came to be', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.nat(1_000))),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(steps, (list) => {
        const ledger = new Ledger()
        const heads = new Map<string, ReturnType<typeof storedHead>>()
        for (const [id, bytes] of list) {
          const after = bytes === null ? null : storedHead(id, bytes)
          const entry = ledger.next([{ documentId: id, before: heads.get(id) ?? null, after }])
          ledger.take(decodeCommit(encodeCommit('00'.repeat(16), entry).value).entry)
          if (after === null) heads.delete(id)
          else heads.set(id, after)
        }
        const direct = new Ledger()
        const all = [...heads].map(([documentId, after]) => ({ documentId, before: null, after }))
        direct.take(direct.next(all))
        expect(direct.table.differences(ledger.table)).toEqual(new Set())
        expect(direct.total).toBe(ledger.total)
        expect(ledger.table.total()).toBe(ledger.total)
        expect(ledger.commit).toBe(list.length)
      }),
      runs,
    )
  })
})

function storedHead(documentId: string, bytes: number) {
  const head = { ...firstHead('cd'.repeat(16)), bytes }
  return { ...head, checksum: encodeHead(documentId, head).checksum }
}

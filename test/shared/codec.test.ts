import * as fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { messageYjsUpdate, writeSyncStep1, writeSyncStep2, writeUpdate } from 'y-protocols/sync'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { writePermissionDenied } from 'y-protocols/auth'
import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import {
  channelPrefix,
  closeCodes,
  commonVersion,
  decodeClientFrame,
  decodeServerFrame,
  decodeStockMessage,
  decodeStockReply,
  encodeClientFrame,
  encodeServerFrame,
  encodeStockMessage,
  MAX_CHANNEL,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type AuthDenied,
  type ClientMessage,
  type ServerMessage,
  type SyncMessage,
} from '@coscribe/shared'
import { count } from '../support/count.js'

const RUNS = count('COSCRIBE_CODEC_RUNS', 3_000)

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

function document(): Y.Doc {
  const doc = new Y.Doc()
  doc.getText('content').insert(0, 'x'.repeat(200))
  return doc
}

function written(type: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, type)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

describe('the y-websocket dialect', () => {
  it('[P1] sync messages are what y-protocols writes, byte for byte', () => {
    const doc = document()
    const update = Y.encodeStateAsUpdate(doc)
    const stateVector = Y.encodeStateVector(doc)
    expect(messageYjsUpdate).toBe(2)
    const pairs: [Uint8Array, SyncMessage][] = [
      [written(0, (e) => writeSyncStep1(e, doc)), { type: 'sync-step-1', stateVector }],
      [written(0, (e) => writeSyncStep2(e, doc)), { type: 'sync-step-2', update }],
      [written(0, (e) => writeUpdate(e, update)), { type: 'update', update }],
    ]
    for (const [theirs, message] of pairs) {
      expect(hex(encodeStockMessage(message))).toBe(hex(theirs))
      expect(decodeStockMessage(theirs)).toEqual(message)
    }
  })

  it('[P1] presence, query and auth messages are what y-protocols writes, byte for byte', () => {
    const awareness = new Awareness(document())
    const update = encodeAwarenessUpdate(awareness, [awareness.clientID])
    awareness.destroy()
    const pairs: [Uint8Array, SyncMessage | AuthDenied][] = [
      [written(1, (e) => encoding.writeVarUint8Array(e, update)), { type: 'presence', update }],
      [written(3, () => undefined), { type: 'query-presence' }],
      [written(2, (e) => writePermissionDenied(e, 'nö')), { type: 'auth-denied', reason: 'nö' }],
    ]
    for (const [theirs, message] of pairs) {
      expect(hex(encodeStockMessage(message))).toBe(hex(theirs))
      expect(decodeStockReply(theirs)).toEqual(message)
    }
    const denial = encodeStockMessage({ type: 'auth-denied', reason: 'nö' })
    expect(decodeStockMessage(denial)).toMatchObject({ type: 'fault', code: 'unknown-type' })
  })

  it('[P3] the same payload behind a channel number is the coscribe.v1 frame', () => {
    const message: SyncMessage = { type: 'update', update: bytes(1, 2, 3) }
    for (const channel of [1, 127, 128, MAX_CHANNEL]) {
      const frame = Buffer.concat([channelPrefix(channel), encodeStockMessage(message)])
      expect(hex(frame)).toBe(hex(encodeServerFrame(channel, message)))
    }
  })
})

const text = (max: number) =>
  fc
    .string({ unit: 'grapheme', maxLength: max })
    .filter((value) => Buffer.from(value).toString() === value)
const number = fc.oneof(fc.nat(), fc.maxSafeNat())
const payload = fc.uint8Array({ maxLength: 300 })
const access = fc.constantFrom('none', 'read', 'comment', 'write', 'admin' as const)
const resume = fc.record({ historyId: text(8), incarnation: text(8), seq: number })

const syncMessage: fc.Arbitrary<SyncMessage> = fc.oneof(
  fc.record({ type: fc.constant('sync-step-1'), stateVector: payload }),
  fc.record({ type: fc.constantFrom('sync-step-2', 'update'), update: payload }),
  fc.record({ type: fc.constant('presence'), update: payload }),
  fc.record({ type: fc.constant('query-presence') }),
)

const clientMessage = fc.oneof(
  syncMessage,
  fc.record({
    type: fc.constant('open'),
    version: number,
    documentId: text(40),
    secret: text(20),
    historyId: text(8),
    resume: fc.option(resume),
  }),
  fc.record({ type: fc.constant('auth'), credential: text(50) }),
  fc.record({ type: fc.constant('leave') }),
) as fc.Arbitrary<ClientMessage>

const serverMessage = fc.oneof(
  syncMessage,
  fc.record({
    type: fc.constant('hello'),
    version: number,
    sessionId: text(8),
    secret: text(20),
    historyId: text(8),
    incarnation: text(8),
    access,
    code: text(8),
    reason: text(20),
    resumed: fc.boolean(),
    limits: fc.record({ messageBytes: number, documentBytes: number, presenceBytes: number }),
  }),
  fc.record({ type: fc.constant('ack'), count: number }),
  fc.record({ type: fc.constant('rejected'), count: number, code: text(8), message: text(30) }),
  fc.record({ type: fc.constant('access'), access, code: text(8), reason: text(20) }),
  fc.record({ type: fc.constant('resume-point'), seq: number }),
  fc.record({ type: fc.constant('closed'), code: fc.nat(4999), reason: text(20) }),
) as fc.Arbitrary<ServerMessage>

const channel = fc.integer({ min: 1, max: MAX_CHANNEL })

const decoders = { decodeClientFrame, decodeServerFrame, decodeStockMessage, decodeStockReply }

describe('any input', () => {
  it('[P4] what one end writes the other reads', () => {
    fc.assert(
      fc.property(channel, clientMessage, serverMessage, (on, request, reply) => {
        const frame = { type: 'frame', channel: on }
        expect(decodeClientFrame(encodeClientFrame(on, request))).toEqual({
          ...frame,
          message: request,
        })
        expect(decodeServerFrame(encodeServerFrame(on, reply))).toEqual({
          ...frame,
          message: reply,
        })
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })

  it('[P4] random bytes never throw, and what is accepted is written back as the same bytes', () => {
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(fc.nat(2), fc.oneof(fc.nat(4), fc.integer({ min: 78, max: 101 })), payload)
        .map(([on, type, rest]) => Uint8Array.from([on, type, ...rest])),
    )
    fc.assert(
      fc.property(frames, (frame) => {
        const request = decodeClientFrame(frame)
        if (request.type === 'frame') {
          expect(hex(encodeClientFrame(request.channel, request.message))).toBe(hex(frame))
        }
        const reply = decodeServerFrame(frame)
        if (reply.type === 'frame') {
          expect(hex(encodeServerFrame(reply.channel, reply.message))).toBe(hex(frame))
        }
        const stock = decodeStockReply(frame)
        if (stock.type !== 'fault') expect(hex(encodeStockMessage(stock))).toBe(hex(frame))
        decodeStockMessage(frame)
      }),
      { numRuns: RUNS },
    )
  })

  it('[P4] every truncation and every extra byte is a fault', () => {
    fc.assert(
      fc.property(channel, clientMessage, serverMessage, (on, request, reply) => {
        for (const [frame, decode] of [
          [encodeClientFrame(on, request), decodeClientFrame],
          [encodeServerFrame(on, reply), decodeServerFrame],
        ] as const) {
          for (let length = 0; length < frame.length; length++) {
            expect(decode(frame.subarray(0, length)).type).toBe('fault')
          }
          expect(decode(Buffer.concat([frame, bytes(0)])).type).toBe('fault')
        }
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    )
  })

  it('[P4] nothing outside the view is read, whatever length a message claims', () => {
    const secret = Buffer.from('another tenant')
    for (const length of [1, 5, 127, 0x7fffffff, 0xffffffff]) {
      const writer = encoding.createEncoder()
      encoding.writeVarUint(writer, length)
      const claim = encoding.toUint8Array(writer)
      const memory = Buffer.concat([bytes(0, 2), claim, secret])
      const view = new Uint8Array(memory.buffer, memory.byteOffset, 2 + claim.length)
      expect(decodeStockMessage(view)).toMatchObject({ type: 'fault', code: 'malformed' })
    }
  })

  it.each([3, 64, 65, 20_000])(
    '[R61] what is kept of a message holds nothing that lay beside it (%i bytes)',
    (length) => {
      const update = new Uint8Array(length).fill(7)
      const message = encodeStockMessage({ type: 'update', update })
      const memory = Buffer.concat([Buffer.from('before'), message, Buffer.from('behind')])
      const view = memory.subarray(6, 6 + message.length)
      for (const source of [view, Buffer.from(message.buffer)]) {
        const read = decodeStockMessage(source)
        if (read.type !== 'update') throw new Error(read.type)
        expect(read.update).toEqual(update)
        expect(read.update.constructor).toBe(Uint8Array)
        const own = source === view ? length : message.length
        expect(read.update.buffer.byteLength).toBe(own)
      }
    },
  )

  it('[P4] numbers have a bound, one form, and strings are UTF-8 within theirs', () => {
    const faults: Record<string, string> = {
      'a padded type': '8000020100',
      'a padded length': '000283000102',
      'a number above 2^53-1': '015bffffffffffffff1f',
      'an endless number': '015b' + 'ff'.repeat(20),
      'bytes that are not UTF-8': '015102c328',
      'an encoded surrogate': '015103eda080',
      'a document id beyond its bound': `0150018108${'61'.repeat(1025)}000000`,
      'a flag that is neither 0 nor 1': '0150010161000002',
      'an access level nobody knows': '015d050000',
      'a close code nobody could send': '015f882700',
      'a sync step nobody knows': '01000300',
      'a channel above the highest': '8080045b01',
      'an auth message of another kind': '010201026e6f',
      nothing: '',
    }
    for (const [name, frame] of Object.entries(faults)) {
      for (const decode of [decodeClientFrame, decodeServerFrame]) {
        expect(decode(unhex(frame)).type, name).toBe('fault')
      }
    }
    for (const decode of Object.values(decoders)) expect(decode(unhex('')).type).toBe('fault')
    expect(decodeStockMessage(unhex('800002')).type).toBe('fault')
    expect(decodeServerFrame(unhex('015bffffffffffffff0f'))).toMatchObject({
      message: { count: Number.MAX_SAFE_INTEGER },
    })
  })

  it('[P5] an unknown type is told apart from a broken message', () => {
    expect(decodeStockMessage(unhex('660101'))).toMatchObject({ code: 'unknown-type' })
    expect(decodeClientFrame(unhex('0166'))).toMatchObject({ code: 'unknown-type' })
    expect(decodeStockMessage(unhex('0005'))).toMatchObject({ code: 'malformed' })
  })

  it('[P3] channel 0 carries only what concerns the socket, other channels only what does not', () => {
    expect(decodeClientFrame(unhex('0162'))).toMatchObject({ code: 'malformed' })
    expect(decodeClientFrame(unhex('0052'))).toMatchObject({ code: 'malformed' })
    expect(decodeServerFrame(unhex('0160dc0b'))).toMatchObject({ code: 'malformed' })
    expect(() => encodeClientFrame(0, { type: 'leave' })).toThrow(RangeError)
    expect(() => encodeClientFrame(1, { type: 'ping' })).toThrow(RangeError)
    expect(() => encodeClientFrame(MAX_CHANNEL + 1, { type: 'leave' })).toThrow(RangeError)
    expect(() => channelPrefix(-1)).toThrow(RangeError)
    expect(() => channelPrefix(1.5)).toThrow(RangeError)
  })

  it('[P6] ids are written exactly or not at all, prose is shortened between characters', () => {
    const open = { type: 'open', version: 1, secret: '', historyId: '', resume: null } as const
    expect(() => encodeClientFrame(1, { ...open, documentId: 'a\ud800' })).toThrow(RangeError)
    expect(() => encodeClientFrame(1, { ...open, documentId: 'ä'.repeat(513) })).toThrow(RangeError)
    for (const prefix of ['', 'a', 'ab', 'abc']) {
      const reason = prefix + '😀'.repeat(300)
      const frame = decodeServerFrame(encodeServerFrame(1, { type: 'closed', code: 1011, reason }))
      if (frame.type === 'fault' || frame.message.type !== 'closed') throw new Error('not closed')
      expect(reason.startsWith(frame.message.reason)).toBe(true)
      expect(Buffer.byteLength(frame.message.reason)).toBeGreaterThan(1020)
      expect(Buffer.byteLength(frame.message.reason)).toBeLessThanOrEqual(1024)
    }
  })

  it('[P7] two ends use the lower version, and none below the oldest accepted', () => {
    expect(commonVersion(PROTOCOL_VERSION)).toBe(PROTOCOL_VERSION)
    expect(commonVersion(PROTOCOL_VERSION + 5)).toBe(PROTOCOL_VERSION)
    expect(commonVersion(OLDEST_PROTOCOL_VERSION - 1)).toBeNull()
    expect(closeCodes['unsupported-version']).toMatchObject({ code: 4426, retry: false })
  })
})

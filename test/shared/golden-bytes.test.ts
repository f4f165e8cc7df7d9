import { describe, expect, it } from 'vitest'
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  PROTOCOL_VERSION,
  protocolHistory,
  type ClientMessage,
  type ServerMessage,
  type SyncMessage,
} from '@coscribe/shared'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

const limits = { messageBytes: 4_194_304, documentBytes: 67_108_864, presenceBytes: 4_096 }

/** [channel, message, hex]. A row that changes is a change of the wire: see the first test. */
const fromBoth: readonly [number, SyncMessage, string][] = [
  [1, { type: 'sync-step-1', stateVector: bytes(1, 7, 3) }, '01000003010703'],
  [1, { type: 'sync-step-2', update: bytes(0, 0) }, '010001020000'],
  [300, { type: 'update', update: bytes(9, 8, 7) }, 'ac02000203090807'],
  [1, { type: 'presence', update: bytes(0) }, '01010100'],
  [1, { type: 'query-presence' }, '0103'],
]

const fromClient: readonly [number, ClientMessage, string][] = [
  ...fromBoth,
  [
    1,
    {
      type: 'open',
      version: 1,
      documentId: 'täglich',
      secret: '',
      historyId: '',
      resume: null,
    },
    '0150010874c3a4676c696368000000',
  ],
  [
    2,
    {
      type: 'open',
      version: 1,
      documentId: 'a/b',
      secret: 's3',
      historyId: 'h1',
      resume: { historyId: 'h1', incarnation: 'i1', seq: 300 },
    },
    '02500103612f6202733302683101026831026931ac02',
  ],
  [1, { type: 'auth', credential: 'token' }, '015105746f6b656e'],
  [1, { type: 'leave' }, '0152'],
  [1, { type: 'rename', title: 'Größe' }, '0153074772c3b6c39f65'],
  [0, { type: 'ping' }, '0062'],
  [0, { type: 'pong' }, '0063'],
]

const fromServer: readonly [number, ServerMessage, string][] = [
  ...fromBoth,
  [1, { type: 'auth-denied', reason: 'no' }, '010200026e6f'],
  [
    1,
    {
      type: 'hello',
      version: 1,
      sessionId: 's1',
      secret: 'x',
      historyId: 'h1',
      incarnation: 'i1',
      access: 'read',
      code: 'read-only',
      reason: 'why',
      resumed: true,
      limits,
    },
    '015a0102733101780268310269310109726561642d6f6e6c79037768790180808002808080208020',
  ],
  [1, { type: 'ack', count: 128 }, '015b8001'],
  [
    1,
    { type: 'rejected', count: 3, code: 'too-large', message: 'no' },
    '015c0309746f6f2d6c61726765026e6f',
  ],
  [1, { type: 'access', access: 'admin', code: '', reason: '' }, '015d040000'],
  [1, { type: 'resume-point', seq: 1 }, '015e01'],
  [1, { type: 'info', title: '' }, '016100'],
  [1, { type: 'info', title: 'Größe' }, '0161074772c3b6c39f65'],
  [1, { type: 'renamed', count: 1, code: '', message: '' }, '0164010000'],
  [
    1,
    { type: 'renamed', count: 300, code: 'read-only', message: 'no' },
    '0164ac0209726561642d6f6e6c79026e6f',
  ],
  [1, { type: 'closed', code: 4409, reason: 'x' }, '015fb9220178'],
  [0, { type: 'going-away', delayMs: 1500 }, '0060dc0b'],
  [0, { type: 'ping' }, '0062'],
  [0, { type: 'pong' }, '0063'],
]

function title(channel: number, message: { type: string }): string {
  return `${message.type} on ${channel}`
}

function types(rows: readonly (readonly [number, { type: string }, string])[]): string[] {
  return [...new Set(rows.map(([, message]) => message.type))].sort()
}

describe('golden bytes', () => {
  it('[P2] version 2 is current: a change of any golden row needs a new version and its line of history', () => {
    expect(PROTOCOL_VERSION).toBe(2)
    expect(protocolHistory.map((entry) => entry.version)).toEqual([1, 2])
  })

  for (const [channel, message, golden] of fromClient) {
    it(`[P2] client: ${title(channel, message)}`, () => {
      expect(hex(encodeClientFrame(channel, message))).toBe(golden)
      expect(decodeClientFrame(unhex(golden))).toEqual({ type: 'frame', channel, message })
    })
  }

  for (const [channel, message, golden] of fromServer) {
    it(`[P2] server: ${title(channel, message)}`, () => {
      expect(hex(encodeServerFrame(channel, message))).toBe(golden)
      expect(decodeServerFrame(unhex(golden))).toEqual({ type: 'frame', channel, message })
    })
  }

  it('[P2] every message has a golden row', () => {
    const sync = ['presence', 'query-presence', 'sync-step-1', 'sync-step-2', 'update']
    expect(types(fromClient)).toEqual(
      [...sync, 'auth', 'leave', 'open', 'ping', 'pong', 'rename'].sort(),
    )
    expect(types(fromServer)).toEqual(
      [
        ...sync,
        'access',
        'ack',
        'auth-denied',
        'closed',
        'going-away',
        'hello',
        'info',
        'ping',
        'pong',
        'rejected',
        'renamed',
        'resume-point',
      ].sort(),
    )
  })
})

import {
  encodeClientFrame,
  encodeStockMessage,
  PROTOCOL_VERSION,
  type ClientMessage,
  type SyncMessage,
} from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { FakePeer } from '../support/fake-peer.js'
import { bytesOf } from '../support/forge.js'
import { bytesOf as written } from '../support/fuzz/fields.js'
import { forgedOpening, TARGET_DOCUMENT } from '../support/fuzz/forged-messages.js'
import { HostileLine, NEIGHBOUR } from '../support/fuzz/hostile-line.js'
import { HostileWorld, messagesTo } from '../support/fuzz/hostile-world.js'
import { dialects, type DialectName } from '../support/raw-client.js'

function update(): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = 5
  doc.getText('content').insert(0, 'ab')
  doc.getText('content').format(0, 1, { bold: true })
  doc.getMap('map').set('key', { list: ['value', 1, null], bytes: new Uint8Array(3) })
  doc.getText('content').delete(1, 1)
  return Y.encodeStateAsUpdate(doc)
}

const state = '{"name":"eve"}'

/** A message with lengths in it, of every type that has any. */
const stock: { readonly [Type in SyncMessage['type']]: SyncMessage } = {
  'sync-step-1': { type: 'sync-step-1', stateVector: bytesOf(2, 5, 3, 4, 9) },
  'sync-step-2': { type: 'sync-step-2', update: update() },
  update: { type: 'update', update: update() },
  presence: { type: 'presence', update: bytesOf(2, 7, 1, state, 8, 1, state) },
  'query-presence': { type: 'query-presence' },
}
const own: { readonly [Type in ClientMessage['type']]: ClientMessage } = {
  ...stock,
  open: {
    type: 'open',
    version: PROTOCOL_VERSION,
    documentId: TARGET_DOCUMENT,
    secret: 's3cret',
    historyId: '',
    resume: { historyId: 'history', incarnation: 'incarnation', seq: 1 },
  },
  auth: { type: 'auth', credential: 'write' },
  leave: { type: 'leave' },
  rename: { type: 'rename', title: 'a title' },
  ping: { type: 'ping' },
  pong: { type: 'pong' },
}

function frames(dialect: DialectName): Uint8Array[] {
  if (dialect === 'y-websocket') return Object.values(stock).map(encodeStockMessage)
  return Object.values(own).map((message) => {
    const isOfSocket = message.type === 'ping' || message.type === 'pong'
    return encodeClientFrame(isOfSocket ? 0 : message.type === 'open' ? 2 : 1, message)
  })
}

/** Each byte in turn replaced by a larger number, in one, two and three bytes. */
function* inflated(frame: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < frame.length; at++) {
    const value = frame[at] ?? 0
    for (const larger of [value + 1, value + 40, 900, 70_000]) {
      yield bytesOf(frame.subarray(0, at), larger, frame.subarray(at + 1))
    }
  }
}

async function arrive(world: HostileWorld, dialect: DialectName): Promise<HostileLine> {
  const line = new HostileLine()
  world.connect(line, dialect, 'write')
  await world.settle()
  if (dialect === 'coscribe.v1') line.bring(written(forgedOpening()))
  await world.settle()
  return line
}

function holdsNeighbour(all: readonly Uint8Array[]): boolean {
  return all.some((bytes) => Buffer.from(bytes).includes(NEIGHBOUR.slice(0, 8)))
}

describe('memory beside a message, which is overwritten when it was taken', () => {
  it.each(dialects)(
    '[R61] is in nothing that is stored or sent, whatever lengths say in %s',
    async (dialect) => {
      const world = await HostileWorld.open(true)
      const lines = [await arrive(world, dialect)]
      for (const frame of frames(dialect)) {
        for (const bytes of inflated(frame)) {
          const line = lines.at(-1)
          if (line === undefined || line.closeCode !== null) {
            line?.end()
            lines.push(await arrive(world, dialect))
          }
          lines.at(-1)?.bring(bytes)
          await world.settle()
        }
      }
      // What was kept of presence is shown to whoever comes, and what was kept of updates too.
      await world.advance(3_000)
      const late = await arrive(world, dialect)
      late.bring(
        dialect === 'coscribe.v1' ? Uint8Array.of(1, 0, 0, 1, 0) : Uint8Array.of(0, 0, 1, 0),
      )
      await world.settle()
      for (const line of [...lines, late]) messagesTo(line, dialect)
      expect(world.relayed().length).toBeGreaterThan(1)
      expect(holdsNeighbour([...lines, late, world.watcher].map((line) => line.written))).toBe(
        false,
      )
      expect(holdsNeighbour(await world.stored())).toBe(false)
      expect((await world.stored()).length).toBeGreaterThan(0)
      expect(lines.length).toBeGreaterThan(100)
      expect(world.errors).toEqual([])
      await world.close()
    },
  )

  it('[R61] control: a part of it that is kept as it lies there is found', async () => {
    const world = await HostileWorld.open(true)
    const pool = Buffer.concat([Buffer.from(NEIGHBOUR), update(), Buffer.from(NEIGHBOUR)])
    const view = new Uint8Array(pool.buffer, pool.byteOffset + NEIGHBOUR.length, update().length)
    world.room.receive(new FakePeer(), view, false)
    pool.fill(NEIGHBOUR)
    await world.advance(3_000)
    expect(holdsNeighbour(await world.stored())).toBe(true)
    await world.close()
  })
})

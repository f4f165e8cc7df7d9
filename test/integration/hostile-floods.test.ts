import { WireWriter } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { storedUpdates } from '../support/faulty-store.js'
import { bytesOf, item, section, text, type, update } from '../support/forge.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { startTestServer } from '../support/test-server.js'

const ID = 'flooded'
const KiB = 1024
const MESSAGE = 512 * KiB

async function floodable(setup = {}) {
  const store = new MemoryStore()
  const server = await startTestServer({ store, ...setup })
  const url = server.url ?? ''
  const honest = await RawClient.joined(url, ID, 'coscribe.v1')
  honest.edit((doc) => doc.getText('content').insert(0, 'honest'))
  await honest.until(() => honest.acked >= 1)
  return { store, url, honest }
}

/** The honest client can still write, and is told that it is saved. */
async function stillWrites(honest: RawClient): Promise<void> {
  const acked = honest.acked
  honest.edit((doc) => doc.getText('content').insert(0, '.'))
  await honest.until(() => honest.acked > acked)
  expect(honest.ending).toBeNull()
}

async function storedBytes(store: MemoryStore): Promise<number> {
  const updates = await storedUpdates(store, ID)
  return updates.reduce((sum, bytes) => sum + bytes.length, 0)
}

/** An update that builds on one that nobody has. */
function orphan(client: number): Uint8Array {
  return update([section(client, 1, [item(text('x'.repeat(80)), { origin: [client, 0] })])])
}

describe('floods', () => {
  it.each(dialects)(
    '[R62] what waits for missing edits stops at its limit, from %s',
    async (dialect) => {
      const pendingBytes = 64 * KiB
      const { store, url, honest } = await floodable({ pendingBytes })
      const before = await storedBytes(store)
      const attacker = await RawClient.joined(url, ID, dialect)
      for (let i = 0; i < 4_000; i++) attacker.say({ type: 'update', update: orphan(1_000 + i) })
      await attacker.sync()
      expect(attacker.ending).toBeNull()
      await stillWrites(honest)
      expect((await storedBytes(store)) - before).toBeLessThan(pendingBytes + 4 * KiB)
      const newcomer = await RawClient.joined(url, ID, 'y-websocket')
      expect(newcomer.doc.getText('content').toString()).toBe('.honest')
      newcomer.close()
      attacker.close()
      honest.close()
    },
  )

  it('[R62] coming back does not raise the limit on what waits', async () => {
    const pendingBytes = 64 * KiB
    const { store, url, honest } = await floodable({ pendingBytes })
    const large = update([section(9, 1, [item(text('x'.repeat(40 * KiB)), { origin: [9, 0] })])])
    for (let i = 0; i < 10; i++) {
      const attacker = await RawClient.joined(url, ID, 'coscribe.v1')
      const sections = [section(100 + i, 1, [item(text('x'.repeat(40 * KiB)), { origin: [9, 0] })])]
      attacker.say({ type: 'update', update: i === 0 ? large : update(sections) })
      await attacker.sync()
      attacker.close()
    }
    expect(await storedBytes(store)).toBeLessThan(pendingBytes + 50 * KiB)
    await stillWrites(honest)
    honest.close()
  })

  it('[R62] what is missing arrives after all: the gap closes and everybody has it', async () => {
    const { url, honest } = await floodable({ pendingBytes: 64 * KiB })
    const author = new Y.Doc()
    author.clientID = 77
    const updates: Uint8Array[] = []
    author.on('update', (bytes: Uint8Array) => updates.push(bytes))
    for (const letter of 'abc') author.getText('late').insert(0, letter)
    const [first, ...rest] = updates
    const sender = await RawClient.joined(url, ID, 'coscribe.v1')
    for (const bytes of rest) sender.say({ type: 'update', update: bytes })
    await sender.until(() => sender.count('sync-step-1') > 1)
    expect(honest.doc.getText('late').toString()).toBe('')
    if (first !== undefined) sender.say({ type: 'update', update: first })
    await honest.until(() => honest.doc.getText('late').toString() === 'cba')
    await sender.until(() => sender.acked >= 3)
    sender.close()
    honest.close()
  })

  it('[R63] more client ids than one update may bring are turned away, and later edits stay small', async () => {
    const { store, url, honest } = await floodable()
    const attacker = await RawClient.joined(url, ID, 'coscribe.v1')
    const sections = Array.from({ length: 50_000 }, (_, i) =>
      section(3_000_000 - i, 0, [item(text('x'), { root: 'flood' })]),
    )
    attacker.say({
      type: 'update',
      update: update([section(9, 0, [item(type(0), {})]), ...sections]),
    })
    await attacker.until(() => attacker.count('rejected') > 0)
    const before = await storedBytes(store)
    await stillWrites(honest)
    // One keystroke stays one small record, however many ids the document has seen.
    expect((await storedBytes(store)) - before).toBeLessThan(100)
    // What honest people write reaches the attacker, too: the one edit was turned away, and not its author.
    expect(attacker.ending).toBeNull()
    attacker.close()
    honest.close()
  })

  it('[R63] root names stop at their limit, one at a time too, and known ones go on', async () => {
    const { url, honest } = await floodable({ rootNames: 10 })
    const attacker = await RawClient.joined(url, ID, 'coscribe.v1')
    for (let i = 0; i < 50; i++) {
      attacker.edit((doc) => doc.getText(`root ${i}`).insert(0, 'x'))
    }
    await attacker.until(() => attacker.acked >= 50)
    expect(attacker.count('rejected')).toBeGreaterThan(0)
    expect(attacker.ending).toBeNull()
    await stillWrites(honest)
    const roots = [...honest.doc.share.keys()]
    expect(roots.length).toBeLessThanOrEqual(10)
    attacker.close()
    honest.close()
  })

  it('[R63] nesting built up step by step stops at its limit', async () => {
    const { url, honest } = await floodable({ typeDepth: 20 })
    const attacker = await RawClient.joined(url, ID, 'coscribe.v1')
    for (let clock = 0; clock < 40; clock++) {
      const place = clock === 0 ? { root: 'tree' } : ({ parent: [8, clock - 1] } as const)
      attacker.say({
        type: 'update',
        update: update([section(8, clock, [item(type(0), place)])]),
      })
    }
    await attacker.until(() => attacker.acked >= 40)
    expect(attacker.ending).toBeNull()
    // That the attacker has heard of it does not say that the other has.
    await honest.sync()
    const taken = Y.decodeStateVector(Y.encodeStateVector(honest.doc)).get(8)
    expect(taken).toBe(20)
    await stillWrites(honest)
    attacker.close()
    honest.close()
  })
})

describe('questions about the document', () => {
  it.each(dialects)(
    '[R64] a reader that keeps asking without reading is answered once, in %s',
    async (dialect) => {
      const { url, honest } = await floodable({ lagBytes: 64 * KiB })
      honest.edit((doc) => doc.getText('content').insert(0, 'x'.repeat(MESSAGE)))
      await honest.until(() => honest.acked >= 2)
      const asker = await RawClient.joined(url, ID, dialect)
      const answered = asker.count('sync-step-2')
      asker.socket.pause()
      for (let i = 0; i < 200; i++) {
        asker.say({ type: 'sync-step-1', stateVector: Uint8Array.of(0) })
      }
      await stillWrites(honest)
      asker.socket.resume()
      await asker.sync()
      const bytes = asker.frames.reduce((sum, frame) => sum + frame.length, 0)
      expect(asker.count('sync-step-2')).toBeGreaterThan(answered)
      expect(bytes).toBeLessThan(40 * MESSAGE)
      asker.close()
      honest.close()
    },
  )

  it.each(dialects)(
    '[R64] a state vector that is none ends the connection, in %s',
    async (dialect) => {
      const { url, honest } = await floodable()
      const broken: Uint8Array[] = [
        new Uint8Array(0),
        bytesOf(Number.MAX_SAFE_INTEGER),
        bytesOf(2 ** 25, 1, 1),
        bytesOf(2, 1, 1),
        bytesOf(2, 1, 1, 1, 1),
        bytesOf(1, 2 ** 40, 1),
        bytesOf(1, 1, 2 ** 40),
        bytesOf(1, 1, 1, 0),
        new Uint8Array(1_000).fill(0xff),
      ]
      for (const stateVector of broken) {
        const asker = await RawClient.joined(url, ID, dialect)
        asker.say({ type: 'sync-step-1', stateVector })
        expect((await asker.ended()).code).toBe(4400)
      }
      await stillWrites(honest)
      honest.close()
    },
  )

  it.each(dialects)(
    '[R64] a vector that claims what is not there gets an answer, in %s',
    async (dialect) => {
      const { url, honest } = await floodable()
      const asker = await RawClient.joined(url, ID, dialect)
      const vector = new WireWriter().varUint(100_000)
      for (let client = 1; client <= 100_000; client++) vector.varUint(client).varUint(2 ** 31 - 1)
      const before = asker.count('sync-step-2')
      asker.say({ type: 'sync-step-1', stateVector: vector.finish() })
      await asker.until(() => asker.count('sync-step-2') > before)
      expect(asker.ending).toBeNull()
      await stillWrites(honest)
      asker.close()
      honest.close()
    },
  )
})

import { connect } from '@coscribe/client'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { eventually } from '../support/eventually.js'
import { storedUpdates } from '../support/faulty-store.js'
import { item, section, text, type, update } from '../support/forge.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { startTestServer } from '../support/test-server.js'

const ID = 'poisoned'

/**
 * Well-formed, with every id there before it is needed, and yet yjs 13.6 throws after it has integrated it: an item
 * splits another one that is a map entry, and the collection of garbage meets an item that nobody deleted.
 */
const poison = update(
  [
    section(1, 0, [
      item(type(1), { root: 'map', key: 'k' }),
      item(text('ab'), { parent: [1, 0], key: 'k' }),
      item(text('z'), { origin: [1, 1], rightOrigin: [1, 2], key: 'k' }),
      item({ kind: 3, bytes: Uint8Array.of(0) }, { root: 'map', key: 'k' }),
    ]),
  ],
  [[1, 0, 1]],
)

describe('an update that is well-formed and that yjs cannot integrate', () => {
  it('[R65] the fixture does what it is there for', () => {
    const doc = new Y.Doc()
    expect(() => Y.applyUpdate(doc, poison)).toThrow('Unexpected case')
  })

  it.each(dialects)(
    '[R65] makes the document read-only with a reason, and nothing is dropped, from %s',
    async (dialect) => {
      const store = new MemoryStore()
      const server = await startTestServer({ store })
      const url = server.url ?? ''
      const ann = await RawClient.joined(url, ID, 'coscribe.v1')
      ann.edit((doc) => doc.getText('content').insert(0, 'good '))
      await ann.until(() => ann.acked >= 1)
      const attacker = new RawClient(url, ID, dialect)
      await attacker.open()
      attacker.say({ type: 'update', update: poison })
      await attacker.until(() => attacker.messages.length > 0)
      const before = await settled(store, 2)
      // Enough for a compaction, which begins with what is on disk when the next edit comes.
      const writer = await writerWithoutYjs(url)
      writer.say({ type: 'update', update: large(7) })
      await writer.until(() => writer.acked >= 1)
      writer.say({ type: 'update', update: large(8) })
      await eventuallyMarked(store)
      expect((await store.stat(ID))?.readOnlyReason).toMatch(/^update 2 cannot be integrated/)
      const after = await storedUpdates(store, ID)
      expect(after.slice(0, 2).map(hex)).toEqual(before.map(hex))
      expect(after).toHaveLength(4)
      // Reading goes on, writing is refused with the reason; another document is as before.
      await writer.until(() => writer.last('access')?.access === 'read')
      expect(writer.last('access')?.code).toBe('read-only')
      writer.say({ type: 'update', update: large(9) })
      await writer.until(() => writer.count('rejected') > 0)
      expect(writer.last('rejected')?.code).toBe('read-only')
      expect(await storedUpdates(store, ID)).toHaveLength(4)
      const other = await RawClient.joined(url, 'another', 'coscribe.v1')
      other.edit((doc) => doc.getText('content').insert(0, 'fine'))
      await other.until(() => other.acked >= 1)
      for (const client of [ann, attacker, writer, other]) client.close()
    },
  )

  it('[R65] costs a client of ours its document, not its process, and says so', async () => {
    const server = await startTestServer({ store: new MemoryStore() })
    const url = server.url ?? ''
    const room = connect({ url, doc: ID, WebSocket })
    onTestFinished(() => room.destroy())
    await room.whenReady()
    const attacker = new RawClient(url, ID, 'y-websocket')
    await attacker.open()
    attacker.say({ type: 'update', update: poison })
    await eventually('told', () => room.status.error !== null)
    attacker.close()
  })
})

/** A session that never asks for the document: the poison throws in every Y.Doc. */
async function writerWithoutYjs(url: string): Promise<RawClient> {
  const writer = new RawClient(url, ID, 'coscribe.v1')
  await writer.open()
  return writer
}

function large(client: number): Uint8Array {
  return update([section(client, 0, [item(text('x'.repeat(70_000)), { root: 'content' })])])
}

async function settled(store: MemoryStore, count: number): Promise<Uint8Array[]> {
  let updates: Uint8Array[] = []
  await polled('stored', async () => {
    updates = await storedUpdates(store, ID)
    return updates.length === count
  })
  return updates
}

async function eventuallyMarked(store: MemoryStore): Promise<void> {
  await polled('marked', async () => (await store.stat(ID))?.readOnlyReason != null)
}

async function polled(what: string, look: () => Promise<boolean>): Promise<void> {
  let done = false
  const timer = setInterval(() => void look().then((found) => (done ||= found)), 10)
  await eventually(what, () => done).finally(() => clearInterval(timer))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

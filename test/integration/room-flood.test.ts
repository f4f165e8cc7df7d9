import { encodeClientFrame, PROTOCOL_VERSION, type ClientMessage } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import { memoryOf } from '../support/child-memory.js'
import { eventually } from '../support/eventually.js'
import { item, section, text, update } from '../support/forge.js'
import { RawClient } from '../support/raw-client.js'
import { folderForTest, spawnServer, startTestServer } from '../support/test-server.js'

const MiB = 1024 * 1024
const CHANNEL = 2
const AT_ONCE = 250
const word = update([section(1, 0, [item(text('word'), {})])])

/** Opens and leaves one document after the other; writes a word in each, if wanted. */
async function visit(client: RawClient, from: number, to: number, write: boolean): Promise<void> {
  const say = (message: ClientMessage) => client.sendFrame(encodeClientFrame(CHANNEL, message))
  for (let next = from; next < to;) {
    const left = client.count('closed')
    const until = Math.min(to, next + AT_ONCE)
    const visited = until - next
    for (; next < until; next++) {
      const documentId = `visited ${next}`
      const none = { secret: '', historyId: '', resume: null }
      say({ type: 'open', version: PROTOCOL_VERSION, documentId, ...none })
      if (write) say({ type: 'update', update: word })
      say({ type: 'leave' })
    }
    await eventually('left', () => client.count('closed') === left + visited)
    client.messages.splice(1)
    client.frames.length = 0
  }
}

describe('somebody who opens one document after the other', () => {
  it('[R76] fills no memory with rooms in which nobody is', async () => {
    const server = await spawnServer({ data: folderForTest() })
    const client = await RawClient.joined(server.url, 'home', 'coscribe.v1')
    await visit(client, 0, 2_000, false)
    const before = memoryOf(server.process.pid ?? 0).now
    await visit(client, 2_000, 7_000, false)
    expect(memoryOf(server.process.pid ?? 0).now - before).toBeLessThan(24 * MiB)
    client.close()
  })

  it('[R76] finds everything again that was written', async () => {
    const store = new MemoryStore()
    const server = await startTestServer({ store })
    const client = await RawClient.joined(server.url ?? '', 'home', 'coscribe.v1')
    await visit(client, 0, 1_500, true)
    const first = await RawClient.joined(server.url ?? '', 'visited 0', 'y-websocket')
    expect(first.doc.getText('content').toString()).toBe('word')
    await server.stop()
    await store.open()
    let stored = 0
    for (let after = ''; ;) {
      const page = await store.list({ after, limit: 1_000 })
      stored += page.ids.length
      if (page.next === null) break
      after = page.next
    }
    expect(stored).toBe(1_500)
    first.close()
    client.close()
  })
})

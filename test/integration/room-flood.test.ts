import { encodeClientFrame, PROTOCOL_VERSION, type ClientMessage } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { item, section, text, update } from '../support/forge.js'
import { RawClient } from '../support/raw-client.js'
import { startTestServer } from '../support/test-server.js'

const CHANNEL = 2
const AT_ONCE = 250
const word = update([section(1, 0, [item(text('word'), {})])])

/** Opens one document after the other, writes a word in each and leaves it. */
async function visit(client: RawClient, documents: number): Promise<void> {
  const say = (message: ClientMessage) => client.sendFrame(encodeClientFrame(CHANNEL, message))
  for (let next = 0; next < documents;) {
    const until = Math.min(documents, next + AT_ONCE)
    for (; next < until; next++) {
      const none = { secret: '', historyId: '', resume: null }
      say({ type: 'open', version: PROTOCOL_VERSION, documentId: `visited ${next}`, ...none })
      say({ type: 'update', update: word })
      say({ type: 'leave' })
    }
    await eventually('left', () => client.count('closed') === until)
  }
}

describe('somebody who opens one document after the other', () => {
  it('[R76] finds everything again that was written', async () => {
    const store = new MemoryStore()
    const server = await startTestServer({ store })
    const client = await RawClient.joined(server.url ?? '', 'home', 'coscribe.v1')
    await visit(client, 1_500)
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

import { MemoryStore } from '@coscribe/storage'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { stockVersions } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import { FaultyStore } from '../support/faulty-store.js'
import type { StockPerson } from '../support/stock-person.js'
import { answered } from '../support/stock-person.js'
import { personForTest, serverForTest, stockTests } from '../support/stock-room.js'

stockTests()

const DOCUMENT = 'echoed'

/** The text that the updates in somebody's frames since `start` make. */
function heard(person: StockPerson, start: number): string {
  const doc = new Y.Doc()
  for (const message of person.log.messages(start)) {
    if (message.type === 'update') Y.applyUpdate(doc, message.update)
  }
  return doc.getText('t').toString()
}

it.each(stockVersions)(
  '[P35] %s hears its own edit when the disk has it, not before',
  async (version) => {
    const store = new FaultyStore(new MemoryStore())
    const server = await serverForTest({ store, echo: 'on' })
    const ada = personForTest(version, server.url, DOCUMENT)
    const bob = personForTest(version, server.url, DOCUMENT)
    await ada.synced()
    await bob.synced()
    store.hang()
    const start = ada.log.received.length
    ada.type('kept')
    await bob.sees('kept')
    await answered(ada)
    // What the answer to a question contains says nothing of the disk; here the client has it all, and it is empty.
    expect(heard(ada, start)).toBe('')
    store.heal()
    await eventually('the echo', () => heard(ada, start) === 'kept')
    expect(store.appends).toBeGreaterThan(0)
    expect(ada.content).toBe('kept')
  },
)

it('[P35] by default nobody hears their own edits', async () => {
  const server = await serverForTest()
  const ada = personForTest('y-websocket 3.1.0', server.url, DOCUMENT)
  await ada.synced()
  const start = ada.log.received.length
  for (let i = 0; i < 3; i++) {
    ada.type('x')
    await answered(ada)
  }
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(ada.log.count('update', start)).toBe(0)
})

import { connect, type Room } from '@coscribe/client'
import { LevelStore, MemoryStore } from '@coscribe/storage'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { RoomRegistry } from '../../server/src/rooms/room-registry.js'
import { InfoBook } from '../../server/src/persistence/info-book.js'
import { ask } from '../support/api-client.js'
import { stockProvider } from '../support/clients.js'
import { FaultyStore } from '../support/faulty-store.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { folderForTest, startTestServer } from '../support/test-server.js'
import { token, tokenFor } from '../support/tokens.js'
import { typed } from '../support/typed-text.js'
import { silentLogger, type LogFields } from '../../server/src/log.js'

const DOC = '/api/v1/documents/doc'

interface Here {
  readonly url: string
  readonly store: LevelStore
  readonly trash: () => Promise<number>
  readonly restore: () => Promise<number>
}

async function startHere(): Promise<Here> {
  const store = new LevelStore({ path: folderForTest(), durability: 'os' })
  const { url } = await startTestServer({ store })
  const port = Number(new URL(url).port)
  return {
    url,
    store,
    trash: async () => (await ask({ port }, 'DELETE', DOC)).status,
    restore: async () => (await ask({ port }, 'POST', `${DOC}/restore`)).status,
  }
}

function person(url: string): Room {
  const room = connect({ url, doc: 'doc', WebSocket })
  onTestFinished(() => room.destroy())
  return room
}

async function textIn(store: LevelStore): Promise<string> {
  const stored = await store.load('doc')
  const doc = new Y.Doc()
  for (const update of [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]) {
    Y.applyUpdate(doc, update)
  }
  return doc.getText('t').toString()
}

/** Whether something of a writer who does not stop was taken after the answer. */
async function takesMore(): Promise<boolean> {
  const here = await startHere()
  const client = await RawClient.joined(here.url, 'doc', 'coscribe.v1')
  onTestFinished(() => client.close())
  const typing = setInterval(() => client.edit(typed('x')), 1)
  onTestFinished(() => clearInterval(typing))
  await client.until(() => client.acked > 20)
  expect(await here.trash()).toBe(200)
  const acked = client.acked
  const before = (await here.store.stat('doc'))?.lastSeq ?? 0
  // One more answer of the server, and everything before it was taken or not.
  for (let i = 0; i < 20 && client.ending === null; i++) client.edit(typed('y'))
  await here.restore()
  await expect.poll(() => here.store.readInfo('doc')).toMatchObject({ trashedAt: null })
  const other = await RawClient.joined(here.url, 'elsewhere', 'coscribe.v1')
  onTestFinished(() => other.close())
  other.edit(typed('z'))
  await other.until(() => other.acked === 1)
  expect(before).toBeGreaterThanOrEqual(acked)
  return ((await here.store.stat('doc'))?.lastSeq ?? 0) > before
}

describe('[A94] a document in the trash', () => {
  it.each(dialects)(
    'puts everybody out and lets nobody in, until it is restored (%s)',
    async (dialect) => {
      const here = await startHere()
      const client = await RawClient.joined(here.url, 'doc', dialect)
      client.edit(typed('as it was'))
      await client.sync()
      expect(await here.trash()).toBe(200)
      await client.until(() => client.ending !== null)
      expect(client.ending?.code).toBe(4410)
      const late = new RawClient(here.url, 'doc', dialect)
      await late.open()
      await late.until(() => late.ending !== null)
      expect(late.ending?.code).toBe(4410)
      if (dialect === 'y-websocket') expect(late.count('auth-denied')).toBe(1)
      expect(await here.restore()).toBe(200)
      const back = await RawClient.joined(here.url, 'doc', dialect)
      onTestFinished(() => back.close())
      expect(back.doc.getText('t').toString()).toBe('as it was')
    },
  )

  it('[K23] is a lasting refusal to our client, which keeps what was not sent until it is restored', async () => {
    const here = await startHere()
    const room = person(here.url)
    room.text('t').insert(0, 'saved')
    await room.whenSaved()
    expect(await here.trash()).toBe(200)
    await expect.poll(() => room.status.connection).toBe('closed')
    expect(room.status.error).toMatchObject({ code: 'trashed', retryable: false })
    room.text('t').insert(5, ' and more')
    expect(room.status.save).toBe('unsaved')
    room.retry()
    await expect.poll(() => room.status.error?.code).toBe('trashed')
    await here.restore()
    room.connect()
    await room.whenSaved()
    await expect.poll(() => textIn(here.store)).toBe('saved and more')
  })

  it('puts nobody out while the disk does not take it, also who has written nothing for a while', async () => {
    const store = new FaultyStore(new MemoryStore())
    const { url } = await startTestServer({ store })
    const room = person(url)
    room.text('t').insert(0, 'x')
    await room.whenSaved()
    store.fail()
    const port = Number(new URL(url).port)
    expect((await ask({ port }, 'DELETE', DOC)).status).toBe(503)
    store.heal()
    room.text('t').insert(1, 'y')
    await room.whenSaved()
    expect(room.status).toMatchObject({ connection: 'connected', error: null })
    expect((await ask({ port }, 'DELETE', DOC)).status).toBe(200)
    await expect.poll(() => room.status.error?.code).toBe('trashed')
  })

  it('is not asked for again and again by y-websocket 3', async () => {
    const here = await startHere()
    const doc = new Y.Doc()
    const provider = stockProvider('y-websocket 3.1.0', here.url.replace('http', 'ws'), 'doc', doc)
    onTestFinished(() => provider.destroy())
    doc.getText('t').insert(0, 'x')
    await expect.poll(() => textIn(here.store)).toBe('x')
    await here.trash()
    await expect.poll(() => provider.shouldConnect).toBe(false)
  })

  it('has everything that was acknowledged, and takes nothing after the answer', async () => {
    expect(await takesMore()).toBe(false)
  })

  it('control: without putting anybody out it would', async () => {
    vi.spyOn(RoomRegistry.prototype, 'expel').mockImplementation(() => {})
    vi.spyOn(InfoBook.prototype, 'refuses').mockReturnValue(false)
    onTestFinished(() => void vi.restoreAllMocks())
    expect(await takesMore()).toBe(true)
  })
})

it('[A96] it is written down who made, named, threw away and brought back which document', async () => {
  const lines: LogFields[] = []
  const logger = { ...silentLogger, info: (fields: LogFields) => void lines.push(fields) }
  const guarded = await startGuardedServer({ logger })
  const credential = await token({ sub: 'olga', documents: {}, prefixes: { '': 'admin' } })
  const headers = { Authorization: `Bearer ${credential}` }
  await ask(guarded, 'POST', '/api/v1/documents', { headers, body: { id: 'doc' } })
  await ask(guarded, 'PATCH', DOC, { headers, body: { title: 'Not for the log' } })
  await ask(guarded, 'PATCH', DOC, { headers, body: { title: 'Not for the log' } })
  const room = connect({
    url: guarded.url,
    doc: 'doc',
    WebSocket,
    token: await tokenFor('ada', { doc: 'write' }),
  })
  onTestFinished(() => room.destroy())
  await room.whenReady()
  await room.rename('Nor this')
  await ask(guarded, 'DELETE', DOC, { headers })
  await ask(guarded, 'POST', `${DOC}/restore`, { headers })
  const about = lines.filter(
    ({ audit, event }) => audit === true && String(event).startsWith('document-'),
  )
  const events = about.map(({ event, documentId, by }) => [event, documentId, by])
  expect(events).toEqual([
    ['document-created', 'doc', 'olga'],
    ['document-renamed', 'doc', 'olga'],
    ['document-renamed', 'doc', 'ada'],
    ['document-trashed', 'doc', 'olga'],
    ['document-restored', 'doc', 'olga'],
  ])
  expect(JSON.stringify(lines)).not.toMatch(/Not for the log|Nor this/)
})

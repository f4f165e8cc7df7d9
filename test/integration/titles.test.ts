import { connect, RoomError, type Room } from '@coscribe/client'
import { encodeClientFrame } from '@coscribe/shared'
import { MemoryStore, type InfoEntry } from '@coscribe/storage'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { Gate } from '../../server/src/transport/gate.js'
import { ask } from '../support/api-client.js'
import { stockProvider } from '../support/clients.js'
import { FaultyStore } from '../support/faulty-store.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { RawClient } from '../support/raw-client.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'
import { typed } from '../support/typed-text.js'

function person(url: string, token?: string): Room {
  const given = token === undefined ? {} : { token }
  const room = connect({ url, doc: 'doc', WebSocket, ...given })
  onTestFinished(() => room.destroy())
  return room
}

async function raw(url: string): Promise<RawClient> {
  const client = await RawClient.joined(url, 'doc', 'coscribe.v1')
  onTestFinished(() => client.close())
  return client
}

function rename(client: RawClient, title: string): void {
  client.sendFrame(encodeClientFrame(1, { type: 'rename', title }))
}

/** Whether anybody is shown a title while the disk has not taken it. */
async function shownTooEarly(store: FaultyStore): Promise<boolean> {
  const server = await startTestServer({ store })
  const ada = person(server.url)
  const ben = person(server.url)
  await Promise.all([ada.whenReady(), ben.whenReady()])
  store.hang()
  const renaming = ada.rename('Too early')
  await expect.poll(() => store.writesHanging).toBe(1)
  // Whatever is sent from here on comes after what was sent before.
  ben.text('content').insert(0, 'x')
  await expect.poll(() => ada.text('content').toString()).toBe('x')
  const shown = ada.info?.title !== '' || ben.info?.title !== ''
  store.fail()
  const refusal = { code: 'storage-unavailable', retryable: true }
  if (!shown) await expect(renaming).rejects.toMatchObject(refusal)
  store.heal()
  await ada.rename('In time')
  await expect.poll(() => ben.info?.title).toBe('In time')
  return shown
}

/** Titles that the disk has of somebody who is put out between two of them, when they are put out and at the end. */
async function titlesOf(second: (ada: Room, port: number, token: string) => Promise<unknown>) {
  const store = new FaultyStore(new MemoryStore())
  const { server, url, port } = await startGuardedServer({ store })
  const token = await tokenFor('ada', { doc: 'write' })
  const ada = person(url, token)
  await ada.whenReady()
  store.hang()
  const renaming = ada.rename('First')
  const outcome = second(ada, port, token)
  await expect.poll(() => store.writesHanging).toBe(1)
  const change = server.revoke({ subject: 'ada' })
  store.letThrough()
  expect(await change).toMatchObject({ pending: false })
  const answered = (await store.readInfo('doc'))?.title
  store.heal()
  await Promise.allSettled([renaming, outcome])
  // Written behind everything else of this document.
  await server.setAccess({ subject: 'ada', document: 'doc' }, 'read')
  return [answered, (await store.readInfo('doc'))?.title]
}

const live = (ada: Room): Promise<void> => ada.rename('Second')
const byHttp = async (_ada: Room, port: number, token: string): Promise<void> => {
  const headers = { Authorization: `Bearer ${token}` }
  await ask({ port }, 'PATCH', '/api/v1/documents/doc', { headers, body: { title: 'Second' } })
}

describe('[A63] titles of somebody who is put out', () => {
  it.each([
    ['live', live],
    ['by HTTP', byHttp],
  ])('are written before the answer or not at all (%s)', async (_name, second) => {
    expect(await titlesOf(second)).toEqual(['First', 'First'])
  })

  it('control: without asking again they are written after it', async () => {
    vi.spyOn(Gate.prototype, 'stillMay').mockReturnValue(true)
    onTestFinished(() => void vi.restoreAllMocks())
    expect(await titlesOf(byHttp)).toEqual(['First', 'Second'])
  })
})

describe('titles', () => {
  it('[R100, K21] everybody hears the title when they come and when it changes, by whomever', async () => {
    const server = await startTestServer()
    const ada = person(server.url)
    await ada.whenReady()
    expect(ada.info).toEqual({ title: '' })
    const heard: string[] = []
    ada.on('info', ({ title }) => heard.push(title))
    const ben = person(server.url)
    await ben.whenReady()
    await ben.rename('  Our\nplan ')
    expect(ben.info).toEqual({ title: 'Our plan' })
    await expect.poll(() => ada.info?.title).toBe('Our plan')
    const port = Number(new URL(server.url).port)
    await ask({ port }, 'PATCH', '/api/v1/documents/doc', { body: { title: 'By HTTP' } })
    await expect.poll(() => [ada.info?.title, ben.info?.title]).toEqual(['By HTTP', 'By HTTP'])
    expect(heard).toEqual(['Our plan', 'By HTTP'])
    const late = person(server.url)
    await late.whenReady()
    expect(late.info).toEqual({ title: 'By HTTP' })
  })

  it('[R101] a title is on disk before anybody is shown it', async () => {
    expect(await shownTooEarly(new FaultyStore(new MemoryStore()))).toBe(false)
  })

  it('[R101] control: of a store that does not wait for its disk it would be shown too early', async () => {
    class HastyStore extends FaultyStore {
      override writeInfo(batch: readonly InfoEntry[]): Promise<void> {
        super.writeInfo(batch).catch(() => undefined)
        return Promise.resolve()
      }
    }
    expect(await shownTooEarly(new HastyStore(new MemoryStore()))).toBe(true)
  })

  it('[R102, K22] only writers rename, and who does it too often is told', async () => {
    const guarded = await startGuardedServer()
    const ada = person(guarded.url, await tokenFor('ada', { doc: 'write' }))
    const eve = person(guarded.url, await tokenFor('eve', { doc: 'comment' }))
    await Promise.all([ada.whenReady(), eve.whenReady()])
    await expect(eve.rename('Evil')).rejects.toMatchObject({ code: 'read-only', retryable: false })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 25 }, (_, index) => ada.rename(`Title ${index}`)),
    )
    const done = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(done).toBeGreaterThanOrEqual(20)
    expect(done).toBeLessThan(25)
    const refused = outcomes.find((outcome) => outcome.status === 'rejected')
    expect(refused?.reason).toBeInstanceOf(RoomError)
    expect(refused?.reason).toMatchObject({ code: 'rate-limited', retryable: true })
    await expect.poll(() => eve.info?.title).toMatch(/^Title \d+$/)
    ada.disconnect()
    await expect(ada.rename('Later')).rejects.toMatchObject({ code: 'offline' })
  })

  it('[R103] who speaks the first version, or the y-websocket dialect, hears nothing of titles', async () => {
    const server = await startTestServer()
    const ada = person(server.url)
    const old = new RawClient(server.url, 'doc', 'coscribe.v1')
    onTestFinished(() => old.close())
    await old.until(() => old.socket.readyState === old.socket.OPEN)
    const open = {
      type: 'open',
      documentId: 'doc',
      secret: '',
      historyId: '',
      resume: null,
    } as const
    old.sendFrame(encodeClientFrame(1, { ...open, version: 1 }))
    const stock = await RawClient.joined(server.url, 'doc', 'y-websocket')
    onTestFinished(() => stock.close())
    const doc = new Y.Doc()
    const provider = stockProvider(
      'y-websocket 1.5.4',
      server.url.replace('http', 'ws'),
      'doc',
      doc,
    )
    onTestFinished(() => provider.destroy())
    await ada.whenReady()
    await expect.poll(() => old.count('hello')).toBe(1)
    await ada.rename('News')
    ada.text('t').insert(0, 'after')
    await expect.poll(() => doc.getText('t').toString()).toBe('after')
    await old.until(() => old.count('update') > 0)
    await stock.until(() => stock.count('update') > 0)
    expect(old.count('info')).toBe(0)
    expect(stock.messages.some(({ type }) => type === 'info' || type === 'renamed')).toBe(false)
    rename(old, 'Mine')
    await old.until(() => old.ending !== null)
    expect(old.ending?.code).toBe(4400)
    expect(ada.info?.title).toBe('News')
  })

  it('[R104] renames of a session are done in their order, each answered by its number after its title', async () => {
    const server = await startTestServer()
    const client = await raw(server.url)
    for (const title of ['One', 'Two', 'Two', 'Three']) rename(client, title)
    await client.until(() => client.count('renamed') === 4)
    const news = client.messages.filter(({ type }) => type === 'info' || type === 'renamed')
    expect(news).toEqual([
      { type: 'info', title: '' },
      { type: 'info', title: 'One' },
      { type: 'renamed', count: 1, code: '', message: '' },
      { type: 'info', title: 'Two' },
      { type: 'renamed', count: 2, code: '', message: '' },
      { type: 'renamed', count: 3, code: '', message: '' },
      { type: 'info', title: 'Three' },
      { type: 'renamed', count: 4, code: '', message: '' },
    ])
  })

  it('[R105] a title makes a document, whose maker is who gave it, as does the first edit', async () => {
    const store = new MemoryStore()
    const guarded = await startGuardedServer({ store })
    const ada = person(guarded.url, await tokenFor('ada', { doc: 'write' }))
    await ada.whenReady()
    await ada.rename('Named')
    expect(await store.readInfo('doc')).toMatchObject({ title: 'Named', createdBy: 'ada' })
    const arrival = { token: await tokenFor('ben', { typed: 'write' }) }
    const ben = await RawClient.joined(guarded.url, 'typed', 'y-websocket', arrival)
    onTestFinished(() => ben.close())
    ben.edit(typed('x'))
    await expect.poll(() => store.readInfo('typed')).toMatchObject({ title: '', createdBy: 'ben' })
  })
})

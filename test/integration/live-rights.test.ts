import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@coscribe/client'
import { encodeClientFrame, PROTOCOL_VERSION, systemClock, type Cancel } from '@coscribe/shared'
import { MemoryStore, type StoredDocument } from '@coscribe/storage'
import { createServer } from '@coscribe/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { eventually } from '../support/eventually.js'
import { FaultyStore } from '../support/faulty-store.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { StockPerson } from '../support/stock-person.js'
import { folderForTest, STOP_MS } from '../support/test-server.js'
import { SECRET, seconds, token, tokenFor } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

/** Ada, and Grace who sees what she does. */
async function pair(url: string, dialect: 'y-websocket' | 'coscribe.v1') {
  const graces = { token: await tokenFor('grace', { doc: 'write' }) }
  const adas = { token: await tokenFor('ada', { doc: 'write' }, { exp: seconds(600) }) }
  const ada = await RawClient.joined(url, 'doc', dialect, adas)
  const grace = await RawClient.joined(url, 'doc', 'coscribe.v1', graces)
  onTestFinished(() => {
    ada.close()
    grace.close()
  })
  return { ada, grace }
}

/** An awareness update about a client, by which it is seen. */
function presenceOf(client: RawClient): Uint8Array {
  const awareness = new Awareness(client.doc)
  awareness.setLocalState({ name: 'Ada' })
  const update = encodeAwarenessUpdate(awareness, [client.doc.clientID])
  awareness.destroy()
  return update
}

describe.each(dialects)('in %s', (dialect) => {
  it('[A63] who is put out is told, is not seen any more, and others stay', async () => {
    const { server, url } = await startGuardedServer()
    const { ada, grace } = await pair(url, dialect)
    ada.say({ type: 'presence', update: presenceOf(ada) })
    await grace.until(() => grace.count('presence') > 0)
    const before = grace.count('presence')
    expect(server.sessions().map(({ subject }) => subject)).toEqual(['ada', 'grace'])

    expect(await server.revoke({ subject: 'ada' })).toEqual({ sessions: 1, pending: false })
    expect(server.sessions().map(({ subject }) => subject)).toEqual(['grace'])
    expect(await ada.ended()).toMatchObject({ code: 4403 })
    expect(ada.count('auth-denied')).toBe(dialect === 'y-websocket' ? 1 : 0)
    await grace.until(() => grace.count('presence') > before)
    const gone = Buffer.from(grace.last('presence')?.update ?? []).toString()
    expect(gone.endsWith('null')).toBe(true)
    await grace.sync()
    expect(grace.ending).toBeNull()
  })

  it('[A63] one session is ended by its id, and comes back by the same credential', async () => {
    const { server, url } = await startGuardedServer()
    const { ada } = await pair(url, dialect)
    const id = server.sessions().find(({ subject }) => subject === 'ada')?.id ?? ''
    expect(await server.revoke({ session: id })).toEqual({ sessions: 1, pending: false })
    expect((await ada.ended()).code).toBe(4403)
    // Nothing was revoked, and nobody is told so.
    expect(ada.last('closed')?.reason ?? ada.last('auth-denied')?.reason).toBe(
      'this session was ended',
    )
    const again = await RawClient.joined(url, 'doc', dialect, {
      token: await tokenFor('ada', { doc: 'write' }),
    })
    again.close()
    expect(await server.revoke({ session: id })).toEqual({ sessions: 0, pending: false })
  })

  it('[A65] nothing is sent to a session whose credential has ended, before it is closed either', async () => {
    const { url, forward } = await startGuardedServer()
    const graces = { token: await token({ sub: 'grace', exp: seconds(36_000) }) }
    const adas = { token: await token({ exp: seconds(600) }) }
    const ada = await RawClient.joined(url, 'doc', dialect, adas)
    const grace = await RawClient.joined(url, 'doc', 'coscribe.v1', graces)
    forward(600_000)
    grace.edit(typed('not for Ada'))
    grace.say({ type: 'presence', update: presenceOf(grace) })
    expect((await ada.ended()).code).toBe(4401)
    expect(textOf(ada)).toBe('')
    expect(ada.messages.filter(({ type }) => type === 'presence')).toEqual([])
    for (const client of [ada, grace]) client.close()
  })

  it('[A64] access is lowered and raised without a new connection', async () => {
    const { server, url } = await startGuardedServer()
    const { ada, grace } = await pair(url, dialect)
    const target = { subject: 'ada', document: 'doc' }
    expect(await server.setAccess(target, 'read')).toEqual({ sessions: 1, pending: false })
    const update = ada.edit(typed('later '))
    await ada.sync()
    grace.edit(typed('Grace'))
    await ada.until(() => textOf(ada).includes('Grace'))
    if (dialect === 'y-websocket') expect(ada.count('auth-denied')).toBe(1)
    else
      expect([ada.last('access')?.access, ada.last('rejected')?.code]).toEqual([
        'read',
        'read-only',
      ])
    const asked = ada.count('sync-step-1')

    await server.setAccess(target, 'write')
    await ada.sync()
    // What was refused is asked for where nothing else says that it may come now.
    expect(ada.count('sync-step-1') - asked).toBe(dialect === 'y-websocket' ? 1 : 0)
    ada.say({ type: 'update', update })
    await grace.until(() => textOf(grace).includes('later'))
    expect(ada.ending).toBeNull()
  })
})

it('[A63] on a connection with several documents one is closed and the others go on', async () => {
  const { server, url } = await startGuardedServer()
  const adas = { token: await tokenFor('ada', { doc: 'write', other: 'write' }) }
  const ada = await RawClient.joined(url, 'doc', 'coscribe.v1', adas)
  const open = {
    type: 'open',
    version: PROTOCOL_VERSION,
    documentId: 'other',
    secret: '',
    historyId: '',
  } as const
  ada.sendFrame(encodeClientFrame(2, { ...open, resume: null }))
  await ada.until(() => ada.count('hello') === 2)
  expect(await server.revoke({ document: 'other' })).toEqual({ sessions: 1, pending: false })
  expect((await ada.ended()).code).toBe(4403)
  expect(server.sessions().map(({ documentId }) => documentId)).toEqual(['doc'])
  expect(ada.socket.readyState).toBe(WebSocket.OPEN)
  ada.close()
})

/** Loads nothing until it may. */
class SlowStore extends MemoryStore {
  readonly waiting: (() => void)[] = []

  override async load(documentId: string): Promise<StoredDocument | undefined> {
    await new Promise<void>((resolve) => this.waiting.push(resolve))
    return super.load(documentId)
  }
}

it.each(dialects)(
  '[A60] in %s: who is put out while their document is loaded does not get in',
  async (dialect) => {
    const store = new SlowStore()
    const { server, url } = await startGuardedServer({ store })
    const ada = new RawClient(url, 'doc', dialect, undefined, { token: await token() })
    const opened = ada.open()
    await eventually('it is being loaded', () => store.waiting.length > 0)
    await server.revoke({ subject: 'ada' })
    for (const resolve of store.waiting) resolve()
    await opened
    expect((await ada.ended()).code).toBe(4403)
    expect(ada.count('sync-step-1')).toBe(0)
    ada.close()
  },
)

describe('an edit that is under way to the disk when its author is put out', () => {
  it('[A63] is there before the answer, and what was queued behind it too', async () => {
    const disk = new MemoryStore()
    const store = new FaultyStore(disk)
    const { server, url } = await startGuardedServer({ store })
    const { ada, grace } = await pair(url, 'coscribe.v1')
    store.hang()
    ada.edit(typed('one'))
    await eventually('it is under way', () => store.writesHanging === 1)
    ada.edit(typed('two '))
    await grace.until(() => textOf(grace) === 'two one')
    let answered = false
    const answer = server.revoke({ subject: 'ada' }).finally(() => (answered = true))
    expect((await ada.ended()).code).toBe(4403)
    store.letThrough()
    await eventually('the next is under way', () => store.writesHanging === 1)
    expect(answered).toBe(false)
    // Others go on, and are not waited for.
    grace.edit(typed('three '))
    store.letThrough()
    expect(await answer).toEqual({ sessions: 1, pending: false })
    const stored = (await disk.load('doc'))?.tail ?? []
    expect(stored).toHaveLength(2)
    store.heal()
  })

  it('[A63] is said to be waiting when the disk does not take it in time', async () => {
    const store = new FaultyStore(new MemoryStore())
    const late: (() => void)[] = []
    // The five seconds are over when the test says so.
    const after = (ms: number, callback: () => void): Cancel => {
      if (ms !== 5_000) return systemClock.after(ms, callback)
      late.push(callback)
      return () => {}
    }
    const { server, url } = await startGuardedServer({ store, clock: { ...systemClock, after } })
    const { ada, grace } = await pair(url, 'coscribe.v1')
    store.fail()
    ada.edit(typed('one'))
    await grace.until(() => textOf(grace) === 'one')
    const answer = server.revoke({ subject: 'ada' })
    late.forEach((callback) => callback())
    expect(await answer).toEqual({ sessions: 1, pending: true })
    store.heal()
  })

  it('[A63] is said to be waiting when the server stops before the disk has taken it', async () => {
    const store = new FaultyStore(new MemoryStore())
    const data = folderForTest()
    const setup = { port: 0, logLevel: 'silent', authSecret: SECRET, stopTimeoutMs: 1_000 } as const
    const server = createServer({ ...setup, data, store })
    await server.start()
    const { ada, grace } = await pair(server.url, 'coscribe.v1')
    store.hang()
    ada.edit(typed('one'))
    await grace.until(() => textOf(grace) === 'one')
    await eventually('it is under way', () => store.writesHanging === 1)
    const answer = server.revoke({ subject: 'ada' })
    const stopped = server.stop().catch((error: unknown) => error)
    expect(await answer).toEqual({ sessions: 1, pending: true })
    store.letThrough()
    await eventually('it is committed all the same', () => store.appends === 1)
    expect(await stopped).toMatchObject({ code: 'storage-unavailable' })
  })
})

it('[A62] who was put out stays out when the server comes back, and a newer credential lets in', async () => {
  const usual = { port: 0, logLevel: 'silent', stopTimeoutMs: STOP_MS } as const
  const setup = { ...usual, authSecret: SECRET, data: folderForTest() }
  const old = await token({ iat: seconds(-10) })
  const first = createServer(setup)
  await first.start()
  const ada = await RawClient.joined(first.url, 'doc', 'coscribe.v1', { token: old })
  await first.revoke({ subject: 'ada' })
  await first.stop()
  ada.close()
  // Two minutes later: for the first of them a credential may be of an issuer whose clock is ahead.
  const clock = { ...systemClock, wallTime: () => systemClock.wallTime() + 120_000 }
  const second = createServer({ ...setup, clock })
  await second.start()
  onTestFinished(() => second.stop())
  const again = new RawClient(second.url, 'doc', 'y-websocket', undefined, { token: old })
  expect((await again.ended()).code).toBe(4403)
  const newer = { token: await token({ iat: seconds(100) }) }
  const back = await RawClient.joined(second.url, 'doc', 'y-websocket', newer)
  expect(back.ending).toBeNull()
  for (const client of [again, back]) client.close()
  await second.stop()
  await expect(second.revoke({ subject: 'ada' })).rejects.toMatchObject({ code: 'closed' })
  const path = join(setup.data, 'revocations.json')
  writeFileSync(path, readFileSync(path, 'utf8').replace('ada', 'eve'))
  const third = createServer(setup)
  await expect(third.start()).rejects.toMatchObject({ code: 'store-damaged' })
})

it('[A60] a token id is of one credential, whatever moment is named with it', async () => {
  const { server, url } = await startGuardedServer()
  const adas = { token: await token({ iat: seconds(0), jti: 'adas' }) }
  await server.revoke({ tokenId: 'adas' }, { before: 0 })
  const ada = new RawClient(url, 'doc', 'y-websocket', undefined, adas)
  expect((await ada.ended()).code).toBe(4403)
  ada.close()
  const nobody = { subject: 'ada', tokenId: 'adas' }
  await expect(server.revoke(nobody)).rejects.toThrow(TypeError)
  await expect(server.revoke({} as never)).rejects.toThrow(TypeError)
  await expect(server.revoke({ everybody: false } as never)).rejects.toThrow(TypeError)
  const tomorrow = Date.now() + 24 * 3_600_000
  await expect(server.revoke({ subject: 'ada' }, { before: tomorrow })).rejects.toThrow(RangeError)
  await expect(createServer().revoke({ subject: 'ada' })).rejects.toThrow(TypeError)
})

it('[A64] our client keeps what it may not write any more, and saves it when it may again', async () => {
  const { server, url } = await startGuardedServer()
  const room = connect({ url, doc: 'doc', token: await token(), WebSocket })
  onTestFinished(() => room.destroy())
  await room.whenReady()
  const target = { subject: 'ada', document: 'doc' }
  await server.setAccess(target, 'read')
  await eventually('it is told', () => room.status.access === 'read')
  room.ydoc.getText('t').insert(0, 'kept')
  await eventually('it is not saved', () => room.status.save === 'unsaved')
  expect(room.status.connection).toBe('connected')
  expect(room.ydoc.getText('t').toString()).toBe('kept')
  await server.setAccess(target, 'write')
  await eventually('it is saved', () => room.status.save === 'saved')
  expect(room.status.access).toBe('write')
})

it('[A64] a stock client is told by the next edit, and all it wrote comes up when it may write again', async () => {
  const { server, url } = await startGuardedServer()
  const { grace } = await pair(url, 'coscribe.v1')
  const protocols = ['y-websocket', `coscribe.token.${await token({ sub: 'ben' })}`]
  const ben = new StockPerson('y-websocket 3.1.0', url.replace('http', 'ws'), 'doc', { protocols })
  onTestFinished(() => ben.leave())
  await ben.synced()
  const target = { subject: 'ben', document: 'doc' }
  await server.setAccess(target, 'read')
  ben.type('one ')
  await eventually('told', () => ben.log.count('auth-denied') === 1)
  ben.type('two')
  await server.setAccess(target, 'write')
  await grace.until(() => textOf(grace) === 'one two')
  ben.type(' three')
  await grace.until(() => textOf(grace) === 'one two three')
  expect(ben.log.count('auth-denied')).toBe(1)
})

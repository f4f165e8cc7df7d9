import { encodeClientFrame } from '@coscribe/shared'
import { connect } from '@coscribe/client'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { silentLogger } from '../../server/src/log.js'
import { socketsFrom, startProxied } from '../support/elsewhere.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { item, section, text, update } from '../support/forge.js'
import { dialects, RawClient, type Arrival, type DialectName } from '../support/raw-client.js'
import { clientFrame, RawSocket } from '../support/raw-socket.js'
import { passing, runningClock, seconds } from '../support/running-clock.js'
import { startTestServer } from '../support/test-server.js'
import { tokenFor } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

const KiB = 1024

function from(address: string, token?: string): Arrival {
  const headers = { 'X-Forwarded-For': address }
  return token === undefined ? { headers } : { headers, token }
}

async function arrival(address: string, sub = 'ada'): Promise<Arrival> {
  return from(address, await tokenFor(sub, { doc: 'write' }))
}

/** Connects, says its first words and waits for the end. */
async function turnedAway(url: string, dialect: DialectName, how: Arrival): Promise<RawClient> {
  const client = new RawClient(url, 'doc', dialect, undefined, how)
  await client.open()
  await client.ended()
  return client
}

/** One letter each of so many clients. */
function letters(first: number, count: number): Uint8Array {
  const sections = Array.from({ length: count }, (_, i) =>
    section(1_000_000 - first - i, 0, [item(text('x'), { root: 't' })]),
  )
  return update(sections)
}

async function metricsOf(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/metrics`, { headers })
}

describe('connections', () => {
  it.each(dialects)(
    '[B32] above the limit of an address are closed with 4503, in %s, and those of others are not',
    async (dialect) => {
      const { url } = await startProxied({ maxConnectionsPerAddress: 2 })
      const here = await arrival('203.0.113.7')
      const inside = [
        await RawClient.joined(url, 'doc', dialect, here),
        await RawClient.joined(url, 'doc', dialect, here),
      ]
      const third = await turnedAway(url, dialect, here)
      expect(third.ending).toMatchObject({ code: 4503 })
      if (dialect === 'coscribe.v1')
        expect(third.last('going-away')?.delayMs).toBeGreaterThan(4_000)
      else expect(third.last('auth-denied')?.reason).toMatch(/this address.*try again/)
      // What a client writes into the header itself stands before what the proxy wrote.
      const forged = await arrival('198.51.100.1, 203.0.113.7')
      expect((await turnedAway(url, dialect, forged)).ending?.code).toBe(4503)
      const other = await RawClient.joined(url, 'doc', dialect, await arrival('203.0.113.8'))
      expect(other.ending).toBeNull()
      inside[0]?.close()
      await expect
        .poll(async () => {
          const next = new RawClient(url, 'doc', dialect, undefined, here)
          await next.open()
          return next.ending
        })
        .toBeNull()
    },
  )

  it.each(dialects)(
    '[B32] above the limit of a user are closed with 4503, in %s',
    async (dialect) => {
      const { url } = await startProxied({ maxConnectionsPerUser: 1 })
      const ada = await RawClient.joined(url, 'doc', dialect, await arrival('203.0.113.7'))
      const more = await turnedAway(url, dialect, await arrival('203.0.113.8'))
      expect(more.ending?.code).toBe(4503)
      const ben = await RawClient.joined(url, 'doc', dialect, await arrival('203.0.113.7', 'ben'))
      ada.edit(typed('hello'))
      await ben.until(() => textOf(ben) === 'hello')
    },
  )

  it('[B38] of this machine are not limited, nor those of a proxy that is not named', async () => {
    const limits = { maxConnectionsPerUser: 1, maxConnectionsPerAddress: 1, updateBurst: 1 }
    const local = await startGuardedServer(limits)
    const token = await tokenFor('ada', { doc: 'write' })
    const clients = await Promise.all(
      dialects.map((dialect) => RawClient.joined(local.url, 'doc', dialect, { token })),
    )
    for (let i = 0; i < 500; i++) clients[0]?.edit(typed('x'))
    await clients[1]?.until(() => textOf(clients[1]!).length === 500)
    expect(clients.map(({ ending }) => ending)).toEqual([null, null])

    // Nobody told the server of this proxy: addresses mean nothing, users still do, and the log says so once.
    const warnings: string[] = []
    const warn = (_fields: object, message: string): void => void warnings.push(message)
    const behind = await startGuardedServer({ ...limits, logger: { ...silentLogger, warn } })
    await RawClient.joined(behind.url, 'doc', 'y-websocket', await arrival('203.0.113.7'))
    await RawClient.joined(behind.url, 'doc', 'y-websocket', await arrival('203.0.113.7', 'ben'))
    const again = await turnedAway(behind.url, 'y-websocket', await arrival('203.0.113.9'))
    expect(again.ending?.code).toBe(4503)
    expect(warnings).toEqual(['a proxy sends requests on that is not named by trusted-proxies'])

    const open = await startTestServer({ ...limits, trustedProxies: '127.0.0.1' })
    const anybody = from('203.0.113.7')
    await RawClient.joined(open.url, 'doc', 'y-websocket', anybody)
    const second = await RawClient.joined(open.url, 'doc', 'y-websocket', anybody)
    expect(second.ending).toBeNull()
  })
})

describe('strangers', () => {
  it('[B33] beyond the limit of an address make place for those who come', async () => {
    const { url } = await startProxied({ maxStrangersPerAddress: 3 })
    const strangers = Array.from(
      { length: 8 },
      () => new RawClient(url, 'doc', 'coscribe.v1', undefined, from('203.0.113.7')),
    )
    await Promise.all(strangers.slice(0, 5).map((stranger) => stranger.ended()))
    expect(strangers.slice(0, 5).map(({ ending }) => ending?.code)).toEqual(Array(5).fill(4503))
    // Who brings a credential is not one of them.
    const ada = new RawClient(url, 'doc', 'coscribe.v1', undefined, from('203.0.113.7'))
    await ada.until(() => ada.socket.readyState === WebSocket.OPEN)
    ada.auth(await tokenFor('ada', { doc: 'write' }))
    await ada.open()
    expect(ada.hello).not.toBeNull()
    for (const stranger of strangers) stranger.close()
  })

  it('[B33] are read up to 64 KiB, and closed when their time is over', async () => {
    const { url, server, port, forward } = await startProxied()
    const raw = await RawSocket.upgraded(port, '/', {
      'Sec-WebSocket-Protocol': 'coscribe.v1',
      'X-Forwarded-For': '203.0.113.7',
    })
    const nothing = encodeClientFrame(1, {
      type: 'update',
      update: new Uint8Array(30 * KiB),
    })
    for (let i = 0; i < 1_000; i++) raw.send(clientFrame(nothing))
    await expect.poll(async () => (await metricsOf(url)).status).toBe(404)
    // The rest of the 30 MB is still here, or in the system's buffers.
    await expect.poll(() => raw.socket.writableLength > 8 * 1024 * KiB).toBe(true)
    const before = raw.socket.bytesWritten - raw.socket.writableLength
    forward(11_000)
    await raw.until('a close frame', () => raw.closeCode !== null)
    expect(raw.closeCode).toBe(4401)
    expect(before).toBeLessThan(8 * 1024 * KiB)
    raw.destroy()
    await expect.poll(() => server.connections).toBe(0)
  })

  it('[B33] that send their credential with much else behind it are let in', async () => {
    const { url } = await startProxied({ strangerBytes: 16 * KiB })
    const client = new RawClient(url, 'doc', 'coscribe.v1', undefined, from('203.0.113.7'))
    await client.until(() => client.socket.readyState === WebSocket.OPEN)
    const big = new Y.Doc()
    big.getText('t').insert(0, 'x'.repeat(500 * KiB))
    client.auth(await tokenFor('ada', { doc: 'write' }))
    const open = { type: 'open', version: 1, secret: '', historyId: '', resume: null } as const
    client.sendFrame(encodeClientFrame(1, { ...open, documentId: 'doc' }))
    client.say({ type: 'update', update: Y.encodeStateAsUpdate(big) })
    await client.until(() => client.acked === 1)
    expect(client.hello).not.toBeNull()
    expect(client.ending).toBeNull()
  })
})

describe('somebody who sends too much', () => {
  it.each(dialects)(
    '[B34] is read more slowly in %s: all arrives, and others do not wait',
    async (dialect) => {
      const clock = runningClock()
      const limits = { updateRate: 200, updateBurst: 100, userShare: 1 }
      const { url } = await startProxied({ clock, ...limits })
      const fast = await RawClient.joined(url, 'doc', dialect, await arrival('203.0.113.7'))
      const other = await RawClient.joined(
        url,
        'doc',
        'coscribe.v1',
        await arrival('203.0.113.7', 'ben'),
      )
      const began = clock.now()
      for (let i = 0; i < 300; i++) fast.edit(typed('x'))
      // Meanwhile:
      other.edit((doc) => doc.getText('other').insert(0, 'y'))
      await other.until(() => other.acked === 1)
      expect(textOf(other).length).toBeLessThan(300)
      await passing(clock, 'all is taken', () => textOf(other).length === 300)
      expect(clock.now() - began).toBeGreaterThan(900)
      expect(fast.ending).toBeNull()
    },
  )

  it('[B34] is still who they were when they come back', async () => {
    const { url } = await startProxied({ updateRate: 10, updateBurst: 1, userShare: 1 })
    const fast = await RawClient.joined(url, 'doc', 'coscribe.v1', await arrival('203.0.113.7'))
    for (let i = 0; i < 30; i++) fast.edit(typed('x'))
    await fast.until(() => fast.acked >= 2)
    fast.socket.terminate()
    const began = performance.now()
    const back = await RawClient.joined(url, 'doc', 'coscribe.v1', await arrival('203.0.113.9'))
    for (let i = 0; i < 10; i++) back.edit(typed('y'))
    await back.until(() => back.acked >= 10)
    expect(performance.now() - began).toBeGreaterThan(700)
  })

  it('[B35] and whose client would take a silent server for dead is sent a message', async () => {
    const clock = runningClock()
    const { url } = await startProxied({
      clock,
      inboundRateBytes: 64 * KiB,
      inboundBurstBytes: 64 * KiB,
      userShare: 1,
    })
    const ada = await RawClient.joined(url, 'doc', 'coscribe.v1', await arrival('203.0.113.7'))
    const big = new Y.Doc()
    big.getText('t').insert(0, 'x'.repeat(4_000 * KiB))
    ada.say({ type: 'update', update: Y.encodeStateAsUpdate(big) })
    await seconds(clock, 40)
    await ada.until(() => ada.count('pong') > 0)
    expect(ada.acked).toBe(0)
    for (let i = 0; i < 10; i++) await seconds(clock, 10)
    await ada.until(() => ada.acked === 1)
    expect(ada.ending).toBeNull()
  })

  it('[B37] of client ids is told when to try again, and our client does', async () => {
    const { url } = await startProxied({ newClientsPerMinute: 60 })
    const forger = await RawClient.joined(url, 'doc', 'coscribe.v1', await arrival('203.0.113.7'))
    forger.say({ type: 'update', update: letters(0, 1_202) })
    await forger.until(() => forger.acked === 1)
    forger.say({ type: 'update', update: letters(5_000, 1) })
    await forger.until(() => forger.acked === 2)
    expect(forger.last('rejected')).toMatchObject({ count: 2, code: 'rate-limited' })
    expect(forger.last('rejected')?.message).toMatch(/try again in \d+ s/)
    const stock = await RawClient.joined(url, 'doc', 'y-websocket', await arrival('203.0.113.7'))
    stock.edit(typed('not yet'))
    await stock.until(() => stock.count('auth-denied') === 1)
    const ben = await RawClient.joined(
      url,
      'doc',
      'coscribe.v1',
      await arrival('203.0.113.7', 'ben'),
    )
    ben.edit(typed('ben'))
    await ben.until(() => ben.acked === 1)
    expect(ben.count('rejected')).toBe(0)

    const token = await tokenFor('ada', { doc: 'write' })
    const room = connect({ url, doc: 'doc', WebSocket: socketsFrom('203.0.113.7'), token })
    await room.whenReady()
    room.ydoc.getText('t').insert(0, 'patient')
    await room.whenSaved({ timeout: 60_000 })
    await ben.until(() => textOf(ben).includes('patient'))
    room.destroy()
  })
})

it('[B37] the log tells of a document with very many client ids, once', async () => {
  const warnings: object[] = []
  const warn = (fields: object, message: string): void => void warnings.push({ ...fields, message })
  const { url } = await startTestServer({ logger: { ...silentLogger, warn } })
  const ada = await RawClient.joined(url, 'doc', 'coscribe.v1')
  ada.say({ type: 'update', update: letters(0, 20_000) })
  await ada.until(() => ada.acked === 1)
  ada.edit(typed('one more'))
  await ada.until(() => ada.acked === 2)
  const message = 'a document has very many client ids'
  expect(warnings).toEqual([{ documentId: 'doc', clientCount: 20_000, message }])
})

describe('the numbers of a server', () => {
  it('[B39] count what happens, and are read on this machine only', async () => {
    const { url, port } = await startGuardedServer({ trustedProxies: '127.0.0.2' })
    const token = await tokenFor('ada', { doc: 'write' })
    const ada = await RawClient.joined(url, 'doc', 'coscribe.v1', { token })
    ada.edit(typed('hello'))
    await ada.until(() => ada.acked === 1)
    await turnedAway(url, 'y-websocket', { token: 'nonsense' })
    const answer = await metricsOf(url)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('version=0.0.4')
    const numbers = await answer.text()
    expect(numbers).toMatch(/^coscribe_connections 1$/m)
    expect(numbers).toMatch(/^coscribe_documents_open 1$/m)
    expect(numbers).toMatch(/^coscribe_commits_total [1-9]/m)
    expect(numbers).toMatch(/^coscribe_commit_failures_total 0$/m)
    expect(numbers).toMatch(/^coscribe_queued_bytes 0$/m)
    expect(numbers).toMatch(/^coscribe_unsent_bytes \d+$/m)
    expect(numbers).toMatch(/^coscribe_refusals_total\{reason="not-authenticated"\} 1$/m)
    for (const line of numbers.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) coscribe_\w+ .+|coscribe_\w+(\{\w+="[a-z-]+"\})? \d+)$/)
    }
    expect(numbers).not.toContain('ada')
    expect((await metricsOf(url, { 'X-Forwarded-For': '127.0.0.1' })).status).toBe(404)
    const raw = new RawSocket(port)
    raw.send('GET /metrics HTTP/1.1\r\nHost: rebound.example\r\n\r\n')
    await raw.until('an answer', () => raw.status > 0)
    expect(raw.status).toBe(404)
  })

  it('[B39] are for nobody, or for everybody, where that is wanted', async () => {
    const off = await startTestServer({ metrics: 'off' })
    expect((await metricsOf(off.url)).status).toBe(404)
    const on = await startProxied({ metrics: 'on' })
    expect((await metricsOf(on.url, { 'X-Forwarded-For': '203.0.113.7' })).status).toBe(200)
  })
})

import { encodeClientFrame } from '@coscribe/shared'
import type { CoscribeServer } from '@coscribe/server'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { RawClient } from '../support/raw-client.js'
import { clientFrame, RawSocket } from '../support/raw-socket.js'
import { PING } from '../support/server-frames.js'
import { startTestServer } from '../support/test-server.js'
import { typed, syncedPair } from '../support/typed-text.js'
import { runningClock, seconds } from '../support/running-clock.js'

const portOf = (server: CoscribeServer): number => Number(new URL(server.url).port)

describe('a server', () => {
  it('[P26] closes with 4413 before a message that is too large has arrived whole', async () => {
    const server = await startTestServer({ messageBytes: 64 * 1024, documentBytes: 1024 ** 2 })
    const port = portOf(server)
    const announced = await RawSocket.upgraded(port)
    announced.send(clientFrame(new Uint8Array(100), { length: { value: 2n ** 21n, bytes: 8 } }))
    await announced.until('a close frame', () => announced.closeCode !== null)
    expect(announced.closeCode).toBe(4413)

    // Within what a document may hold: only a client that was asked may send it, and this one has answered.
    const client = new RawClient(server.url, 'doc', 'y-websocket')
    await client.open()
    await client.until(() => client.count('sync-step-1') === 1)
    client.say({ type: 'sync-step-2', update: Uint8Array.of(0, 0) })
    const big = new Y.Doc()
    big.getText('t').insert(0, 'x'.repeat(500_000))
    client.say({ type: 'update', update: Y.encodeStateAsUpdate(big) })
    expect(await client.ended()).toMatchObject({ code: 4413 })

    const asked = new RawClient(server.url, 'doc', 'coscribe.v1')
    await asked.open()
    await asked.until(() => asked.count('sync-step-1') === 1)
    asked.say({ type: 'sync-step-2', update: Y.encodeStateAsUpdate(big) })
    await asked.until(() => asked.acked === 1)
    expect(asked.ending).toBeNull()
    announced.destroy()
  })

  it('[B5] large answers wait for each other beyond the budget, and all arrive', async () => {
    const MiB = 1024 ** 2
    const server = await startTestServer({
      messageBytes: 64 * 1024,
      documentBytes: MiB,
      inboundBytes: MiB,
    })
    const clients = await Promise.all(
      ['a', 'b', 'c'].map(async (id) => {
        const client = new RawClient(server.url, id, 'coscribe.v1')
        await client.open()
        await client.until(() => client.count('sync-step-1') === 1)
        return client
      }),
    )
    for (const client of clients) {
      const doc = new Y.Doc()
      doc.getText('t').insert(0, 'y'.repeat(700_000))
      client.say({ type: 'sync-step-2', update: Y.encodeStateAsUpdate(doc) })
    }
    for (const client of clients) await client.until(() => client.acked === 1)
    expect(clients.map(({ ending }) => ending)).toEqual([null, null, null])
  })

  it('[B6] closes connections above a limit with 4503, and takes the next when one has left', async () => {
    const { url } = await startTestServer({ maxConnectionsPerDocument: 2, maxConnections: 3 })
    const [a] = await syncedPair(url)
    const third = new RawClient(url, 'doc', 'y-websocket')
    expect(await third.ended()).toMatchObject({ code: 4503 })
    const elsewhere = await RawClient.joined(url, 'elsewhere', 'y-websocket')
    const fourth = new RawClient(url, 'yet another', 'y-websocket')
    expect(await fourth.ended()).toMatchObject({ code: 4503 })
    a.socket.close()
    await a.ended()
    const next = await RawClient.joined(url, 'doc', 'y-websocket')
    expect([next.ending, elsewhere.ending]).toEqual([null, null])
  })

  it('[B6] opens only so many documents on one connection', async () => {
    const { url } = await startTestServer({ maxChannels: 1 })
    const client = await RawClient.joined(url, 'doc', 'coscribe.v1')
    const open = { type: 'open', version: 1, secret: '', historyId: '', resume: null } as const
    client.sendFrame(encodeClientFrame(2, { ...open, documentId: 'another' }))
    expect(await client.ended()).toMatchObject({ code: 4503 })
    client.ending = null
    client.edit(typed('still open'))
    await client.until(() => client.acked === 1)
    expect(client.ending).toBeNull()
  })

  it('[P32] keeps a silent y-websocket client company, pings it, and lets it go when it is gone', async () => {
    const clock = runningClock()
    const server = await startTestServer({ clock })
    const raw = await RawSocket.upgraded(portOf(server))
    await raw.until('a step 1', () => raw.frames.length > 0)
    await seconds(clock, 60)
    const company = raw.frames.filter(({ payload }) => payload[0] === 1 && payload.length === 3)
    expect(company.length).toBeGreaterThanOrEqual(3)
    expect(raw.frames.filter(({ opcode }) => opcode === PING).length).toBe(2)
    expect(raw.closed).toBe(false)
    await seconds(clock, 30)
    await raw.ended()

    const present = await RawClient.joined(server.url, 'doc', 'y-websocket')
    for (let i = 0; i < 20; i++) await seconds(clock, 10)
    expect(present.ending).toBeNull()
  })

  it('[B5] a large answer that trickles in gives way when others wait', async () => {
    const clock = runningClock()
    const server = await startTestServer({
      clock,
      messageBytes: 64 * 1024,
      documentBytes: 1024 ** 2,
      inboundBytes: 1024 ** 2,
    })
    const large = clientFrame(new Uint8Array(500_000))
    const slow = await RawSocket.upgraded(portOf(server), '/slow')
    await slow.until('a step 1', () => slow.frames.length > 0)
    slow.send(large.subarray(0, 400_000))
    const doc = new Y.Doc()
    doc.getText('t').insert(0, 'y'.repeat(700_000))
    const waiting = new RawClient(server.url, 'waiting', 'coscribe.v1')
    await waiting.open()
    await waiting.until(() => waiting.count('sync-step-1') === 1)
    // The server reads in turns: after these it has read what the slow one sent.
    for (let turn = 1; turn <= 20; turn++) {
      waiting.sendFrame(encodeClientFrame(0, { type: 'ping' }))
      await waiting.until(() => waiting.count('pong') === turn)
    }
    waiting.say({ type: 'sync-step-2', update: Y.encodeStateAsUpdate(doc) })
    for (let i = 0; i < 8 && slow.closeCode === null; i++) {
      expect(waiting.acked).toBe(0)
      slow.send(large.subarray(400_000 + i, 400_001 + i))
      await seconds(clock, 10)
    }
    await slow.until('a close frame', () => slow.closeCode === 1013)
    await waiting.until(() => waiting.acked === 1)
    slow.destroy()
  })
})

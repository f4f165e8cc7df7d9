import { EventEmitter, once } from 'node:events'
import { encodeClientFrame, SUBPROTOCOL } from '@coscribe/shared'
import { createServer, type CoscribeServer, type Logger } from '@coscribe/server'
import { MemoryStore, type StoredDocument } from '@coscribe/storage'
import { WebSocket } from 'ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import { ManualClock } from '../support/manual-clock.js'
import { RawClient } from '../support/raw-client.js'
import { clientFrame, RawSocket } from '../support/raw-socket.js'
import { BINARY, PING } from '../support/server-frames.js'
import { folderForTest, startTestServer } from '../support/test-server.js'

const typed = (text: string) => (doc: Y.Doc) => doc.getText('t').insert(0, text)
const textOf = (client: RawClient): string => client.doc.getText('t').toString()

const portOf = (server: CoscribeServer): number => Number(new URL(server.url).port)

/** Time that goes on by itself, and in leaps when a test wants. */
function runningClock(): ManualClock {
  const clock = new ManualClock()
  const timer = setInterval(() => clock.advance(1), 1)
  onTestFinished(() => clearInterval(timer))
  return clock
}

/** Lets seconds pass one by one, so that both ends hear each other in between. */
async function seconds(clock: ManualClock, count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    clock.advance(1_000)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function syncedPair(url: string, id = 'doc'): Promise<[RawClient, RawClient]> {
  return [
    await RawClient.joined(url, id, 'y-websocket'),
    await RawClient.joined(url, id, 'coscribe.v1'),
  ]
}

/** A store that loads a document only when told to. */
class SlowStore extends MemoryStore {
  readonly #gates = new Map<string, Promise<unknown>>()

  hold(documentId: string): () => void {
    const gate = new EventEmitter()
    this.#gates.set(documentId, once(gate, 'open'))
    return () => {
      this.#gates.delete(documentId)
      gate.emit('open')
    }
  }

  override async load(documentId: string): Promise<StoredDocument | undefined> {
    await this.#gates.get(documentId)
    return super.load(documentId)
  }
}

describe('a server', () => {
  it('[P22] carries edits between both dialects', async () => {
    const { url } = await startTestServer()
    const [stock, own] = await syncedPair(url)
    stock.edit(typed('from y-websocket '))
    own.edit(typed('from coscribe.v1 '))
    await stock.until(() => textOf(stock).length === 34)
    await own.until(() => textOf(own) === textOf(stock))
    expect(textOf(own).length).toBe(34)
    await own.until(() => own.acked === 1)
  })

  it('[P22] asks first, answers each step 1, and answers with step 2 last', async () => {
    const { url } = await startTestServer()
    const [, own] = await syncedPair(url)
    own.edit(typed('content'))
    await own.until(() => own.acked === 1)
    const late = new RawClient(url, 'doc', 'y-websocket')
    await late.open()
    await late.sync()
    expect(late.messages[0]?.type).toBe('sync-step-1')
    expect(late.messages.at(-1)?.type).toBe('sync-step-2')
    expect(textOf(late)).toBe('content')
    await late.sync()
    expect(late.count('sync-step-2')).toBe(2)
  })

  it('[P20] tells a person whose document name cannot be used', async () => {
    const { url } = await startTestServer()
    for (const path of ['', '.hidden', 'x'.repeat(256)]) {
      const client = new RawClient(url, '', 'y-websocket', path)
      expect(await client.ended()).toMatchObject({ code: 4400, reason: 'protocol-error' })
      expect(client.last('auth-denied')?.reason).toMatch(/^a document id cannot be/)
      expect(client.count('sync-step-2')).toBe(0)
    }
    const own = new RawClient(url, '.hidden', 'coscribe.v1')
    await own.open()
    expect(own.ending).toMatchObject({ code: 4400 })
    expect(own.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('[P20] never logs the query', async () => {
    const lines: string[] = []
    const log = (fields: object, message: string): void => {
      lines.push(JSON.stringify(fields) + message)
    }
    const logger: Logger = { error: log, warn: log, info: log, debug: log }
    const server = await startTestServer({ logger })
    const client = new RawClient(server.url, 'doc', 'y-websocket', 'doc?token=hush')
    await client.open()
    await client.sync()
    client.sayBytes(Uint8Array.of(0, 9))
    await client.ended()
    const bad = new RawClient(server.url, '', 'y-websocket', '%00?token=hush')
    await bad.ended()
    await server.stop()
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('\n')).not.toContain('hush')
  })

  it('[P21] selects a protocol and never a token', async () => {
    const { url } = await startTestServer()
    const ws = url.replace('http', 'ws')
    const token = `eyJ.${'a'.repeat(60)}.b`
    const marked = new WebSocket(`${ws}/doc`, ['yjs', token])
    await once(marked, 'open')
    expect(marked.protocol).toBe('yjs')
    const ours = new WebSocket(ws, [token, SUBPROTOCOL])
    await once(ours, 'open')
    expect(ours.protocol).toBe(SUBPROTOCOL)
    const raw = await RawSocket.upgraded(Number(new URL(url).port), '/doc', {
      'Sec-WebSocket-Protocol': token,
    })
    expect(raw.head?.toLowerCase()).not.toContain('sec-websocket-protocol')
    for (const client of [marked, ours]) client.terminate()
    raw.destroy()
  })

  it('[P24] ignores message types of an app, and closes with 4400 for what only servers send', async () => {
    const { url } = await startTestServer()
    const client = await RawClient.joined(url, 'doc', 'y-websocket')
    client.sayBytes(Uint8Array.of(102, 1, 7))
    client.sayBytes(Uint8Array.of(4, 1, 2, 3))
    client.edit(typed('still here'))
    const other = await RawClient.joined(url, 'doc', 'y-websocket')
    await other.until(() => textOf(other) === 'still here')
    client.sayBytes(Uint8Array.of(2, 0, 1, 65))
    expect(await client.ended()).toMatchObject({ code: 4400 })
  })

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

  it('[P27] tells a y-websocket client once that its edit was refused, and goes on sending to it', async () => {
    const store = new MemoryStore()
    await store.open()
    const server = await startTestServer({ store })
    const [stock, own] = await syncedPair(server.url)
    own.edit(typed('x'))
    await own.until(() => own.acked === 1)
    await server.stop()
    await store.open()
    await store.mark('doc', 'an operator said so')
    const again = await startTestServer({ store })
    const reader = await RawClient.joined(again.url, 'doc', 'y-websocket')
    for (const text of ['a', 'b', 'c']) reader.edit(typed(text))
    await reader.until(() => reader.count('auth-denied') > 0)
    await reader.sync()
    expect(reader.count('auth-denied')).toBe(1)
    expect(reader.last('auth-denied')?.reason).toContain('an operator said so')
    expect(reader.ending).toBeNull()
    const teller = await RawClient.joined(again.url, 'doc', 'coscribe.v1')
    expect(teller.hello).toMatchObject({ access: 'read', code: 'read-only' })
    teller.edit(typed('d'))
    await teller.until(() => teller.last('rejected') !== null)
    expect(teller.last('rejected')).toMatchObject({ count: 1, code: 'read-only' })
    await teller.until(() => teller.acked === 1)
    expect(stock.ending).toMatchObject({ code: 1012 })
  })

  it('[P30] tells a client that its history was replaced, and nothing else', async () => {
    const { url } = await startTestServer()
    const [, own] = await syncedPair(url)
    own.edit(typed('content'))
    await own.until(() => own.acked === 1)
    const stranger = new RawClient(url, 'doc', 'coscribe.v1')
    await stranger.open({ historyId: 'f'.repeat(32) })
    expect(stranger.ending).toMatchObject({ code: 4409 })
    expect(stranger.messages.map(({ type }) => type)).toEqual(['closed'])
    const vanished = new RawClient(url, 'another', 'coscribe.v1')
    await vanished.open({ historyId: 'f'.repeat(32) })
    expect(vanished.ending).toMatchObject({ code: 4409 })
    const same = new RawClient(url, 'doc', 'coscribe.v1')
    await same.open({ historyId: own.hello?.historyId ?? '' })
    expect(same.hello).not.toBeNull()
  })

  it('[P29] resumes from an announced point, and from no other', async () => {
    const { url } = await startTestServer()
    const [stock, own] = await syncedPair(url)
    stock.edit(typed('one '))
    await own.until(() => (own.resumePoint?.seq ?? 0) === 1)
    const point = own.resumePoint
    const historyId = own.hello?.historyId ?? ''
    own.close()
    stock.edit(typed('two '))

    const back = new RawClient(url, 'doc', 'coscribe.v1')
    await back.open({ historyId, resume: point })
    expect(back.hello?.resumed).toBe(true)
    await back.until(() => back.count('sync-step-2') === 1)
    // Only the tail: the replica lacks what came before the point.
    expect(textOf(back)).toBe('')
    Y.applyUpdate(back.doc, Y.encodeStateAsUpdate(own.doc))
    expect(textOf(back)).toBe('two one ')

    for (const wrong of [{ seq: 99 }, { incarnation: 'x' }, { historyId: 'x' }]) {
      const client = new RawClient(url, 'doc', 'coscribe.v1')
      await client.open({ resume: point === null ? null : { ...point, ...wrong } })
      expect(client.hello?.resumed).toBe(false)
      client.close()
    }
  })

  it('[P31] gives out a secret that proves the same principal later', async () => {
    const { url } = await startTestServer()
    const first = await RawClient.joined(url, 'doc', 'coscribe.v1')
    const secret = first.hello?.secret ?? ''
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    const same = new RawClient(url, 'doc', 'coscribe.v1')
    await same.open({ secret })
    expect(same.hello?.secret).toBe(secret)
    const weak = new RawClient(url, 'doc', 'coscribe.v1')
    await weak.open({ secret: 'guess me' })
    expect(weak.hello?.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(weak.hello?.secret).not.toBe(secret)
  })

  it('[P34] keeps what arrives while a document is loaded, in order', async () => {
    const store = new SlowStore()
    const release = store.hold('doc')
    const server = await startTestServer({ store })
    const client = new RawClient(server.url, 'doc', 'y-websocket')
    await client.open()
    for (const letter of 'dcba') client.edit(typed(letter))
    client.say({ type: 'sync-step-1', stateVector: Uint8Array.of(0) })
    const other = await RawClient.joined(server.url, 'another', 'y-websocket')
    expect(client.messages).toEqual([])
    release()
    await client.until(() => client.count('sync-step-2') === 1)
    const reader = await RawClient.joined(server.url, 'doc', 'y-websocket')
    expect(textOf(reader)).toBe('abcd')
    expect(other.ending).toBeNull()
  })

  it('[P34] a client that goes away while its document is loaded never joins', async () => {
    const store = new SlowStore()
    const release = store.hold('doc')
    const server = await startTestServer({ store, maxConnectionsPerDocument: 1 })
    const port = portOf(server)
    const gone = await RawSocket.upgraded(port)
    gone.send(clientFrame(new Uint8Array(0), { opcode: 8 }))
    release()
    await gone.ended()
    const next = await RawClient.joined(server.url, 'doc', 'y-websocket')
    expect(next.ending).toBeNull()
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

  it('[P23] sends frames a client reads one message at a time', async () => {
    const server = await startTestServer()
    const port = portOf(server)
    const raw = await RawSocket.upgraded(port)
    raw.send(clientFrame(Uint8Array.of(0, 0, 1, 0)))
    await raw.until('an answer', () => raw.frames.length >= 2)
    expect(raw.frames.map(({ opcode }) => opcode)).toEqual([BINARY, BINARY])
    expect(raw.frames[1]?.payload).toEqual(Uint8Array.of(0, 1, 2, 0, 0))
    raw.destroy()
  })
})

describe('the http side', () => {
  it('[L6] answers health checks and shows a page that loads nothing', async () => {
    const server = createServer({ port: 0, data: folderForTest(), logLevel: 'silent' })
    const { url } = await server.start()
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' })
    const page = await fetch(`${url}/status`)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    const html = await page.text()
    expect(html).toContain(url.replace('http', 'ws'))
    expect(html).not.toMatch(/<script|src=|href=/)
    expect((await fetch(`${url}/nothing`)).status).toBe(404)
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405)
    await server.stop()
    await expect(fetch(`${url}/readyz`)).rejects.toThrow()
  })

  it('[A1] answers loopback names and pages only', async () => {
    const { url } = await startTestServer()
    const port = Number(new URL(url).port)
    const statusFor = async (headers: Record<string, string | null>): Promise<number> => {
      const raw = new RawSocket(port)
      const lines = Object.entries({ Host: 'localhost', ...headers })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')
      raw.send(`GET / HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`)
      await raw.ended()
      return raw.status
    }
    expect(await statusFor({})).toBe(200)
    expect(await statusFor({ Host: 'evil.example' })).toBe(403)
    const upgrade = async (headers: Record<string, string>): Promise<number> => {
      const raw = await RawSocket.upgraded(port, '/doc', headers).catch((error: unknown) =>
        Number(/HTTP\/1\.1 (\d+)/.exec(String(error))?.[1]),
      )
      if (typeof raw === 'number') return raw
      raw.destroy()
      return raw.status
    }
    expect(await upgrade({ Origin: 'http://localhost:5173' })).toBe(101)
    expect(await upgrade({ Origin: 'https://evil.example' })).toBe(403)
    expect(await upgrade({ Origin: 'null' })).toBe(403)
    expect(await upgrade({ Host: 'rebound.example' })).toBe(403)
  })

  it('[A2] refuses to listen for everybody', () => {
    expect(() => createServer({ host: '0.0.0.0' })).toThrow(
      /no authentication yet.*--host 127\.0\.0\.1/,
    )
  })

  it('[L7] closes everything in time when the store hangs, and says so', async () => {
    class HangingStore extends MemoryStore {
      override append(): Promise<void> {
        return new Promise(() => {})
      }
    }
    const server = createServer({
      port: 0,
      logLevel: 'silent',
      store: new HangingStore(),
      stopTimeoutMs: 1_000,
    })
    const { url } = await server.start()
    const client = await RawClient.joined(url, 'doc', 'coscribe.v1')
    client.edit(typed('never saved'))
    const other = await RawClient.joined(url, 'doc', 'y-websocket')
    await other.until(() => textOf(other) === 'never saved')
    await expect(server.stop()).rejects.toThrow(/could not be written/)
    expect(await other.ended()).toMatchObject({ code: 1012 })
    expect(client.acked).toBe(0)
  })
})

import { EventEmitter, once } from 'node:events'
import { SUBPROTOCOL } from '@coscribe/shared'
import type { CoscribeServer, Logger } from '@coscribe/server'
import { MemoryStore, type StoredDocument } from '@coscribe/storage'
import { WebSocket } from 'ws'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { RawClient } from '../support/raw-client.js'
import { clientFrame, RawSocket } from '../support/raw-socket.js'
import { BINARY } from '../support/server-frames.js'
import { startTestServer } from '../support/test-server.js'
import { textOf, typed, syncedPair } from '../support/typed-text.js'

const portOf = (server: CoscribeServer): number => Number(new URL(server.url).port)

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

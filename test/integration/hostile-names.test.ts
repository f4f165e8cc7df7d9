import { connect as connectTcp } from 'node:net'
import { once } from 'node:events'
import { encodeClientFrame, PROTOCOL_VERSION } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import { bytesOf, sized } from '../support/forge.js'
import { RawClient } from '../support/raw-client.js'
import { startTestServer } from '../support/test-server.js'

/** The status line a server answers to an upgrade for this raw path. */
async function statusOf(port: number, path: string): Promise<number> {
  const socket = connectTcp(port, '127.0.0.1')
  await once(socket, 'connect')
  const headers = [
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ]
  socket.write(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1')
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1])
}

const badPaths: readonly (readonly [string, string])[] = [
  ['a lone surrogate', '/room-%ED%A0%80'],
  ['another lone surrogate', '/room-%ED%BF%BF'],
  ['NUL', '/room%00'],
  ['dots', '/..'],
  ['dots that lead up', '/a/../b'],
  ['encoded dots', '/%2e%2e/b'],
  ['half-encoded dots', '/a/.%2e/b'],
  ['bytes that are no UTF-8', '/%ff%fe'],
  ['10 KB', `/${'x'.repeat(10_000)}`],
  ['an absolute address', 'http://127.0.0.1/room'],
]

const badIds: readonly (readonly [string, Uint8Array | string])[] = [
  ['a lone surrogate', Uint8Array.of(0xed, 0xa0, 0x80)],
  ['bytes that are no UTF-8', Uint8Array.of(0xff)],
  ['NUL', 'room\0'],
  ['nothing', ''],
  ['a leading dot', '.hidden'],
  ['dots', '..'],
  ['256 bytes', 'x'.repeat(256)],
  ['10 KB', 'x'.repeat(10_000)],
]

/** An `open` with these bytes where the document id belongs. */
function openWith(id: Uint8Array | string): Uint8Array {
  const model = encodeClientFrame(1, {
    type: 'open',
    version: PROTOCOL_VERSION,
    documentId: '',
    secret: '',
    historyId: '',
    resume: null,
  })
  // channel, type, version, then the empty id's length.
  const bytes = typeof id === 'string' ? new TextEncoder().encode(id) : id
  return bytesOf(model.subarray(0, 3), sized(bytes), model.subarray(4))
}

describe('document ids', () => {
  it('[R67] paths that are no id are refused before there is a socket, and open nothing', async () => {
    const store = new MemoryStore()
    const server = await startTestServer({ store })
    const { port } = new URL(server.url ?? '')
    for (const [name, path] of badPaths) {
      const status = await statusOf(Number(port), path)
      expect([name, status]).toEqual([name, path.length > 2_048 ? 414 : 400])
    }
    expect(await statusOf(Number(port), '/a%2Fb')).toBe(101)
    expect((await store.list()).ids).toEqual([])
  })

  it.each(badIds)('[R67] %s opens no document in coscribe.v1', async (_, id) => {
    const store = new MemoryStore()
    const server = await startTestServer({ store })
    const client = new RawClient(server.url ?? '', 'unused', 'coscribe.v1')
    await client.until(() => client.socket.readyState === client.socket.OPEN)
    client.sendFrame(openWith(id))
    expect((await client.ended()).code).toBe(4400)
    expect((await store.list()).ids).toEqual([])
    client.close()
  })

  it('[R67] ids that look alike or share a beginning are documents of their own', async () => {
    const server = await startTestServer()
    const ids = [
      'caf\u00e9',
      'cafe\u0301',
      'A',
      'a',
      'a/b',
      'a',
      'a b',
      'a%b',
      'a?b',
      '\ufeffa',
      'a\u0001',
    ]
    const distinct = [...new Set(ids)]
    for (const [index, id] of distinct.entries()) {
      const author = await RawClient.joined(server.url ?? '', id, 'coscribe.v1')
      author.edit((doc) => doc.getText('content').insert(0, `canary ${index}`))
      await author.until(() => author.acked >= 1)
      author.close()
    }
    for (const [index, id] of distinct.entries()) {
      const reader = await RawClient.joined(server.url ?? '', id, 'y-websocket')
      expect(reader.doc.getText('content').toString()).toBe(`canary ${index}`)
      const frames = Buffer.concat(reader.frames).toString('latin1')
      expect(frames.match(/canary \d+/g)).toEqual([`canary ${index}`])
      reader.close()
    }
  })

  it('[R67] a message for another channel than the opened one reaches no document', async () => {
    const store = new MemoryStore()
    const server = await startTestServer({ store })
    const other = await RawClient.joined(server.url ?? '', 'b', 'coscribe.v1')
    const client = await RawClient.joined(server.url ?? '', 'a', 'coscribe.v1')
    const update = client.edit((doc) => doc.getText('content').insert(0, 'for a only'))
    client.sendFrame(encodeClientFrame(2, { type: 'update', update }))
    await client.until(() => client.acked >= 1)
    await client.sync()
    await other.sync()
    expect(other.doc.getText('content').toString()).toBe('')
    expect((await store.list()).ids).toEqual(['a'])
    client.close()
    other.close()
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { encodeStockMessage } from '@coscribe/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { RawClient } from '../support/raw-client.js'
import { clientFrame, RawSocket, upgradeRequest } from '../support/raw-socket.js'
import { spawnServer, type ServerProcess } from '../support/test-server.js'
import { Witness } from '../support/witness.js'

/** Short, since some wait for it; but a client that sends each byte by itself has to be done by then. */
const HTTP_TIMEOUT_MS = 3_000
const folder = mkdtempSync(join(tmpdir(), 'coscribe-hostile-'))
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** The status a request is answered with, when the connection is over. */
async function send(request: string): Promise<number> {
  const raw = new RawSocket(server.port)
  raw.send(request)
  await raw.ended()
  return raw.status
}

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'y']))
}

function twice(header: string): string {
  return upgradeRequest(server.port).replace('\r\n\r\n', `\r\n${header}\r\n\r\n`)
}

/** A handshake and a first sync. */
function conversation(): Buffer {
  return Buffer.concat([
    Buffer.from(upgradeRequest(server.port, '/broken')),
    clientFrame(encodeStockMessage({ type: 'sync-step-1', stateVector: bytes(0) })),
    clientFrame(encodeStockMessage({ type: 'sync-step-2', update: bytes(0, 0) })),
  ])
}

async function resetAfter(start: Buffer): Promise<void> {
  const raw = new RawSocket(server.port)
  await new Promise((resolve) => raw.socket.once('connect', resolve))
  await new Promise((resolve) => raw.socket.write(start, resolve))
  raw.reset()
  await raw.ended()
}

let server: ServerProcess
let witness: Witness

beforeAll(async () => {
  server = await spawnServer(
    { data: folder, httpTimeoutMs: HTTP_TIMEOUT_MS, logLevel: 'error' },
    { cleanup: 'caller' },
  )
  witness = await Witness.at(server)
})

afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

describe('requests', () => {
  const cases: [string, () => string, number[]][] = [
    ['2,000 headers', () => upgradeRequest(server.port, '/doc', many(2_000)), [431]],
    ['200 headers', () => upgradeRequest(server.port, '/doc', many(200)), [431]],
    ['a URL of 64 KB', () => upgradeRequest(server.port, `/${'a'.repeat(65_536)}`), [414, 431]],
    ['a URL of 3 KB', () => upgradeRequest(server.port, `/${'a'.repeat(3_000)}`), [414]],
    ['a query of 3 KB', () => upgradeRequest(server.port, `/a?${'a'.repeat(3_000)}`), [414]],
    ['NUL', () => upgradeRequest(server.port, '/%00'), [400]],
    ['a dot segment', () => upgradeRequest(server.port, '/%2e%2e%2f'), [400]],
    ['a broken escape', () => upgradeRequest(server.port, '/%e0%a4%a'), [400]],
    ['an absolute target', () => upgradeRequest(server.port, 'http://127.0.0.1/doc'), [400]],
    ['another server as target', () => upgradeRequest(server.port, 'http://evil.example/'), [400]],
    ['an asterisk', () => upgradeRequest(server.port, '*'), [400]],
    ['no Host', () => upgradeRequest(server.port, '/doc', { Host: null }), [400]],
    ['two Hosts', () => twice('Host: evil.example'), [400]],
    ['two credentials', () => twice('Authorization: Bearer a\r\nAuthorization: Bearer b'), [400]],
    ['two Upgrades', () => twice('Upgrade: h2c'), [400]],
    ['two keys', () => twice('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='), [400]],
    ['two versions', () => twice('Sec-WebSocket-Version: 13'), [400]],
    ['two Origins', () => twice('Origin: http://localhost\r\nOrigin: http://localhost'), [400]],
    ['no key', () => upgradeRequest(server.port, '/', { 'Sec-WebSocket-Key': null }), [400]],
    ['a bad key', () => upgradeRequest(server.port, '/', { 'Sec-WebSocket-Key': 'x' }), [400]],
    [
      'version 12',
      () => upgradeRequest(server.port, '/', { 'Sec-WebSocket-Version': '12' }),
      [426],
    ],
    [
      'no version',
      () => upgradeRequest(server.port, '/', { 'Sec-WebSocket-Version': null }),
      [426],
    ],
    ['h2c', () => upgradeRequest(server.port, '/', { Upgrade: 'h2c' }), [400]],
    ['HTTP/1.0', () => upgradeRequest(server.port).replace('HTTP/1.1', 'HTTP/1.0'), [400]],
    ['HTTP/0.9', () => upgradeRequest(server.port).replace('HTTP/1.1', 'HTTP/0.9'), [400]],
    ['POST', () => upgradeRequest(server.port).replace('GET', 'POST'), [405]],
    [
      'a bad subprotocol list',
      () => upgradeRequest(server.port, '/', { 'Sec-WebSocket-Protocol': 'a,,b' }),
      [400],
    ],
    ['a header folded', () => upgradeRequest(server.port, '/', { 'X-A': 'b\r\n c' }), [400]],
    ['a NUL in a header', () => upgradeRequest(server.port, '/', { 'X-A': 'b\0c' }), [400]],
    [
      'two lengths',
      () =>
        'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      [400],
    ],
    ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [0, 400, 505]],
    ['TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
    [
      'CONNECT',
      () => 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n',
      [0, 400],
    ],
  ]

  it.each(cases)('[A3] %s', async (_name, request, statuses) => {
    expect(statuses).toContain(await send(request()))
    await witness.check()
  })

  it('[A4] half of a request, dripped or not, ends at the deadline', async () => {
    const whole = upgradeRequest(server.port, '/doc', { 'X-Padding': 'p'.repeat(2_000) })
    const start = performance.now()
    const silent = Array.from({ length: 100 }, () => {
      const raw = new RawSocket(server.port)
      raw.send(whole.slice(0, 100))
      return raw
    })
    const dripping = new RawSocket(server.port)
    for (const letter of whole) {
      if (dripping.closed) break
      dripping.send(letter)
      await pause(5)
    }
    await Promise.all([...silent, dripping].map((raw) => raw.ended()))
    expect(performance.now() - start).toBeGreaterThanOrEqual(HTTP_TIMEOUT_MS * 0.8)
    expect(dripping.status).not.toBe(101)
    expect(new Set(silent.map(({ status }) => status))).toEqual(new Set([408]))
    await witness.check()
  })

  it('[A4] somebody who connects and says nothing is let go', async () => {
    const mute = new RawSocket(server.port)
    await mute.ended()
    await witness.check()
  })
})

describe('connections that break', () => {
  it('[A4] a reset at every byte of handshake and first sync costs nobody else anything', async () => {
    const all = conversation()
    const offsets = Array.from({ length: all.length + 1 }, (_, offset) => offset)
    while (offsets.length > 0) {
      await Promise.all(offsets.splice(0, 20).map((offset) => resetAfter(all.subarray(0, offset))))
    }
    await witness.check()
  })

  it('[A4] a reset as soon as the first answer arrives costs nobody else anything', async () => {
    for (let round = 0; round < 20; round++) {
      const raw = new RawSocket(server.port)
      raw.send(conversation())
      await raw.until('the first byte', () => raw.text.length > 0)
      raw.reset()
      await raw.ended()
    }
    await witness.check()
  })

  it('[P34] what comes in one packet with the handshake is answered', async () => {
    const raw = new RawSocket(server.port)
    raw.send(conversation())
    await raw.until('a step 1 and a step 2', () => raw.frames.length >= 2)
    expect(raw.frames.map(({ payload }) => [payload[0], payload[1]])).toEqual([
      [0, 0],
      [0, 1],
    ])
    raw.destroy()
  })

  it('[P22] a client whose every byte is a packet of its own is served', async () => {
    const raw = new RawSocket(server.port)
    raw.socket.setNoDelay(true)
    for (const byte of conversation()) {
      raw.send(bytes(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await raw.until('a step 1 and a step 2', () => raw.frames.length >= 2)
    raw.destroy()
    await witness.check()
  })

  it('[A4] hundreds of connections that come and go leave nothing behind', async () => {
    for (let round = 0; round < 10; round++) {
      const sockets = await Promise.all(
        Array.from({ length: 30 }, () => RawSocket.upgraded(server.port, '/flapping')),
      )
      for (const [index, raw] of sockets.entries()) {
        if (index % 3 === 0) raw.reset()
        else if (index % 3 === 1) raw.destroy()
        else raw.send(clientFrame(bytes(3, 0xe8), { opcode: 8 }))
      }
      await Promise.all(sockets.map((raw) => raw.ended()))
    }
    await witness.check()
  })

  it('[P25] after all this both replicas of the witnesses are the same', async () => {
    await witness.check()
    const late = await RawClient.joined(server.url, 'doc', 'y-websocket')
    expect(Y.encodeStateAsUpdate(late.doc)).toEqual(Y.encodeStateAsUpdate(witness.a.doc))
  })
})

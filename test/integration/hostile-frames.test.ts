import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { encodeClientFrame, encodeStockMessage, PROTOCOL_VERSION } from '@coscribe/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../support/eventually.js'
import { RawClient, type DialectName } from '../support/raw-client.js'
import { clientFrame, RawSocket, upgradeRequest, type FrameParts } from '../support/raw-socket.js'
import { spawnServer, type ServerProcess } from '../support/test-server.js'

const HTTP_TIMEOUT_MS = 1_000
const folder = mkdtempSync(join(tmpdir(), 'coscribe-hostile-'))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

const varint = (length: number): number[] => [...Array.from({ length }, () => 0xff), 1]
const open = (documentId: string, version = PROTOCOL_VERSION) =>
  ({ type: 'open', version, documentId, secret: '', historyId: '', resume: null }) as const

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
  witness = await Witness.at(server.url)
})

afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

/** Two people who write to each other in the document under attack, whatever happens to others. */
class Witness {
  readonly a: RawClient
  readonly b: RawClient
  #edits = 0

  constructor(a: RawClient, b: RawClient) {
    this.a = a
    this.b = b
  }

  static async at(url: string): Promise<Witness> {
    const a = await RawClient.joined(url, 'doc', 'coscribe.v1')
    return new Witness(a, await RawClient.joined(url, 'doc', 'y-websocket'))
  }

  /** The process lives, nobody was disturbed, nothing entered the document, and nothing was logged as a mistake. */
  async check(): Promise<void> {
    this.#edits++
    this.a.edit((doc) => doc.getText('t').insert(0, 'w'))
    await this.b.until(() => this.b.doc.getText('t').length === this.#edits)
    await this.a.until(() => this.a.acked === this.#edits)
    expect([this.a.ending, this.b.ending, server.process.exitCode]).toEqual([null, null, null])
    expect(this.b.doc.store.clients.size).toBe(1)
    expect(server.log()).toBe('')
  }
}

describe('frames that break RFC 6455', () => {
  const cases: [string, Buffer, number][] = [
    ...[3, 7, 0xb, 0xf].map((opcode): [string, Buffer, number] => [
      `reserved opcode ${opcode}`,
      clientFrame(bytes(1), { opcode }),
      1002,
    ]),
    ...[1, 2, 4].map((rsv): [string, Buffer, number] => [
      `reserved bit ${rsv}`,
      clientFrame(bytes(1), { rsv }),
      1002,
    ]),
    ['no mask', clientFrame(bytes(1), { masked: false }), 1002],
    ['a ping of 126 bytes', clientFrame(new Uint8Array(126), { opcode: 9 }), 1002],
    ['a fragmented ping', clientFrame(bytes(), { opcode: 9, fin: false }), 1002],
    ['a fragmented close', clientFrame(bytes(), { opcode: 8, fin: false }), 1002],
    ['a continuation of nothing', clientFrame(bytes(1), { opcode: 0 }), 1002],
    [
      'a message inside another',
      Buffer.concat([clientFrame(bytes(1), { fin: false }), clientFrame(bytes(1))]),
      1002,
    ],
    ['text that is not UTF-8', clientFrame(bytes(0xc0, 0xaf), { opcode: 1 }), 1007],
    ['a close with half a code', clientFrame(bytes(3), { opcode: 8 }), 1002],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map(
      (code): [string, Buffer, number] => [
        `close code ${code}`,
        clientFrame(bytes(code >> 8, code & 255), { opcode: 8 }),
        1002,
      ],
    ),
    ['a close reason that is not UTF-8', clientFrame(bytes(0x03, 0xe8, 0xff), { opcode: 8 }), 1007],
    [
      'more fragments than a message can need',
      Buffer.concat([
        clientFrame(bytes(), { fin: false }),
        ...Array.from({ length: 5_000 }, () => clientFrame(bytes(), { opcode: 0, fin: false })),
      ]),
      1008,
    ],
    ['the next HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 1002],
    ['a TLS hello', Buffer.from('16030100', 'hex'), 1002],
  ]

  it.each(cases)('[P25] %s', async (_name, frame, code) => {
    const raw = await RawSocket.upgraded(server.port)
    raw.send(frame)
    await raw.ended()
    expect(raw.closeCode).toBe(code)
    await witness.check()
  })

  const lengths: [string, FrameParts][] = [
    ['2^63', { length: { value: 2n ** 63n, bytes: 8 } }],
    ['2^64-1', { length: { value: 2n ** 64n - 1n, bytes: 8 } }],
    ['2^53-1', { length: { value: 2n ** 53n - 1n, bytes: 8 } }],
    ['2^32', { length: { value: 2n ** 32n, bytes: 8 } }],
    ['100 MiB', { length: { value: 100n * 2n ** 20n, bytes: 8 } }],
  ]

  it.each(lengths)('[P26] a message that announces %s bytes', async (_name, parts) => {
    const raw = await RawSocket.upgraded(server.port)
    raw.send(clientFrame(new Uint8Array(1_000), parts))
    await raw.ended()
    expect(raw.closeCode).toBe(4413)
    await witness.check()
  })

  it('[P32] a ping is answered with what came with it', async () => {
    const raw = await RawSocket.upgraded(server.port)
    for (const text of ['', 'are you there?']) raw.send(clientFrame(utf8(text), { opcode: 9 }))
    const pongs = (): string[] =>
      raw.frames.flatMap(({ opcode, payload }) =>
        opcode === 10 ? [`${Buffer.from(payload)}`] : [],
      )
    await raw.until('two pongs', () => pongs().length === 2)
    expect(pongs()).toEqual(['', 'are you there?'])
    raw.destroy()
  })

  it('[P25] a flood of pings from somebody who does not read the pongs', async () => {
    const raw = await RawSocket.upgraded(server.port)
    raw.socket.pause()
    const pings = Buffer.concat(
      Array.from({ length: 1_000 }, () => clientFrame(new Uint8Array(125), { opcode: 9 })),
    )
    for (let i = 0; i < 50 && !raw.closed; i++) {
      raw.send(pings)
      await pause(1)
    }
    await witness.check()
    raw.destroy()
  })

  it('[P24] a text frame', async () => {
    const raw = await RawSocket.upgraded(server.port)
    raw.send(clientFrame(utf8('hello'), { opcode: 1 }))
    await raw.until('a close frame', () => raw.closeCode !== null)
    expect(raw.closeCode).toBe(4400)
    raw.destroy()
    await witness.check()
  })

  it('[P25] a client that never answers the closing handshake', async () => {
    const raw = await RawSocket.upgraded(server.port)
    raw.send(clientFrame(bytes(9, 9), { opcode: 1 }))
    await raw.until('a close frame', () => raw.closeCode === 4400)
    // ws gives it five seconds; everybody else goes on meanwhile.
    await witness.check()
    await raw.ended()
  })
})

describe('the control', () => {
  it('[P25] a server without listeners for errors dies of one such frame, and of one reset', async () => {
    for (const attack of ['frame', 'reset'] as const) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', careless], {
        cwd: fileURLToPath(new URL('.', import.meta.url)),
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const raw = new RawSocket(Number(line.toString()))
      raw.send(upgradeRequest(Number(line.toString()), attack === 'frame' ? '/' : '/later'))
      if (attack === 'frame') {
        await raw.until('the handshake', () => raw.status === 101)
        raw.send(clientFrame(bytes(1), { opcode: 3 }))
      } else {
        await once(child.stdout, 'data')
        raw.reset()
      }
      const [code] = (await once(child, 'exit')) as [number]
      expect(code, attack).toBe(1)
      raw.destroy()
    }
  })

  const careless = `
    import { createServer } from 'node:http'
    import { WebSocketServer } from 'ws'
    const sockets = new WebSocketServer({ noServer: true })
    const server = createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))
    server.on('upgrade', (request, socket, head) => {
      if (request.url === '/later') return console.log('waiting'), socket.resume()
      sockets.handleUpgrade(request, socket, head, (ws) => ws.on('message', () => {}))
    })
  `
})

describe('messages that break the protocol', () => {
  const step1 = encodeStockMessage({ type: 'sync-step-1', stateVector: bytes(0) })
  const both: [string, Uint8Array][] = [
    ['nothing', bytes()],
    ['a type alone', bytes(0)],
    ['a step 1 without its vector', bytes(0, 0)],
    ['a fourth sync step', bytes(0, 3, 0)],
    ['an update cut off', bytes(0, 2, 5, 1, 2)],
    ['a length of 2^53', bytes(0, 2, ...varint(7), 0)],
    ['an endless number', bytes(0, 2, ...varint(40))],
    ['a padded number', bytes(0x80, 0, 0, 1, 0)],
    ['bytes behind a message', bytes(1, 1, 0, 9)],
    ['two messages in one frame', bytes(...step1, ...step1)],
    ['a state vector that is none', bytes(0, 0, 3, 5, 1, 2)],
    ['a state vector with a count of 2^28', bytes(0, 0, 5, 0xff, 0xff, 0xff, 0x7f, 0)],
    ['an update that is none', bytes(0, 2, 4, 1, 2, 3, 4)],
    ['an update that declares 2^25 structs', bytes(0, 2, 7, 1, 0x80, 0x80, 0x80, 0x10, 1, 0)],
    ['a step 2 that is none', bytes(0, 1, 2, 9, 9)],
    ['presence that is none', bytes(1, 3, 5, 1, 2)],
    ['presence of 100,000 clients', bytes(1, 3, 0xa0, 0x8d, 0x06)],
    ['auth-denied, which only servers send', bytes(2, 0, 1, 65)],
  ]

  it.each(both)('[P24] %s, in both dialects', async (_name, message) => {
    for (const dialect of ['y-websocket', 'coscribe.v1'] satisfies DialectName[]) {
      const client = await RawClient.joined(server.url, 'doc', dialect)
      client.sayBytes(message)
      expect(await client.ended(), dialect).toMatchObject({ code: 4400 })
    }
    await witness.check()
  })

  const hello = [90, 1, 0, 0, 0, 0, 3, 0, 0, 0, 1, 1, 1]
  const own: [string, Uint8Array][] = [
    ['hello', bytes(1, ...hello)],
    ['ack', bytes(1, 91, 5)],
    ['rejected', bytes(1, 92, 1, 0, 0)],
    ['access', bytes(1, 93, 4, 0, 0)],
    ['a resume point', bytes(1, 94, 5)],
    ['closed', bytes(1, 95, 0, 0)],
    ['going away', bytes(0, 96, 5)],
    ['an unknown type', bytes(1, 102, 1)],
    ['a sync message on the channel of the socket', bytes(0, 0, 0, 1, 0)],
    ['a ping on a channel of a document', bytes(1, 98)],
    ['a channel above the highest', bytes(0x80, 0x80, 0x04, 0, 0, 1, 0)],
    ['half an open', bytes(2, 80, 1, 200)],
    ['an open with a secret that is not UTF-8', bytes(2, 80, 1, 1, 65, 1, 0xff, 0, 0)],
  ]

  it.each(own)('[P24] %s, in coscribe.v1', async (_name, frame) => {
    const client = await RawClient.joined(server.url, 'doc', 'coscribe.v1')
    client.sendFrame(frame)
    expect(await client.ended()).toMatchObject({ code: 4400 })
    await witness.check()
  })

  it('[P33] a channel opened twice ends the connection; other faults of a channel only the channel', async () => {
    const client = await RawClient.joined(server.url, 'doc', 'coscribe.v1')
    const ends = (code: number): number =>
      client.messages.filter((message) => message.type === 'closed' && message.code === code).length
    client.sendFrame(encodeClientFrame(2, open('.hidden')))
    client.sendFrame(encodeClientFrame(3, open('x'.repeat(1_000))))
    client.sendFrame(encodeClientFrame(4, open('doc', 0)))
    client.sendFrame(encodeClientFrame(5, { type: 'sync-step-1', stateVector: bytes(0) }))
    client.sendFrame(encodeClientFrame(6, { type: 'leave' }))
    client.sendFrame(encodeClientFrame(0, { type: 'ping' }))
    await eventually('the answer to the ping', () => client.count('pong') === 1)
    expect([ends(4400), ends(4426)]).toEqual([2, 1])
    client.sendFrame(encodeClientFrame(7, open('another')))
    await eventually('the second hello', () => client.count('hello') === 2)
    client.sendFrame(encodeClientFrame(7, { type: 'leave' }))
    await eventually('the channel is closed', () => ends(1000) === 1)
    client.ending = null
    client.sendFrame(encodeClientFrame(1, open('doc')))
    expect(await client.ended()).toMatchObject({ code: 4400 })
    await witness.check()
  })
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

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
import { eventually } from '../support/eventually.js'
import { RawClient, type DialectName } from '../support/raw-client.js'
import { clientFrame, RawSocket, upgradeRequest, type FrameParts } from '../support/raw-socket.js'
import { spawnServer, type ServerProcess } from '../support/test-server.js'
import { Witness } from '../support/witness.js'

const folder = mkdtempSync(join(tmpdir(), 'coscribe-hostile-'))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

const varint = (length: number): number[] => [...Array.from({ length }, () => 0xff), 1]
const open = (documentId: string, version = PROTOCOL_VERSION) =>
  ({ type: 'open', version, documentId, secret: '', historyId: '', resume: null }) as const

let server: ServerProcess
let witness: Witness

beforeAll(async () => {
  server = await spawnServer({ data: folder, logLevel: 'error' }, { cleanup: 'caller' })
  witness = await Witness.at(server)
})

afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

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
    for (const [index, text] of ['', 'are you there?'].entries()) {
      raw.send(clientFrame(utf8(text), { opcode: 9 }))
      await raw.until('a pong', () => pongsTo(raw).length === index + 1)
    }
    expect(pongsTo(raw)).toEqual(['', 'are you there?'])
    raw.destroy()
  })

  it('[B42] pings that come together are answered with what came with the last of them', async () => {
    const raw = await RawSocket.upgraded(server.port)
    const pings = Array.from({ length: 5_000 }, (_, i) =>
      clientFrame(utf8(String(i)), { opcode: 9 }),
    )
    raw.send(Buffer.concat(pings))
    await raw.until('the last pong', () => pongsTo(raw).at(-1) === '4999')
    // One for each time that the server read from the socket, of which nobody knows how much it brings.
    expect(pongsTo(raw).length).toBeLessThan(500)
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

/** What the pongs brought that came so far. */
function pongsTo(raw: RawSocket): string[] {
  return raw.frames.flatMap(({ opcode, payload }) =>
    opcode === 10 ? [Buffer.from(payload).toString()] : [],
  )
}

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

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import * as Y from 'yjs'
import { clientFrame } from '../bench/src/load/client-frames.js'
import { insertUpdate, readRuns, ROOT, wholeUpdate } from '../bench/src/load/edits.js'
import { FanOutLoad } from '../bench/src/load/fan-out-load.js'
import type { LoadReport } from '../bench/src/load/load.js'
import { RawSocket } from '../bench/src/load/raw-socket.js'
import { WireCursor } from '../bench/src/load/wire.js'

/** What a relay sends for a message that it should pass on once. */
type Passing = (message: Buffer, nth: number) => readonly Buffer[]

/** A relay for one room, on a free port. */
async function relay(pass: Passing): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  let nth = 0
  server.on('connection', (socket) => {
    socket.on('message', (message: Buffer) => {
      for (const other of others(server, socket)) {
        for (const passed of pass(message, ++nth)) other.send(passed)
      }
    })
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function others(server: WebSocketServer, socket: WebSocket): WebSocket[] {
  return [...server.clients].filter((client) => client !== socket)
}

/** How long nothing may arrive before what is missing counts as lost: nobody waits for it where all arrives. */
const PATIENCE_MS = 30_000
const SHORT_PATIENCE_MS = 300

/** Three people type through a relay until a few hundred characters are written. */
async function typeThrough(pass: Passing, patienceMs = PATIENCE_MS): Promise<LoadReport> {
  const port = await relay(pass)
  const plan = { port, dialect: 'relay', prefix: 'room-', rooms: 1, members: 3, rate: 300 } as const
  const load = new FanOutLoad(plan)
  onTestFinished(() => load.close())
  await load.connect()
  load.start()
  load.mark()
  let delivered = 0
  while (delivered < 600) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    delivered += load.mark().delivered
  }
  return load.finish(patienceMs)
}

describe('the benchmark’s load', () => {
  it('finds no fault where everything arrives once', async () => {
    const report = await typeThrough((message) => [message])
    expect(report).toMatchObject({ missing: 0, duplicates: 0, foreign: 0, lost: [] })
  })

  it.each<[string, Passing, Partial<LoadReport>]>([
    ['one delivery is dropped', (m, nth) => (nth === 50 ? [] : [m]), { duplicates: 0 }],
    ['one comes twice', (m, nth) => (nth === 50 ? [m, m] : [m]), { missing: 0, duplicates: 1 }],
    [
      'one holds what nobody typed',
      (m, nth) => (nth === 50 ? [m, updateMessage(insertUpdate(7, 0))] : [m]),
      { missing: 0, foreign: 1 },
    ],
  ])('tells that %s', async (what, pass, faults) => {
    const isDropped = what.includes('dropped')
    const report = await typeThrough(pass, isDropped ? SHORT_PATIENCE_MS : PATIENCE_MS)
    expect(report).toMatchObject(faults)
    // Nothing of an author counts as received behind a gap.
    if (isDropped) expect(report.missing).toBeGreaterThan(0)
  })

  it('types updates that Yjs understands, and knows the text they make', () => {
    const clients = [0x5000_0000, 0x5000_0001]
    const typed = [30, 200]
    const doc = new Y.Doc()
    for (const [index, count] of typed.entries()) {
      for (let clock = 0; clock < count; clock++) {
        Y.applyUpdate(doc, insertUpdate(clients[index] ?? 0, clock))
      }
    }
    const whole = new Y.Doc()
    Y.applyUpdate(whole, wholeUpdate(clients, typed))
    expect(whole.getText(ROOT).toJSON()).toBe(doc.getText(ROOT).toJSON())
    expect(doc.getText(ROOT).length).toBe(230)
    expect(doc.store.pendingStructs).toBeNull()
  })

  it('counts the characters of merged and compacted updates', () => {
    const updates = Array.from({ length: 300 }, (_, clock) => insertUpdate(9, clock))
    const doc = new Y.Doc()
    Y.applyUpdate(doc, Y.mergeUpdates(updates))
    doc.getText(ROOT).delete(10, 50)
    for (const update of [Y.mergeUpdates(updates), Y.encodeStateAsUpdate(doc)]) {
      let characters = 0
      readRuns(new WireCursor().reset(update, 0, update.length), (_client, _clock, length) => {
        characters += length
      })
      expect(characters).toBe(300)
    }
  })

  it.each([0, 1, 125, 126, 65_535, 65_536, 300_000])(
    'frames %i bytes as a server reads and sends them',
    async (length) => {
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
      onTestFinished(() => server.close())
      server.on('connection', (socket) => socket.on('message', (message) => socket.send(message)))
      await once(server, 'listening')
      const payload = Buffer.from(Array.from({ length }, (_, index) => index % 251))
      const { port } = server.address() as AddressInfo
      const back = await new Promise<Buffer>((resolve, reject) => {
        const socket = new RawSocket(
          {
            message: (bytes, start, end) => resolve(Buffer.from(bytes.subarray(start, end))),
            closed: (reason) => reject(new Error(reason)),
          },
          port,
          '/',
          null,
        )
        onTestFinished(() => socket.destroy())
        socket.onOpen(() => socket.sendFrames(clientFrame(payload)))
      })
      expect(back.equals(payload)).toBe(true)
    },
  )
})

function updateMessage(update: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0, 2, update.length), update])
}

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ServerSetup } from '@coscribe/server'
import { encodeStockMessage } from '@coscribe/shared'
import { expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import { clientFrame, RawSocket } from '../support/raw-socket.js'
import { folderForTest } from '../support/test-server.js'
import { SECRET, token } from '../support/tokens.js'

const CONNECTIONS = 2_000
const DOCUMENTS = 500
const AT_ONCE = 50
const LOOKS = 50
/** In more than five seconds the heartbeat has visited every connection. */
const LOOKS_FOR_VISITS = 6
const LOOK_FOR_VISITS_MS = 1_000
const KiB = 1024
/** What compiled code and half-empty tables may take; half a KiB for each connection. */
const MARGIN = 1024 * KiB

interface Held {
  readonly heap: number
  readonly timers: number
  readonly connections: number
  readonly resources: string
}

const script = fileURLToPath(new URL('../support/watched-server.mjs', import.meta.url))

class WatchedServer {
  readonly port: number
  readonly #child: ChildProcess

  static async start(options: ServerSetup = {}): Promise<WatchedServer> {
    const args = [folderForTest(), JSON.stringify(options)]
    const child = fork(script, args, { execArgv: ['--expose-gc'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [port] = (await once(child, 'message')) as [number]
    return new WatchedServer(child, port)
  }

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  async held(): Promise<Held> {
    this.#child.send('held')
    const [held] = (await once(this.#child, 'message')) as [Held]
    return held
  }

  /** What it holds when nobody is there any more and the rooms are gone. */
  async atRest(connections = 0): Promise<Held> {
    let held = await this.held()
    for (let look = 0; look < LOOKS; look++) {
      const before = held
      held = await this.held()
      const steady = Math.abs(held.heap - before.heap) < 16 * KiB
      if (held.connections === connections && steady) return held
    }
    throw new Error(`${held.connections} connections, ${held.heap} bytes, and no rest`)
  }

  /** The least that it holds for these connections until what they sent lately counts no more. */
  async forgotten(connections: number): Promise<Held> {
    let least = await this.atRest(connections)
    for (let look = 0; look < LOOKS_FOR_VISITS; look++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_FOR_VISITS_MS))
      const held = await this.held()
      if (held.heap < least.heap) least = held
    }
    return least
  }
}

const doc = new Y.Doc()
doc.getText('content').insert(0, 'Some text in a small document')
const opening = Buffer.concat(
  [
    encodeStockMessage({ type: 'sync-step-1', stateVector: new Uint8Array([0]) }),
    encodeStockMessage({ type: 'sync-step-2', update: Y.encodeStateAsUpdate(doc) }),
  ].map((message) => clientFrame(message)),
)

/** By what the connection of this number says whose it is, and where it comes from. */
type Headers = (i: number) => Record<string, string> | Promise<Record<string, string>>

const nobody: Headers = () => ({})

/** Somebody else each time, from one of many addresses. */
const somebody: Headers = async (i) => ({
  Authorization: `Bearer ${await token({ sub: `person ${i}`, prefixes: { document: 'write' } })}`,
  'X-Forwarded-For': `203.0.${i % 200}.${i % 250}`,
})

/** A y-websocket client that has synced, shows a cursor and does nothing more. */
async function idle(port: number, i: number, proof: Headers): Promise<RawSocket> {
  const raw = await RawSocket.upgraded(port, `/document-${i % DOCUMENTS}`, await proof(i))
  const presence = Uint8Array.of(
    1,
    0x80 | (i & 0x7f),
    0x80 | ((i >> 7) & 0x7f),
    1,
    1,
    2,
    0x7b,
    0x7d,
  )
  raw.send(
    Buffer.concat([
      opening,
      clientFrame(encodeStockMessage({ type: 'presence', update: presence })),
    ]),
  )
  await raw.until('a step 2', () =>
    raw.frames.some(({ payload }) => payload[0] === 0 && payload[1] === 1),
  )
  return raw
}

async function crowd(
  port: number,
  count = CONNECTIONS,
  proof: Headers = nobody,
): Promise<RawSocket[]> {
  const all: RawSocket[] = []
  while (all.length < count) {
    const group = Array.from({ length: AT_ONCE }, (_, i) => idle(port, all.length + i, proof))
    all.push(...(await Promise.all(group)))
  }
  return all
}

async function leave(sockets: readonly RawSocket[]): Promise<void> {
  for (const [i, raw] of sockets.entries()) {
    if (i % 2 === 0) raw.destroy()
    else raw.reset()
  }
  await Promise.all(sockets.map((raw) => raw.ended()))
}

it('[B13] gives back what 2,000 connections on 500 documents took, and takes little for each', async () => {
  const server = await WatchedServer.start()
  await leave(await crowd(server.port))
  const before = await server.atRest()

  const sockets = await crowd(server.port)
  const during = await server.atRest(CONNECTIONS)
  // A quarter of a document each and a cursor are part of it.
  expect((during.heap - before.heap) / CONNECTIONS).toBeLessThan(5 * KiB)
  // The heartbeat's and at most a few of the whole process: none for a connection or a room.
  expect(during.timers).toBeLessThan(before.timers + 5)

  // The control: what a tenth that stayed holds does not escape these bounds.
  const stay = CONNECTIONS / 10
  await leave(sockets.slice(stay))
  const rest = await server.atRest(stay)
  expect(rest.heap).toBeGreaterThan(before.heap + MARGIN)
  await leave(sockets.slice(0, stay))
  const after = await server.atRest()
  expect(after.heap).toBeLessThan(before.heap + MARGIN)
  expect([after.timers, after.resources]).toEqual([before.timers, before.resources])
}, 300_000)

it('[B44] a connection of somebody who is known takes at most two KiB more than one of anybody', async () => {
  const few = 300
  const taken: number[] = []
  for (const [options, proof] of [
    [{}, nobody],
    [{ authSecret: SECRET, trustedProxies: '127.0.0.1' }, somebody],
  ] as const) {
    const server = await WatchedServer.start(options)
    // What the first few take is for a good part code, which all share.
    const first = await crowd(server.port, few, proof)
    const before = await server.forgotten(few)
    const more = await crowd(server.port, few, (i) => proof(few + i))
    const during = await server.forgotten(2 * few)
    taken.push((during.heap - before.heap) / few)
    await leave([...first, ...more])
  }
  const [anybody = 0, known = 0] = taken
  expect(known - anybody).toBeLessThan(2 * KiB)
}, 300_000)

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type CoscribeServer } from '@coscribe/server'
import type { Random } from '@coscribe/shared'
import { LevelStore } from '@coscribe/storage'
import { afterEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import {
  covers,
  docCondition,
  ownClient,
  stateOf,
  stockClient,
  type TestClient,
} from '../support/clients.js'
import { count } from '../support/count.js'
import { seededRandom } from '../support/random.js'
import { STOP_MS } from '../support/test-server.js'
import { loadTrace, textHash, type Edit } from '../support/trace.js'

const EDITS = count('COSCRIBE_TRACE_EDITS', 259_778)
const SEED = count('COSCRIBE_SEED', 7)
const EDITS_PER_TURN = 1_000
const EDITS_PER_UPDATE = 20
const DOCUMENT = 'the paper'

const folder = mkdtempSync(join(tmpdir(), 'coscribe-trace-'))
const cleanups: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]

afterEach(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

async function startServer(): Promise<CoscribeServer> {
  const server = createServer({ port: 0, data: folder, stopTimeoutMs: STOP_MS })
  await server.start()
  return server
}

function eightClients(url: string): TestClient[] {
  const clients = [
    ownClient(url, DOCUMENT),
    stockClient('y-websocket 1.5.4', url, DOCUMENT),
    ownClient(url, DOCUMENT),
    stockClient('y-websocket 2.1.0', url, DOCUMENT),
    ownClient(url, DOCUMENT),
    stockClient('y-websocket 3.1.0', url, DOCUMENT),
    ownClient(url, DOCUMENT),
    stockClient('y-websocket 3.1.0', url, DOCUMENT),
  ]
  cleanups.push(() => clients.forEach((client) => client.destroy()))
  return clients
}

/** How far the text has come. A state vector does not tell of deletions, hence the length beside it. */
interface Progress {
  readonly state: ReadonlyMap<number, number>
  /** In UTF-16 units. */
  readonly length: number
}

function caughtUp(doc: Y.Doc, { state, length }: Progress, deadlineMs?: number): Promise<void> {
  const there = (): boolean => covers(doc, state) && doc.getText('t').length === length
  return docCondition(doc, there, deadlineMs)
}

function type(client: TestClient, edits: readonly Edit[]): void {
  const text = client.doc.getText('t')
  for (let i = 0; i < edits.length; i += EDITS_PER_UPDATE) {
    client.doc.transact(() => {
      for (const edit of edits.slice(i, i + EDITS_PER_UPDATE)) {
        if (edit.deleted > 0) text.delete(edit.position, edit.deleted)
        if (edit.inserted !== '') text.insert(edit.position, edit.inserted)
      }
    })
  }
}

/** Passes the pen round: whoever has it waits for the text as it is, sometimes goes offline, and types on. */
async function passThePen(
  clients: readonly TestClient[],
  edits: readonly Edit[],
  random: Random,
): Promise<Progress> {
  let reached: Progress = { state: new Map(), length: 0 }
  for (let at = 0, turn = 0; at < edits.length; at += EDITS_PER_TURN, turn++) {
    const writer = clients[turn % clients.length]
    const bystander = clients[Math.floor(random.fraction() * clients.length)]
    if (writer === undefined || bystander === undefined) throw new Error('no client')
    await caughtUp(writer.doc, reached)
    const offline = random.fraction() < 0.1
    if (offline) writer.drop()
    if (random.fraction() < 0.1) bystander.drop()
    type(writer, edits.slice(at, at + EDITS_PER_TURN))
    reached = { state: stateOf(writer.doc), length: writer.doc.getText('t').length }
    writer.rejoin()
    bystander.rejoin()
  }
  return reached
}

/** What is on disk, read by the store alone and put together by yjs. */
async function storedDoc(): Promise<Y.Doc> {
  const store = new LevelStore({ path: folder })
  await store.open()
  const stored = await store.load(DOCUMENT)
  await store.close()
  const doc = new Y.Doc()
  for (const update of [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]) {
    Y.applyUpdate(doc, update)
  }
  return doc
}

function integrity(doc: Y.Doc): { text: string; state: unknown; pending: unknown } {
  const { pendingStructs, pendingDs } = doc.store
  return {
    text: textHash(doc.getText('t').toString()),
    state: [...stateOf(doc)].sort(([a], [b]) => a - b),
    pending: [pendingStructs, pendingDs],
  }
}

describe('a real editing trace', () => {
  it('[R1] ends in the same text on eight mixed clients that drop and rejoin, in a joiner, and on disk', async () => {
    const trace = loadTrace(EDITS)
    console.log(`trace: ${trace.source}; seed ${SEED}`)
    const server = await startServer()
    cleanups.push(() => server.stop())
    const url = server.url.replace('http', 'ws')
    const clients = eightClients(url)

    const end = await passThePen(clients, trace.edits, seededRandom(SEED))

    for (const { doc } of clients) await caughtUp(doc, end, 60_000)
    const joiner = stockClient('y-websocket 3.1.0', url, DOCUMENT)
    cleanups.push(() => joiner.destroy())
    await caughtUp(joiner.doc, end)
    const expected = integrity(joiner.doc)
    expect(expected.text).toBe(trace.sha256)
    expect(expected.pending).toEqual([null, null])
    for (const { doc } of clients) expect(integrity(doc)).toEqual(expected)

    await server.stop()
    expect(integrity(await storedDoc())).toEqual(expected)

    const again = await startServer()
    cleanups.push(() => again.stop())
    const late = ownClient(again.url.replace('http', 'ws'), DOCUMENT)
    cleanups.push(() => late.destroy())
    await caughtUp(late.doc, end)
    expect(integrity(late.doc)).toEqual(expected)
  }, 300_000)
})

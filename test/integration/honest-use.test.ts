import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Room } from '@coscribe/client'
import { createServer, type CoscribeServer } from '@coscribe/server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { docCondition, stockProvider, type StockOptions } from '../support/clients.js'
import { count } from '../support/count.js'
import { numbersOf, socketsFrom } from '../support/elsewhere.js'
import { item, section, text, update } from '../support/forge.js'
import { STOP_MS } from '../support/test-server.js'
import { SECRET, tokenFor } from '../support/tokens.js'

const MEGABYTES = count('COSCRIBE_HONEST_MEGABYTES', 20)
const PEOPLE = count('COSCRIBE_HONEST_PEOPLE', 100)
const LINES = 2_000
const CLIENTS = 5_000
const OFFLINE_EDITS = 4_000
const DEADLINE_MS = 240_000

const folder = mkdtempSync(join(tmpdir(), 'coscribe-honest-'))
const leaving: (() => void)[] = []
let server: CoscribeServer

beforeAll(async () => {
  // Where these clients look up what an open socket's state is called, whatever class they are given.
  vi.stubGlobal('WebSocket', WebSocket)
  // All limits as they are by default; a proxy says that people are not on this machine.
  const setup = { authSecret: SECRET, trustedProxies: '127.0.0.1', metrics: 'on' } as const
  server = createServer({ port: 0, data: folder, stopTimeoutMs: STOP_MS, ...setup })
  await server.start()
})

afterAll(async () => {
  for (const leave of leaving) leave()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Somebody with our client, who shows their token in-band as pages do. */
async function person(name: string, doc: string, ydoc = new Y.Doc()): Promise<Room> {
  const token = await tokenFor(name, { [doc]: 'write' })
  const sockets = socketsFrom(addressOf(name)) as never
  const room = connect({ url: server.url, doc, ydoc, token, WebSocket: sockets })
  leaving.push(() => room.destroy())
  return room
}

async function stock(name: string, document: string, doc: Y.Doc, options: StockOptions = {}) {
  const token = await tokenFor(name, { [document]: 'write' })
  const WebSocketPolyfill = socketsFrom(addressOf(name), token)
  const version = 'y-websocket 3.1.0'
  const all = { ...options, WebSocketPolyfill }
  const provider = stockProvider(version, server.url, document, doc, all)
  leaving.push(() => provider.destroy())
  return provider
}

/** Pupils share an address. */
function addressOf(name: string): string {
  return name.startsWith('pupil') ? '203.0.113.1' : `198.51.100.${name.length}`
}

const textOf = (doc: Y.Doc): string => doc.getText('t').toString()
const has = (doc: Y.Doc, length: number): Promise<void> =>
  docCondition(doc, () => doc.getText('t').length === length, DEADLINE_MS)

describe.concurrent('with the limits of a public server', { timeout: DEADLINE_MS }, () => {
  it('[B41] 2,000 lines are imported one by one, by either client', async () => {
    const line = 'A line as it stands in a book, of usual length.\n'
    const ours = await person('importer', 'import')
    await ours.whenReady()
    const doc = new Y.Doc()
    await stock('stock importer', 'import', doc)
    for (let i = 0; i < LINES; i++) ours.ydoc.getText('t').insert(0, line)
    await ours.whenSaved({ timeout: DEADLINE_MS })
    for (let i = 0; i < LINES; i++) doc.getText('t').insert(0, line)
    await has(ours.ydoc, 2 * LINES * line.length)
    const reader = await person('a reader', 'import')
    await has(reader.ydoc, 2 * LINES * line.length)
  })

  it('[B41] a document that 5,000 pages have written is brought, opened and edited', async () => {
    const old = new Y.Doc()
    const sections = Array.from({ length: CLIENTS }, (_, i) =>
      section(9_000_000 - i, 0, [item(text('x'), { root: 't' })]),
    )
    Y.applyUpdate(old, update(sections))
    await stock('an owner', 'old', old)
    const ann = await person('ann', 'old')
    await has(ann.ydoc, CLIENTS)
    ann.ydoc.getText('t').insert(0, 'still ')
    await ann.whenSaved({ timeout: DEADLINE_MS })
    // The owner opens another page, with another client id.
    const again = await person('an owner', 'old')
    await again.whenReady({ timeout: DEADLINE_MS })
    again.ydoc.getText('t').insert(0, 'it is ')
    await again.whenSaved({ timeout: DEADLINE_MS })
    expect(textOf(again.ydoc)).toMatch(/^it is still x{5000}$/)
  })

  it('[B41] a school comes at once from one address, and writes', async () => {
    const pupils = await Promise.all(
      Array.from({ length: PEOPLE }, (_, i) => person(`pupil ${i}`, 'school')),
    )
    await Promise.all(pupils.map((pupil) => pupil.whenReady({ timeout: DEADLINE_MS })))
    for (const [i, { ydoc }] of pupils.entries()) ydoc.getText('t').insert(0, `<${i + 1_000}>`)
    await Promise.all(pupils.map((pupil) => pupil.whenSaved({ timeout: DEADLINE_MS })))
    await Promise.all(pupils.map(({ ydoc }) => has(ydoc, PEOPLE * 6)))
    for (const pupil of pupils) expect(pupil.status.error).toBeNull()
  })

  it('[B41] a laptop comes back with a day of edits, by either client', async () => {
    const ours = await person('a traveller', 'laptop')
    await ours.whenReady()
    const doc = new Y.Doc()
    const provider = await stock('other traveller', 'laptop', doc)
    await new Promise((resolve) => provider.once('sync', resolve))
    ours.disconnect()
    provider.disconnect()
    for (let i = 0; i < OFFLINE_EDITS; i++) {
      for (const target of [ours.ydoc.getText('t'), doc.getText('t')]) {
        if (i % 5 === 4) target.delete((i * 7) % target.length, 1)
        else target.insert((i * 13) % (target.length + 1), 'w')
      }
    }
    ours.connect()
    provider.connect()
    const length = 2 * OFFLINE_EDITS * (3 / 5)
    await Promise.all([has(doc, length), has(ours.ydoc, length)])
    await ours.whenSaved({ timeout: DEADLINE_MS })
    expect(textOf(doc)).toBe(textOf(ours.ydoc))
  })

  it('[B41] a client that compares everything each second goes on', async () => {
    const doc = new Y.Doc()
    let connects = 0
    const provider = await stock('a doubter', 'doubts', doc, { resyncInterval: 1_000 })
    provider.on('status', ({ status }) => {
      if (status === 'connected') connects++
    })
    const other = await person('other', 'doubts')
    await other.whenReady()
    for (let i = 0; i < 80; i++) {
      other.ydoc.getText('t').insert(0, 'o')
      doc.getText('t').insert(0, 'd')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await Promise.all([has(doc, 160), has(other.ydoc, 160)])
    await other.whenSaved({ timeout: DEADLINE_MS })
    expect(connects).toBeLessThanOrEqual(1)
  })

  it(`[B41] a document of ${MEGABYTES} MB is uploaded by a stock client`, async () => {
    const doc = new Y.Doc()
    const length = MEGABYTES * 1_000_000
    doc.getText('t').insert(0, 'a large document '.repeat(length / 17).padEnd(length, '.'))
    await stock('a collector', 'large', doc)
    const reader = await person('ben', 'large')
    await has(reader.ydoc, length)
    doc.getText('t').insert(0, 'and ')
    await has(reader.ydoc, length + 4)
  })
})

it('[B41] all the time limits were in force, and nobody was turned away', async () => {
  const numbers = await numbersOf(server.url)
  for (const [name, number] of numbers) {
    if (/reason="(too|over|proto)|rejected/.test(name)) expect(number, name).toBe(0)
    if (/limit_hits_total\{limit="(conn|str|chan|new)/.test(name)) expect(number, name).toBe(0)
  }
  const held = 'coscribe_limit_hits_total{limit="inbound-bytes"}'
  // The large document alone is more than may come at once.
  if (MEGABYTES > 8) expect(numbers.get(held)).toBeGreaterThan(0)
})

import { connect, type Room } from '@coscribe/client'
import { createServer, type CoscribeServer, type ServerSetup } from '@coscribe/server'
import { CoscribeError, systemRandom, type Random } from '@coscribe/shared'
import { MemoryStore, type DocumentStore } from '@coscribe/storage'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { docCondition, stockClient } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import { FaultyStore, storedUpdates } from '../support/faulty-store.js'
import { RawClient } from '../support/raw-client.js'

const ID = 'the plan'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** One server after another at the same address, each with what the disk held when the one before crashed. */
class Crashing {
  disk: MemoryStore
  faulty: FaultyStore
  #server: CoscribeServer | null = null
  #port = 0
  readonly #setup: ServerSetup

  constructor(disk = new MemoryStore(), setup: ServerSetup = {}) {
    this.disk = disk
    this.faulty = new FaultyStore(disk)
    this.#setup = setup
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  async start(disk = this.disk): Promise<void> {
    this.disk = disk
    this.faulty = new FaultyStore(disk)
    this.#server = createServer({
      logLevel: 'silent',
      stopTimeoutMs: 100,
      ...this.#setup,
      port: this.#port,
      store: this.faulty,
    })
    this.#port = (await this.#server.start()).port
  }

  /** What was not on disk is gone; the sockets break. */
  async crash(): Promise<void> {
    this.faulty.hang()
    await this.#server?.stop().catch(expectUnsaved)
    this.#server = null
  }

  async stored(id = ID): Promise<string> {
    return textOf(await storedUpdates(this.disk, id))
  }
}

/** A stop with edits that are not on disk says so; here that is the point. */
function expectUnsaved(error: unknown): void {
  if (!(error instanceof CoscribeError && error.code === 'storage-unavailable')) throw error
}

async function running(disk?: MemoryStore, setup?: ServerSetup): Promise<Crashing> {
  const server = new Crashing(disk, setup)
  await server.start()
  cleanups.push(() => server.crash())
  return server
}

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null])
  return contentOf(doc)
}

function contentOf(doc: Y.Doc): string {
  return doc.getText('content').toString()
}

function append(doc: Y.Doc, text: string): void {
  doc.getText('content').insert(doc.getText('content').length, text)
}

async function person(server: Crashing): Promise<Room> {
  const room = connect({ url: server.url, doc: ID, WebSocket })
  cleanups.push(() => room.destroy())
  await room.whenReady()
  return room
}

async function raw(server: Crashing): Promise<RawClient> {
  const client = new RawClient(server.url, ID, 'coscribe.v1')
  cleanups.push(() => client.close())
  return client
}

async function sees(doc: Y.Doc, text: string): Promise<void> {
  await docCondition(doc, () => contentOf(doc) === text)
}

/** Another document under the same id: the same text history up to a number, or another history. */
async function copyOf(store: DocumentStore, historyId: string | null, upTo: number) {
  const stored = await store.load(ID)
  if (stored === undefined) throw new Error('nothing to copy')
  const copy = new MemoryStore()
  await copy.open()
  const updates = stored.tail.slice(0, upTo)
  await copy.append([
    { documentId: ID, historyId: historyId ?? stored.historyId, firstSeq: 1, updates },
  ])
  return copy
}

describe('a crash with edits that were relayed and not yet on disk', () => {
  it('[R70] the author brings them back, once, whoever else has them', async () => {
    const server = await running()
    const ann = await person(server)
    const ben = await person(server)
    const stock = stockClient('y-websocket 3.1.0', server.url, ID)
    cleanups.push(() => stock.destroy())
    append(ann.ydoc, 'kept ')
    await ann.whenSaved()
    server.faulty.hang()
    append(ann.ydoc, 'relayed ')
    await Promise.all([ben.ydoc, stock.doc].map((doc) => sees(doc, 'kept relayed ')))
    expect(ann.status.save).toBe('saving')
    await server.crash()
    expect(await server.stored()).toBe('kept ')
    await server.start()
    await eventually('stored again', () => ann.status.save === 'saved')
    expect(await server.stored()).toBe('kept relayed ')
    for (const doc of [ann.ydoc, ben.ydoc, stock.doc]) await sees(doc, 'kept relayed ')
    const newcomer = await person(server)
    expect(contentOf(newcomer.ydoc)).toBe('kept relayed ')
  })

  it.each(['a client of ours', 'a stock client'])(
    '[R70] %s that received them brings them back when the author is gone',
    async (who) => {
      const server = await running()
      const ann = await person(server)
      const survivor =
        who === 'a stock client'
          ? stockClient('y-websocket 2.1.0', server.url, ID)
          : ((room) => ({ doc: room.ydoc, destroy: () => room.destroy() }))(await person(server))
      cleanups.push(() => survivor.destroy())
      append(ann.ydoc, 'kept ')
      await ann.whenSaved()
      server.faulty.hang()
      append(ann.ydoc, 'relayed ')
      await sees(survivor.doc, 'kept relayed ')
      ann.destroy()
      await server.crash()
      await server.start()
      await storedBecomes(server, 'kept relayed ')
      const newcomer = await person(server)
      expect(contentOf(newcomer.ydoc)).toBe('kept relayed ')
      append(newcomer.ydoc, 'on')
      await newcomer.whenSaved()
      await sees(survivor.doc, 'kept relayed on')
    },
  )

  it('[R70] a document of which nothing had reached the disk begins again with what they bring', async () => {
    const server = await running()
    const ann = await person(server)
    const ben = await person(server)
    server.faulty.hang()
    append(ann.ydoc, 'one ')
    await sees(ben.ydoc, 'one ')
    append(ben.ydoc, 'two ')
    await sees(ann.ydoc, 'one two ')
    ben.disconnect()
    await server.crash()
    await server.start()
    await eventually('stored again', () => ann.status.save === 'saved')
    // By now the document has another history id than the one it had when ben saw it.
    ben.connect()
    await eventually('saved', () => ben.status.save === 'saved')
    expect([ann.status.error, ben.status.error]).toEqual([null, null])
    expect(await server.stored()).toBe('one two ')
    expect([ann, ben].map((room) => contentOf(room.ydoc))).toEqual(['one two ', 'one two '])
  })
})

async function storedBecomes(server: Crashing, text: string): Promise<void> {
  let stored = ''
  const look = async (): Promise<void> => {
    stored = await server.stored()
  }
  const timer = setInterval(() => void look(), 10)
  try {
    await eventually(`"${text}" is stored`, () => stored === text)
  } finally {
    clearInterval(timer)
  }
}

/** Four saved edits, then four that are relayed to `reader` and lost by a crash. */
async function relayedAndLost(server: Crashing, reader: RawClient): Promise<string> {
  const ann = await raw(server)
  await ann.open()
  await ann.sync()
  for (const letter of 'abcd') ann.edit((doc) => append(doc, letter))
  await ann.until(() => ann.acked >= 4)
  await reader.open()
  await reader.sync()
  await reader.until(() => reader.resumePoint?.seq === 4)
  server.faulty.hang()
  for (const letter of 'efgh') ann.edit((doc) => append(doc, letter))
  await reader.until(() => contentOf(reader.doc) === 'abcdefgh')
  expect(reader.resumePoint?.seq).toBe(4)
  ann.close()
  await server.crash()
  return 'abcdefgh'
}

/** Other content under the numbers that were lost. */
async function numbersUsedAgain(server: Crashing): Promise<void> {
  await server.start()
  const carl = await raw(server)
  await carl.open()
  await carl.sync()
  for (const letter of 'WXYZ') carl.edit((doc) => append(doc, letter))
  await carl.until(() => carl.acked >= 4)
  expect(contentOf(carl.doc)).toBe('abcdWXYZ')
  carl.close()
}

/** Comes back with the replica of `before` and a resume point; uploads what the server asks for. */
async function comeBack(server: Crashing, before: RawClient, seq: number): Promise<RawClient> {
  const point = before.resumePoint
  if (point === null) throw new Error('no resume point')
  const again = await raw(server)
  Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(before.doc))
  await again.open({ historyId: point.historyId, resume: { ...point, seq } })
  if (again.hello?.resumed === false) await again.sync()
  await again.until(() => again.count('sync-step-1') > 0 && again.count('sync-step-2') > 0)
  const asked = again.last('sync-step-1')
  if (asked !== null) {
    const update = Y.encodeStateAsUpdate(again.doc, asked.stateVector)
    again.say({ type: 'sync-step-2', update })
    await again.until(() => again.acked >= 1)
  }
  return again
}

describe('numbers that a crash lets two servers give', () => {
  it.each([
    ['the last announced point', 4],
    ['a number that was never announced', 8],
  ])('[R71] %s of the crashed server is not resumed from: all converge', async (_, seq) => {
    const server = await running()
    const reader = await raw(server)
    await relayedAndLost(server, reader)
    await numbersUsedAgain(server)
    const again = await comeBack(server, reader, seq)
    expect(again.hello?.resumed).toBe(false)
    const newcomer = await raw(server)
    await newcomer.open()
    await newcomer.sync()
    expect(contentOf(again.doc)).toHaveLength(12)
    expect(contentOf(newcomer.doc)).toBe(contentOf(again.doc))
    expect(await server.stored()).toBe(contentOf(again.doc))
  })

  it('[R71] control: resuming by the number alone leaves the replicas different', async () => {
    // Two servers that draw the same incarnation are one to their clients.
    const server = await running(new MemoryStore(), { random: repeatingRandom() })
    const reader = await raw(server)
    await relayedAndLost(server, reader)
    await numbersUsedAgain(server)
    const again = await comeBack(server, reader, 8)
    expect(again.hello?.resumed).toBe(true)
    const newcomer = await raw(server)
    await newcomer.open()
    await newcomer.sync()
    expect(contentOf(again.doc)).not.toBe(contentOf(newcomer.doc))
  })

  it('[R71] a resume point above the head is not resumed from', async () => {
    const server = await running()
    const ann = await raw(server)
    await ann.open()
    await ann.sync()
    ann.edit((doc) => append(doc, 'abc'))
    await ann.until(() => ann.resumePoint?.seq === 1)
    for (const [seq, resumed] of [
      [1, true],
      [2, false],
      [Number.MAX_SAFE_INTEGER, false],
    ] as const) {
      const again = await comeBack(server, ann, seq)
      expect([seq, again.hello?.resumed]).toEqual([seq, resumed])
      expect(contentOf(again.doc)).toBe('abc')
    }
  })

  it('[R71] what was missed since a resume point of the same server is all that is sent', async () => {
    const server = await running()
    const ann = await raw(server)
    await ann.open()
    await ann.sync()
    ann.edit((doc) => append(doc, 'a'.repeat(10_000)))
    await ann.until(() => ann.resumePoint?.seq === 1)
    const ben = await raw(server)
    await ben.open()
    await ben.sync()
    ben.edit((doc) => append(doc, '!'))
    await ben.until(() => ben.acked >= 1)
    const again = await comeBack(server, ann, 1)
    expect(again.hello?.resumed).toBe(true)
    expect(contentOf(again.doc)).toBe(`${'a'.repeat(10_000)}!`)
    const sent = again.frames.reduce((sum, frame) => sum + frame.length, 0)
    expect(sent).toBeLessThan(1_000)
  })

  it('[R71] a number that went into the snapshot is not resumed from', async () => {
    const server = await running()
    const ann = await raw(server)
    await ann.open()
    await ann.sync()
    ann.edit((doc) => append(doc, 'first '))
    await ann.until(() => ann.resumePoint?.seq === 1)
    const ben = await raw(server)
    await ben.open()
    await ben.sync()
    ben.edit((doc) => append(doc, 'x'.repeat(70_000)))
    await ben.until(() => ben.acked >= 1)
    await snapshotOf(server, 2, () => ben.edit((doc) => append(doc, '!')))
    const again = await comeBack(server, ann, 1)
    expect(again.hello?.resumed).toBe(false)
    expect(contentOf(again.doc)).toBe(contentOf(ben.doc))
  })
})

describe('a document that was replaced or restored', () => {
  it('[R72] our client says that the history is another one and merges nothing', async () => {
    const server = await running()
    const ann = await person(server)
    append(ann.ydoc, 'mine')
    await ann.whenSaved()
    await server.crash()
    const other = await raw(await elsewhere('theirs'))
    await other.open()
    await other.sync()
    const replaced = await copyOfDoc(other.doc)
    await server.start(replaced)
    await eventually('told', () => ann.status.error?.code === 'history-mismatch')
    expect(ann.status.connection).toBe('closed')
    expect(contentOf(ann.ydoc)).toBe('mine')
    expect(await server.stored()).toBe('theirs')
  })

  it('[R72] an older state of the same history is healed by the clients', async () => {
    const server = await running()
    const ann = await person(server)
    for (const word of ['one ', 'two ', 'three ']) {
      append(ann.ydoc, word)
      await ann.whenSaved()
    }
    const older = await copyOf(server.disk, null, 1)
    await server.crash()
    await server.start(older)
    expect(await server.stored()).toBe('one ')
    await storedBecomes(server, 'one two three ')
    await ann.whenSaved()
    expect(ann.status.error).toBeNull()
    const newcomer = await person(server)
    expect(contentOf(newcomer.ydoc)).toBe('one two three ')
  })
})

/** Edits until the document is compacted up to a number: a compaction begins with an edit. */
async function snapshotOf(server: Crashing, upToSeq: number, edit: () => void): Promise<void> {
  let snapshotSeq = 0
  const timer = setInterval(() => {
    edit()
    void server.disk.stat(ID).then((stat) => (snapshotSeq = stat?.snapshotSeq ?? 0))
  }, 20)
  await eventually('compacted', () => snapshotSeq >= upToSeq).finally(() => clearInterval(timer))
}

async function elsewhere(text: string): Promise<Crashing> {
  const server = await running()
  const author = await person(server)
  append(author.ydoc, text)
  await author.whenSaved()
  author.destroy()
  return server
}

async function copyOfDoc(doc: Y.Doc): Promise<MemoryStore> {
  const store = new MemoryStore()
  await store.open()
  const updates = [Y.encodeStateAsUpdate(doc)]
  await store.append([{ documentId: ID, historyId: 'f'.repeat(32), firstSeq: 1, updates }])
  return store
}

/** Draws the same incarnation for every server. */
function repeatingRandom(): Random {
  return {
    fraction: () => systemRandom.fraction(),
    bytes: (length) =>
      length === 16 ? new Uint8Array(length).fill(7) : systemRandom.bytes(length),
  }
}

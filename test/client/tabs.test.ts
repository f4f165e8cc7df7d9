import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { IndexedDbStore } from '@coscribe/client/offline'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { FakeBrowser, type FakeTab } from '../support/fake-tabs.js'
import { EMPTY_VECTOR, ScriptedRoom } from '../support/scripted-room.js'

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
})

const url = 'ws://server.test'

interface Opened {
  readonly tab: FakeTab
  readonly scripted: ScriptedRoom
}

/** A tab with the document, which waits for its server. */
async function open(
  browser: FakeBrowser,
  options: { readonly user?: string; readonly token?: string } = {},
): Promise<Opened> {
  const { user, ...rest } = options
  const tab = browser.tab()
  const named = user === undefined ? {} : { user }
  const offline = new IndexedDbStore({ url, doc: 'document', tabs: tab, ...named })
  const scripted = new ScriptedRoom({ offline, ...rest })
  await expect.poll(() => scripted.factory.sockets.length).toBe(1)
  return { tab, scripted }
}

function textOf({ scripted }: Opened): string {
  return scripted.room.text('content').toString()
}

async function reads(opened: Opened, wanted: string): Promise<void> {
  await expect.poll(() => textOf(opened)).toBe(wanted)
}

/** What is on this device. */
async function stored(user?: string): Promise<string> {
  const named = user === undefined ? {} : { user }
  const { updates } = await new IndexedDbStore({
    url,
    doc: 'document',
    tabs: null,
    ...named,
  }).load()
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc.getText('content').toString()
}

/** The tab's server answers, and has what it says. */
function meet({ scripted }: Opened, server = new Y.Doc()): void {
  scripted.handshake(server)
  scripted.socket.say({ type: 'resume-point', seq: 1 })
}

describe('tabs without a server', () => {
  it('[K32] show what each of them writes, and each sends its own, once', async () => {
    const browser = new FakeBrowser()
    const [ada, ben] = [await open(browser), await open(browser)]
    await ada.scripted.type('from a')
    await reads(ben, 'from a')
    await ben.scripted.type(', from b')
    await reads(ada, 'from a, from b')
    expect(ada.scripted.room.status.pending.updates).toBe(1)
    expect(ben.scripted.room.status.pending.updates).toBe(1)
    await expect.poll(() => ben.scripted.save).toBe('local')
    const server = new Y.Doc()
    meet(ada, server)
    for (const update of ada.scripted.socket.updates) Y.applyUpdate(server, update)
    meet(ben, server)
    const bens = ben.scripted.uploaded()
    expect(
      Y.decodeStateVector(Y.encodeStateVector(bens)).has(ada.scripted.room.ydoc.clientID),
    ).toBe(false)
    for (const update of ben.scripted.socket.updates) Y.applyUpdate(server, update)
    expect(server.getText('content').toString()).toBe('from a, from b')
    ada.scripted.ackAll()
    ben.scripted.ackAll()
    expect([ada.scripted.save, ben.scripted.save]).toEqual(['saved', 'saved'])
  })

  it('[K32] that come later are told what is here, and a server that asks again gets all of it', async () => {
    const browser = new FakeBrowser()
    const ada = await open(browser, { user: 'ada' })
    await ada.scripted.type('early')
    await expect.poll(() => ada.scripted.save).toBe('local')
    // Nothing of it is in this one's copy.
    globalThis.indexedDB = new IDBFactory()
    const ben = await open(browser, { user: 'ada' })
    await reads(ben, 'early')
    expect(ben.scripted.room.status.pending.updates).toBe(0)
    ben.scripted.socket.welcome()
    ben.scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    expect(ben.scripted.uploaded().getText('content').toString()).toBe('')
    ben.scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    await ben.scripted.clock.advance(1_000)
    expect(ben.scripted.uploaded().getText('content').toString()).toBe('early')
    expect(ben.scripted.save).not.toBe('saved')
  })

  it('[K33] of another user, another history, or with tokens of nobody in particular say nothing to each other', async () => {
    const browser = new FakeBrowser()
    const ada = await open(browser, { user: 'ada' })
    const ben = await open(browser, { user: 'ben' })
    const nobody = await open(browser, { token: 'secret' })
    const replaced = await open(browser, { user: 'ada' })
    meet(replaced)
    await expect.poll(() => browser.channels.length).toBe(3)
    replaced.scripted.socket.drop()
    await ada.scripted.type('private')
    await expect.poll(() => ada.scripted.save).toBe('local')
    for (const other of [ben, nobody, replaced]) expect(textOf(other)).toBe('')
    expect(browser.channels.some((name) => name.includes('secret'))).toBe(false)
    expect(nobody.tab.isFollowed).toBe(false)
  })

  it('[K33] tell nothing that may not be written, and hear nothing into what may not be', async () => {
    const browser = new FakeBrowser()
    const [writer, reader] = [await open(browser), await open(browser)]
    reader.scripted.socket.welcome({ access: 'read' })
    writer.scripted.socket.welcome()
    for (const { scripted } of [reader, writer]) {
      scripted.socket.say({ type: 'resume-point', seq: 1 })
      scripted.room.disconnect()
    }
    await writer.scripted.type('by the writer')
    await reader.scripted.type('by the reader')
    await expect.poll(() => writer.scripted.save).toBe('local')
    expect([textOf(writer), textOf(reader)]).toEqual(['by the writer', 'by the reader'])
    expect(browser.said.filter(({ data }) => (data as { say: string }).say === 'edit')).not.toEqual(
      [],
    )
  })

  it('[K34] take nothing from a channel but what is checked', async () => {
    const browser = new FakeBrowser()
    const ada = await open(browser)
    await ada.scripted.type('mine')
    await expect.poll(() => browser.channels.length).toBe(1)
    const [name = ''] = browser.channels
    const tab = 'f'.repeat(32)
    const other = new Y.Doc()
    other.getText('content').insert(0, 'forged')
    const update = Y.encodeStateAsUpdate(other)
    const messages: unknown[] = [
      null,
      'text',
      { tab, say: 'edit' },
      { tab, say: 'edit', update: [...update] },
      { tab, say: 'edit', update: Uint8Array.of(...update, 0) },
      { tab, say: 'edit', update: Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 1) },
      { tab, say: 'edit', update: new Uint8Array(5 * 1024 * 1024) },
      { tab, say: 'edit', update: new Uint8Array(new ArrayBuffer(64), 8, 2) },
      { tab: 'x', say: 'edit', update },
      { tab, say: 'ask', stateVector: Uint8Array.of(9), answers: false },
      { tab, say: 'ask', stateVector: EMPTY_VECTOR },
      { tab, say: 'anything' },
    ]
    for (const message of messages) browser.say(name, message)
    const before = browser.said.length
    for (let i = 0; i < 200; i++) {
      browser.say(name, { tab, say: 'ask', stateVector: EMPTY_VECTOR, answers: true })
    }
    await ada.scripted.clock.settle()
    expect(textOf(ada)).toBe('mine')
    expect(browser.said.length - before).toBeLessThan(250)
    // What is well-formed is somebody's edit.
    browser.say(name, { tab, say: 'edit', update })
    await expect.poll(() => textOf(ada)).toContain('forged')
    expect(ada.scripted.room.status.pending.updates).toBeLessThan(3)
  })

  it.each(['closed', 'crashed', 'frozen'] as const)(
    '[K35] what one that is %s has not sent, another one sends',
    async (how) => {
      const browser = new FakeBrowser()
      const [ada, ben] = [await open(browser), await open(browser)]
      await ada.scripted.type('left behind')
      await reads(ben, 'left behind')
      expect(ben.scripted.room.status.pending.updates).toBe(0)
      if (how === 'closed') ada.scripted.room.destroy()
      else if (how === 'crashed') ada.tab.crash()
      else ada.tab.freeze()
      await expect.poll(() => ben.scripted.room.status.pending.updates).toBeGreaterThan(0)
      await expect.poll(() => ben.scripted.save).toBe('local')
      meet(ben)
      expect(ben.scripted.uploaded().getText('content').toString()).toBe('left behind')
      ben.scripted.ackAll()
      expect(ben.scripted.save).toBe('saved')
      if (how !== 'frozen') return
      ada.tab.resume()
      await ada.scripted.type('!')
      await reads(ada, 'left behind!')
    },
  )

  it('[K36] write what was written in them; the rest one of them does, and another when it is gone', async () => {
    const browser = new FakeBrowser()
    const [keeper, other] = [await open(browser), await open(browser)]
    for (const one of [keeper, other]) meet(one)
    await keeper.scripted.type('k')
    await expect.poll(() => stored()).toBe('k')
    const server = new Y.Doc()
    server.getText('content').insert(0, 'from the server')
    other.scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(server) })
    await other.scripted.type(', and o')
    // What it wrote would be nothing without what it was written after.
    await expect.poll(() => stored()).toMatch(/from the server.*, and o/)
    server.getText('content').insert(0, 'more ')
    other.scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(server) })
    await other.scripted.clock.settle()
    expect(textOf(other)).toContain('more from the server')
    expect(await stored()).not.toContain('more')
    // The other one has written nothing since, and keeps the copy up from now on.
    keeper.tab.crash()
    await expect.poll(() => stored()).toContain('more from the server')
  })

  it('[K37] and without locks write all they learn, and leave nothing to each other', async () => {
    const browser = new FakeBrowser({ locks: false })
    const [ada, ben] = [await open(browser), await open(browser)]
    await ada.scripted.type('from a')
    await reads(ben, 'from a')
    const server = new Y.Doc()
    server.getText('content').insert(0, 'theirs')
    meet(ben, server)
    await expect.poll(() => stored()).toContain('theirs')
    expect(ben.scripted.uploaded().getText('content').toString()).toContain('from a')
    expect(ben.scripted.save).toBe('saving')
    ben.scripted.ackAll()
    expect(ben.scripted.save).toBe('saved')
  })

  it('[K12] leave no channel, lock or listener behind', async () => {
    const browser = new FakeBrowser()
    const [ada, ben] = [await open(browser), await open(browser)]
    await ada.scripted.type('x')
    await reads(ben, 'x')
    for (const { scripted, tab } of [ada, ben]) {
      scripted.room.destroy()
      expect(tab.isFollowed).toBe(false)
    }
    await expect.poll(() => browser.lockCount).toBe(0)
    expect(browser.channels).toEqual([])
  })

  it('[K38] ask the browser once to keep what is nowhere else', async () => {
    let asked = 0
    const storage = {
      persist: () => {
        asked++
        return Promise.reject(new Error('no'))
      },
    }
    vi.stubGlobal('navigator', { storage, onLine: true })
    try {
      const ada = await open(new FakeBrowser())
      meet(ada)
      await ada.scripted.type('a')
      ada.scripted.ackAll()
      expect(asked).toBe(0)
      ada.scripted.room.disconnect()
      await ada.scripted.type('b')
      await ada.scripted.type('c')
      expect(asked).toBe(1)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

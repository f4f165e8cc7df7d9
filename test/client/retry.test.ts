import { OfflineStore, type OfflineCopy } from '@coscribe/client/offline'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { ScriptedRoom } from '../support/scripted-room.js'

function content(doc: Y.Doc): string {
  return doc.getText('content').toString()
}

function docWith(text: string): Y.Doc {
  const doc = new Y.Doc()
  doc.getText('content').insert(0, text)
  return doc
}

/** A room with one edit that was refused with this code. */
async function refused(code: string): Promise<ScriptedRoom> {
  const scripted = new ScriptedRoom()
  scripted.handshake()
  await scripted.type('a')
  scripted.socket.say({ type: 'rejected', count: 2, code, message: 'not now' })
  scripted.ackAll()
  await scripted.clock.advance(1_000)
  return scripted
}

describe('asking to try again', () => {
  it.each(['storage-unavailable', 'document-full'])(
    '[K15] what was refused as %s is uploaded at once, and counts when it is taken',
    async (code) => {
      const scripted = await refused(code)
      // Backoff grows meanwhile, where there is any.
      const refusals = code === 'storage-unavailable' ? 6 : 0
      for (let i = 0; i < refusals; i++) {
        const count = scripted.socket.updates.length
        scripted.socket.say({ type: 'rejected', count, code, message: 'not now' })
        await scripted.clock.advance(1_000)
      }
      const before = scripted.socket.updates.length
      scripted.room.retry()
      scripted.room.retry()
      await scripted.clock.advance(1_000)
      expect(scripted.socket.updates).toHaveLength(before + 1)
      expect(content(scripted.uploaded())).toBe('a')
      expect(scripted.save).toBe('unsaved')
      scripted.ackAll()
      expect(scripted.room.status).toMatchObject({ save: 'saved', error: null })
      expect(scripted.factory.sockets).toHaveLength(1)
    },
  )

  it('[K15] what is refused for good again stays refused, with the reason', async () => {
    const scripted = await refused('document-full')
    scripted.room.retry()
    await scripted.clock.advance(1_000)
    const count = scripted.socket.updates.length
    scripted.socket.say({ type: 'rejected', count, code: 'document-full', message: 'still full' })
    await scripted.clock.advance(20_000)
    expect(scripted.socket.updates).toHaveLength(count)
    expect(scripted.room.status).toMatchObject({
      save: 'unsaved',
      error: { code: 'document-full', message: 'still full', retryable: false },
    })
  })

  it('[K15] a session that acknowledges nothing is given up for a new one, and everything goes up in that', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    await scripted.clock.advance(10_000)
    expect(scripted.room.status).toMatchObject({ save: 'unsaved', error: { code: 'timeout' } })
    const [first] = scripted.factory.sockets
    scripted.room.retry()
    expect(first?.closedWith).toBe(1000)
    expect(scripted.factory.sockets).toHaveLength(2)
    // An attempt that is under way is the attempt that was asked for.
    scripted.room.retry()
    expect(scripted.factory.sockets).toHaveLength(2)
    scripted.handshake()
    expect(content(scripted.uploaded())).toBe('a')
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K15] so is one in which edits wait because the document may not be written', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    const readOnly = { access: 'read', code: 'storage-unavailable', reason: 'disk full' } as const
    scripted.socket.say({ type: 'access', ...readOnly })
    scripted.room.retry()
    expect(scripted.factory.sockets).toHaveLength(1)
    await scripted.type('a')
    scripted.room.retry()
    expect(scripted.factory.sockets).toHaveLength(2)
  })

  it('[K15] a session in which all is well goes on', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    scripted.room.retry()
    await scripted.clock.advance(5_000)
    expect(scripted.factory.sockets).toHaveLength(1)
    expect(scripted.socket.updates).toHaveLength(2)
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K15] without a connection it connects at once; nothing is left behind by a room that ends', async () => {
    const scripted = await refused('document-full')
    scripted.socket.drop()
    scripted.room.retry()
    expect(scripted.factory.sockets).toHaveLength(2)
    scripted.handshake()
    expect(content(scripted.uploaded())).toBe('a')
    scripted.socket.drop()
    scripted.room.disconnect()
    scripted.room.retry()
    scripted.room.destroy()
    // What is left is the end of the closing handshakes.
    await scripted.clock.advance(2_000)
    expect(scripted.clock.waiting).toBe(0)
    expect(() => scripted.room.retry()).toThrow(TypeError)
  })
})

/** A copy in memory that fails until it is mended. */
class FailingStore extends OfflineStore {
  updates: Uint8Array[] = []
  historyId = ''
  broken = true
  loads = 0

  override load(): Promise<OfflineCopy> {
    this.loads++
    if (this.broken) return Promise.reject(new Error('no database'))
    return Promise.resolve({ historyId: this.historyId, updates: this.updates })
  }

  override append(updates: readonly Uint8Array[], historyId: string): Promise<void> {
    if (this.broken) return Promise.reject(new Error('no database'))
    this.updates.push(...updates)
    this.historyId = historyId
    return Promise.resolve()
  }

  text(): string {
    const doc = new Y.Doc()
    for (const update of this.updates) Y.applyUpdate(doc, update)
    return content(doc)
  }
}

async function withFailingCopy(): Promise<{ offline: FailingStore; scripted: ScriptedRoom }> {
  const offline = new FailingStore()
  const scripted = new ScriptedRoom({ offline })
  await scripted.clock.settle()
  expect(scripted.room.status.error).toMatchObject({ code: 'offline-copy-failed' })
  return { offline, scripted }
}

describe('a copy on this device that failed', () => {
  it('[K16] is kept from when it is possible, with everything that the document holds', async () => {
    const { offline, scripted } = await withFailingCopy()
    scripted.handshake(docWith('theirs '))
    scripted.socket.say({ type: 'resume-point', seq: 1 })
    await scripted.type('mine')
    scripted.room.retryCopy()
    await scripted.clock.settle()
    expect(scripted.room.status.error).toMatchObject({ code: 'offline-copy-failed' })
    offline.broken = false
    const { loads } = offline
    scripted.room.retryCopy()
    scripted.room.retryCopy()
    await scripted.clock.settle()
    expect(offline.loads).toBe(loads + 1)
    expect(scripted.room.status).toMatchObject({ error: null, keptLocally: true })
    expect([offline.text(), offline.historyId]).toEqual(['theirs mine', 'h'])
    await scripted.type('!')
    expect(offline.text()).toBe('theirs mine!')
    scripted.room.retryCopy()
    expect(offline.loads).toBe(loads + 1)
  })

  it('[K16] is tried again when the server is lost, once', async () => {
    const { offline, scripted } = await withFailingCopy()
    scripted.handshake(docWith('theirs '))
    scripted.socket.say({ type: 'resume-point', seq: 1 })
    await scripted.type('mine')
    const { loads } = offline
    offline.broken = false
    await scripted.clock.advance(1_000)
    expect(offline.loads).toBe(loads)
    scripted.socket.drop()
    await scripted.clock.settle()
    expect(scripted.room.status).toMatchObject({ save: 'local', error: null })
    expect(offline.text()).toBe('theirs mine')
    expect(offline.loads).toBe(loads + 1)
  })

  it('[K16] brings what it holds: to the page, and to a server that lacks it', async () => {
    const { offline, scripted } = await withFailingCopy()
    scripted.handshake()
    expect(scripted.save).toBe('saved')
    offline.updates = [Y.encodeStateAsUpdate(docWith('from before'))]
    offline.historyId = 'h'
    offline.broken = false
    scripted.room.retry()
    await scripted.clock.settle()
    expect(content(scripted.room.ydoc)).toBe('from before')
    expect(scripted.save).toBe('saving')
    expect(content(scripted.uploaded())).toBe('from before')
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K16] is not mixed with a document of another history', async () => {
    const { offline, scripted } = await withFailingCopy()
    scripted.handshake(docWith('here'))
    offline.updates = [Y.encodeStateAsUpdate(docWith('another document'))]
    offline.historyId = 'replaced'
    offline.broken = false
    scripted.room.retryCopy()
    await scripted.clock.settle()
    expect(content(scripted.room.ydoc)).toBe('here')
    expect(offline.text()).toBe('another document')
    expect(scripted.room.status.error).toMatchObject({
      code: 'offline-copy-failed',
      message: expect.stringContaining('replaced'),
    })
  })

  it('[K16] is no copy when it is damaged, and the document opens all the same', async () => {
    const offline = new FailingStore()
    offline.broken = false
    offline.updates = [Uint8Array.of(1, 2, 3)]
    const scripted = new ScriptedRoom({ offline })
    await scripted.clock.settle()
    scripted.handshake(docWith('theirs'))
    expect(content(scripted.room.ydoc)).toBe('theirs')
    expect(scripted.room.status.error).toMatchObject({ code: 'offline-copy-failed' })
  })
})

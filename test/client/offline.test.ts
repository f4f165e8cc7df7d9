import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { OfflineStore, type OfflineCopy } from '@coscribe/client/offline'
import { ScriptedRoom } from '../support/scripted-room.js'

/** A copy in memory that writes when the test says so. */
class MemoryOfflineStore extends OfflineStore {
  readonly updates: Uint8Array[] = []
  historyId = ''
  /** Calls whose bytes are on their way. */
  readonly writing: { finish: () => void; fail: (error: Error) => void }[] = []
  held = false
  /** How often it was closed. */
  closed = 0

  override async load(): Promise<OfflineCopy> {
    return { historyId: this.historyId, updates: this.updates }
  }

  override async append(updates: readonly Uint8Array[], historyId: string): Promise<void> {
    if (this.held) {
      await new Promise<void>((finish, fail) => this.writing.push({ finish, fail }))
    }
    this.updates.push(...updates)
    this.historyId = historyId
  }

  override async forget(): Promise<void> {
    this.updates.splice(0)
    this.historyId = ''
  }

  override close(): void {
    this.closed += 1
  }

  text(): string {
    const doc = new Y.Doc()
    for (const update of this.updates) Y.applyUpdate(doc, update)
    return doc.getText('content').toString()
  }
}

describe('the offline copy', () => {
  it('[K6] knows its history also when nothing is written after it became known', async () => {
    const offline = new MemoryOfflineStore()
    const reader = new ScriptedRoom({ offline })
    await reader.clock.settle()
    const doc = new Y.Doc()
    doc.getText('content').insert(0, 'theirs')
    reader.handshake(doc)
    reader.socket.say({ type: 'resume-point', seq: 1 })
    await reader.clock.settle()
    expect(offline.text()).toBe('theirs')
    expect(offline.historyId).toBe('h')
  })

  it('[K19] is taken away with its room, after what is being written', async () => {
    const offline = new MemoryOfflineStore()
    const scripted = new ScriptedRoom({ offline })
    await scripted.type('a')
    offline.held = true
    await scripted.type('b')
    await scripted.type('c')
    const forgotten = scripted.room.forget()
    expect(scripted.room.status.connection).toBe('closed')
    expect(offline.text()).toBe('a')
    offline.writing[0]?.finish()
    await forgotten
    expect(offline.writing).toHaveLength(1)
    expect(offline.updates).toEqual([])
    expect(offline.closed).toBeGreaterThan(0)
    expect(scripted.room.text('content').toString()).toBe('abc')
    await expect(new ScriptedRoom().room.forget()).resolves.toBeUndefined()
  })

  it('[K12] is closed with its room, after what is being written', async () => {
    const offline = new MemoryOfflineStore()
    const scripted = new ScriptedRoom({ offline })
    offline.held = true
    await scripted.type('a')
    scripted.room.destroy()
    expect(offline.closed).toBe(0)
    offline.writing[0]?.finish()
    await scripted.clock.settle()
    expect(offline.closed).toBe(1)
    expect(offline.text()).toBe('a')
    const idle = new MemoryOfflineStore()
    const second = new ScriptedRoom({ offline: idle })
    await second.clock.settle()
    second.room.destroy()
    expect(idle.closed).toBe(1)
  })

  it('[K10] unsent edits are local when the store has them, not before', async () => {
    const offline = new MemoryOfflineStore()
    const scripted = new ScriptedRoom({ offline })
    offline.held = true
    await scripted.type('a')
    expect(scripted.save).toBe('unsaved')
    await scripted.type('b')
    // One call at a time, and everything that came meanwhile in the next.
    expect(offline.writing).toHaveLength(1)
    offline.held = false
    offline.writing[0]?.finish()
    await scripted.clock.settle()
    expect(scripted.save).toBe('local')
    expect(offline.text()).toBe('ab')
  })

  it('[K10] a new room begins with the copy, and it is not saved before a server says so', async () => {
    const offline = new MemoryOfflineStore()
    const first = new ScriptedRoom({ offline })
    await first.clock.settle()
    first.handshake()
    first.socket.say({ type: 'resume-point', seq: 1 })
    await first.type('kept')
    first.room.destroy()
    const second = new ScriptedRoom({ offline })
    expect(second.factory.sockets).toHaveLength(0)
    await second.clock.settle()
    expect(second.room.text('content').toString()).toBe('kept')
    expect(second.save).toBe('local')
    second.socket.accept()
    expect(second.socket.of('open')).toMatchObject([{ historyId: 'h', resume: null }])
    second.room.disconnect()
    second.room.connect()
    await second.clock.settle()
    second.handshake()
    expect(second.save).toBe('saving')
    second.ackAll()
    expect(second.save).toBe('saved')
    expect(offline.updates).toHaveLength(1)
  })

  it('[K10] remote edits are kept too', async () => {
    const offline = new MemoryOfflineStore()
    const scripted = new ScriptedRoom({ offline })
    await scripted.clock.settle()
    const doc = new Y.Doc()
    doc.getText('content').insert(0, 'theirs')
    scripted.handshake(doc)
    await scripted.clock.settle()
    expect(offline.text()).toBe('theirs')
  })

  it('[K10] a copy that fails is said, and calls nothing local', async () => {
    const offline = new MemoryOfflineStore()
    const scripted = new ScriptedRoom({ offline })
    offline.held = true
    await scripted.type('a')
    offline.writing[0]?.fail(new Error('quota exceeded'))
    await scripted.clock.settle()
    expect(scripted.room.status).toMatchObject({
      save: 'unsaved',
      error: { code: 'offline-copy-failed', message: expect.stringContaining('quota exceeded') },
    })
    await scripted.type('b')
    expect(offline.writing).toHaveLength(1)
    scripted.handshake()
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K10] a copy that cannot be read does not keep anybody from the server', async () => {
    const offline = new MemoryOfflineStore()
    offline.load = () => Promise.reject(new Error('blocked'))
    const scripted = new ScriptedRoom({ offline })
    await scripted.clock.settle()
    scripted.handshake()
    expect(scripted.room.status).toMatchObject({
      connection: 'connected',
      error: { code: 'offline-copy-failed' },
    })
  })

  it('[K10] a store that does not keep up is given up at a bound', async () => {
    const offline = new MemoryOfflineStore()
    const scripted = new ScriptedRoom({ offline })
    await scripted.clock.settle()
    offline.held = true
    const map = scripted.room.ydoc.getMap('map')
    for (let i = 0; i < 18; i++) map.set('large', new Uint8Array(1024 * 1024))
    expect(scripted.room.status.error).toMatchObject({ code: 'offline-copy-failed' })
  })

  it('[K10] a room destroyed while its copy is read stays closed', async () => {
    const scripted = new ScriptedRoom({ offline: new MemoryOfflineStore() })
    scripted.room.destroy()
    await scripted.clock.settle()
    expect(scripted.factory.sockets).toHaveLength(0)
  })
})

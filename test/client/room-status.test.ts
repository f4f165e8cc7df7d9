import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { closeCodes } from '@coscribe/shared'
import { RoomError, Y as exportedY, type RoomStatus } from '@coscribe/client'
import { EMPTY_VECTOR, ScriptedRoom } from '../support/scripted-room.js'

function docWith(text: string): Y.Doc {
  const doc = new Y.Doc()
  doc.getText('content').insert(0, text)
  return doc
}

function content(doc: Y.Doc): string {
  return doc.getText('content').toString()
}

function throwMistake(): never {
  throw new Error('a mistake in the application')
}

describe('refusals', () => {
  it('[K8] one that passes: uploaded again after a delay, until it is taken', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    await scripted.type('b')
    const refuse = (count: number) =>
      scripted.socket.say({ type: 'rejected', count, code: 'storage-unavailable', message: 'full' })
    refuse(2)
    refuse(3)
    scripted.ackAll()
    const refused = {
      save: 'unsaved',
      error: { code: 'storage-unavailable', message: 'full', retryable: true },
    }
    expect(scripted.room.status).toMatchObject(refused)
    await scripted.type('c')
    expect(scripted.socket.updates).toHaveLength(3)
    await scripted.clock.advance(1_000)
    expect(scripted.socket.updates).toHaveLength(4)
    expect(content(scripted.uploaded())).toBe('abc')
    refuse(4)
    expect(scripted.room.status).toMatchObject(refused)
    await scripted.clock.advance(2_000)
    scripted.ackAll()
    expect(scripted.room.status).toMatchObject({ save: 'saved', error: null })
  })

  it('[K8] a document that cannot be written: nothing is sent until it can be, then everything', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    const readOnly = { access: 'read', code: 'storage-unavailable', reason: 'disk full' } as const
    scripted.socket.say({ type: 'access', ...readOnly })
    expect(scripted.room.status).toMatchObject({ access: 'read', save: 'saved' })
    await scripted.type('a')
    await scripted.clock.advance(20_000)
    expect(scripted.socket.of('update')).toHaveLength(0)
    expect(scripted.room.status).toMatchObject({
      save: 'unsaved',
      error: { code: 'storage-unavailable', message: 'disk full', retryable: true },
    })
    scripted.socket.say({ type: 'access', access: 'write', code: '', reason: '' })
    expect(scripted.room.status).toMatchObject({ access: 'write', save: 'saving', error: null })
    expect(content(scripted.uploaded())).toBe('a')
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K20] a right that was taken away and came back: nothing is sent in between, then everything', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    scripted.socket.say({ type: 'access', access: 'read', code: '', reason: '' })
    scripted.socket.say({ type: 'rejected', count: 2, code: 'read-only', message: 'read' })
    scripted.ackAll()
    await scripted.type('b')
    await scripted.clock.advance(20_000)
    expect(scripted.socket.updates).toHaveLength(2)
    expect(scripted.room.status).toMatchObject({ access: 'read', save: 'unsaved' })
    expect(content(scripted.room.ydoc)).toBe('ab')
    scripted.socket.say({ type: 'access', access: 'write', code: '', reason: '' })
    scripted.ackAll()
    expect(content(scripted.uploaded())).toBe('ab')
    expect(scripted.save).toBe('saved')
  })

  it('[K8] a server that asks again while a refusal is waited out is answered at its end', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    scripted.socket.say({ type: 'rejected', count: 2, code: 'pending-full', message: '' })
    const sent = scripted.socket.updates.length
    for (let i = 0; i < 10; i++) {
      scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    }
    expect(scripted.socket.updates).toHaveLength(sent)
    await scripted.clock.advance(1_000)
    expect(scripted.socket.updates).toHaveLength(sent + 1)
  })

  it('[K8] a server that asks in a circle is answered once a second, and edits go on meanwhile', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    for (let i = 0; i < 100; i++) {
      scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
      await scripted.clock.advance(100)
    }
    expect(scripted.socket.of('sync-step-2').length).toBeLessThanOrEqual(11)
    expect(scripted.socket.of('sync-step-2').length).toBeGreaterThan(5)
    const before = scripted.socket.of('update').length
    scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    await scripted.type('b')
    expect(scripted.socket.of('update')).toHaveLength(before + 1)
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K8] one that cannot pass: unsaved for good, the text kept, nothing more is sent, reading goes on', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('refused')
    const saved = scripted.room.whenSaved()
    scripted.socket.say({ type: 'rejected', count: 2, code: 'document-full', message: 'full' })
    scripted.ackAll()
    await expect(saved).rejects.toMatchObject({ code: 'document-full', retryable: false })
    await scripted.type(' too')
    scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(docWith('theirs')) })
    await scripted.clock.advance(20_000)
    expect(scripted.socket.updates).toHaveLength(2)
    expect(content(scripted.room.ydoc)).toContain('refused too')
    expect(content(scripted.room.ydoc)).toContain('theirs')
    expect(scripted.room.status).toMatchObject({
      connection: 'connected',
      save: 'unsaved',
      error: { code: 'document-full', retryable: false },
    })
    await scripted.reconnect()
    scripted.handshake()
    expect(scripted.socket.updates).toHaveLength(0)
    expect(scripted.room.status).toMatchObject({
      save: 'unsaved',
      error: { code: 'document-full' },
    })
  })

  it('[K8] a viewer sends no edits, and is not told of trouble without one', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake(docWith('read me'), {
      access: 'read',
      code: 'read-only',
      reason: 'for readers',
    })
    expect(scripted.room.status).toMatchObject({ access: 'read', save: 'saved', error: null })
    await scripted.type('!')
    expect(scripted.socket.updates).toHaveLength(0)
    expect(scripted.room.status).toMatchObject({ save: 'unsaved', error: { code: 'read-only' } })
  })
})

describe('status and waiting', () => {
  it('[K9] what is taken and not acknowledged for 10 s is not called being saved any more', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    await scripted.clock.advance(9_000)
    await scripted.type('b')
    expect(scripted.save).toBe('saving')
    await scripted.clock.advance(1_000)
    expect(scripted.room.status).toMatchObject({
      connection: 'connected',
      save: 'unsaved',
      error: { code: 'timeout', retryable: true },
    })
    await scripted.type('and typing on changes nothing')
    expect(scripted.save).toBe('unsaved')
    // Slow is not stuck: any ack is a sign of life.
    scripted.socket.say({ type: 'ack', count: 2 })
    expect(scripted.room.status).toMatchObject({ save: 'saving', error: null })
    await scripted.clock.advance(9_999)
    expect(scripted.save).toBe('saving')
    scripted.ackAll()
    await scripted.clock.advance(15_000)
    expect(scripted.room.status).toMatchObject({ save: 'saved', error: null })
    // Each wait has ten seconds of its own, however close the one before.
    await scripted.type('c')
    scripted.ackAll()
    await scripted.clock.advance(9_000)
    scripted.socket.say({ type: 'pong' })
    await scripted.type('d')
    await scripted.clock.advance(9_000)
    expect(scripted.save).toBe('saving')
    await scripted.clock.advance(1_000)
    expect(scripted.save).toBe('unsaved')
  })

  it('[K9] is one frozen snapshot, new exactly when something changed', async () => {
    const scripted = new ScriptedRoom()
    const seen: RoomStatus[] = [scripted.room.status]
    const saves: string[] = []
    const connections: string[] = []
    const synced: boolean[] = []
    scripted.room.on('status', (status) => seen.push(status))
    scripted.room.on('save', (save) => saves.push(save))
    scripted.room.on('connection', (connection) => connections.push(connection))
    scripted.room.on('synced', (now) => synced.push(now))
    scripted.handshake()
    await scripted.type('a')
    scripted.ackAll()
    await scripted.reconnect()
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.at(-1)).toBe(scripted.room.status)
    for (const status of seen) expect(Object.isFrozen(status)).toBe(true)
    expect(saves).toEqual(['saved', 'saving', 'saved'])
    expect(connections).toEqual(['connected', 'reconnecting'])
    expect(synced).toEqual([true, false])
    expect(seen.every((status, i) => i === 0 || same(status) !== same(seen[i - 1]))).toBe(true)
  })

  it('[K9] a listener that throws stops nothing, and its error surfaces', async () => {
    const scripted = new ScriptedRoom()
    const surfaced: unknown[] = []
    const catchers = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => surfaced.push(error))
    scripted.room.on('save', throwMistake)
    scripted.handshake()
    await scripted.clock.settle()
    process.removeAllListeners('uncaughtException')
    for (const catcher of catchers) process.on('uncaughtException', catcher)
    expect(surfaced).toHaveLength(1)
    expect(scripted.room.status).toMatchObject({ connection: 'connected', save: 'saved' })
  })

  it('[K12] whenReady resolves when the document is here, whenSaved when the edits before it are on disk', async () => {
    const scripted = new ScriptedRoom()
    const order: string[] = []
    void scripted.room.whenReady().then(() => order.push('ready'))
    await scripted.type('a')
    void scripted.room.whenSaved().then(() => order.push('a saved'))
    scripted.handshake()
    await scripted.clock.settle()
    expect(order).toEqual(['ready'])
    await scripted.type('b')
    void scripted.room.whenSaved().then(() => order.push('b saved'))
    scripted.socket.say({ type: 'ack', count: 1 })
    await scripted.clock.settle()
    expect(order).toEqual(['ready', 'a saved'])
    expect(scripted.save).toBe('saving')
    scripted.ackAll()
    await scripted.clock.settle()
    expect(order).toEqual(['ready', 'a saved', 'b saved'])
    await scripted.room.whenSaved()
  })

  it('[K12] waiting ends with a timeout, a lasting refusal or the end of the room', async () => {
    const scripted = new ScriptedRoom()
    const late = scripted.room.whenReady({ timeout: 5_000 })
    const caught = late.catch((error: unknown) => error)
    await scripted.clock.advance(5_000)
    expect(await caught).toBeInstanceOf(RoomError)
    await expect(late).rejects.toMatchObject({ code: 'timeout' })
    const refused = scripted.room.whenReady()
    scripted.socket.drop(closeCodes.forbidden.code)
    await expect(refused).rejects.toMatchObject({ code: 'forbidden', retryable: false })
    scripted.room.connect()
    const ended = scripted.room.whenSaved()
    scripted.room.destroy()
    await expect(ended).rejects.toMatchObject({ code: 'closed' })
    await expect(scripted.room.whenReady()).rejects.toMatchObject({ code: 'closed' })
  })

  it('[K12] destroy leaves no timer, socket or listener, and is harmless twice', async () => {
    const scripted = new ScriptedRoom()
    let destroyed = 0
    scripted.room.on('destroyed', () => destroyed++)
    scripted.handshake()
    scripted.room.presence.set({ name: 'Ada' })
    scripted.room.presence.set({ name: 'Ada L.' })
    await scripted.type('a')
    scripted.room.destroy()
    scripted.room.destroy()
    expect(destroyed).toBe(1)
    expect(scripted.socket.closedWith).toBe(1000)
    expect(scripted.clock.waiting).toBe(0)
    expect(scripted.network.listeners.size).toBe(0)
    expect(scripted.room.status).toMatchObject({ connection: 'closed', save: 'unsaved' })
    scripted.room.text('content').insert(0, 'after')
    await scripted.clock.settle()
    expect(scripted.socket.updates).toHaveLength(2)
    expect(() => scripted.room.connect()).toThrow(TypeError)
  })

  it('[K12] the end of the document is the end of the room', () => {
    const scripted = new ScriptedRoom()
    scripted.room.ydoc.destroy()
    expect(scripted.room.status.connection).toBe('closed')
  })

  it('[K12] applications get the same yjs', () => {
    expect(exportedY.Doc).toBe(Y.Doc)
  })
})

function same(status: RoomStatus | undefined): string {
  return JSON.stringify(status)
}

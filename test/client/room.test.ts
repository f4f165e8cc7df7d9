import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { closeCodes, defaultLimits } from '@coscribe/shared'
import { EMPTY_UPDATE, EMPTY_VECTOR, ScriptedRoom } from '../support/scripted-room.js'

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

/** A room in a session that has brought documents with these texts, and not all there is. */
function opening(...texts: readonly string[]): { scripted: ScriptedRoom; changes: () => number } {
  const scripted = new ScriptedRoom()
  let changes = 0
  scripted.room.ydoc.on('update', () => changes++)
  scripted.socket.welcome()
  for (const text of texts) {
    scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(docWith(text)) })
  }
  return { scripted, changes: () => changes }
}

describe('[K56] what comes of a document while it is opened', () => {
  it('goes into it together', () => {
    const { scripted, changes } = opening('one', 'two')
    expect(changes()).toBe(0)
    const last = Y.encodeStateAsUpdate(docWith('three'))
    scripted.socket.say({ type: 'sync-step-2', update: last })
    expect(changes()).toBe(1)
    expect(content(scripted.room.ydoc)).toHaveLength('onetwothree'.length)
    scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(docWith('four')) })
    expect(changes()).toBe(2)
  })

  it('is seen after two seconds, however much is to come, and kept when the line is lost', async () => {
    const { scripted, changes } = opening('one')
    await scripted.clock.advance(2_000)
    expect(content(scripted.room.ydoc)).toBe('one')
    scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(docWith('two')) })
    expect(changes()).toBe(1)
    scripted.socket.drop()
    expect(content(scripted.room.ydoc)).toHaveLength('onetwo'.length)
    expect(scripted.save).toBe('loading')
    await scripted.reconnect()
    scripted.room.destroy()
    expect(scripted.clock.waiting).toBe(0)
  })
})

describe('a session', () => {
  it('[K1] loading until the document is here, saved when nothing of ours is missing on disk', () => {
    const scripted = new ScriptedRoom()
    expect(scripted.save).toBe('loading')
    scripted.socket.welcome()
    expect(scripted.save).toBe('loading')
    scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(docWith('hello')) })
    expect(scripted.save).toBe('loading')
    scripted.socket.say({ type: 'sync-step-2', update: EMPTY_UPDATE })
    expect(content(scripted.room.ydoc)).toBe('hello')
    expect(scripted.save).toBe('saved')
  })

  it('[K1] an edit is not saved from the moment it is made until its ack', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
    scripted.room.text('content').insert(0, 'a')
    // In the same turn: nothing has left yet.
    expect(scripted.room.status).toMatchObject({ save: 'saving', pending: { updates: 1 } })
    await scripted.clock.settle()
    expect(content(scripted.uploaded())).toBe('a')
    scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(docWith('b')) })
    scripted.socket.say({ type: 'sync-step-2', update: EMPTY_UPDATE })
    scripted.socket.say({ type: 'resume-point', seq: 9 })
    expect(scripted.save).toBe('saving')
    scripted.ackAll()
    expect(scripted.room.status).toMatchObject({
      save: 'saved',
      pending: { updates: 0, bytes: 0, since: null },
      lastSavedAt: scripted.clock.now(),
    })
  })

  it('[K1] what an application writes while it is told of what came is pending like any edit', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    const { ydoc } = scripted.room
    scripted.room.text('content').observe((event, { origin }) => {
      if (origin === scripted.room) ydoc.getText('log').insert(0, event.delta.length.toString())
    })
    scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(docWith('theirs')) })
    expect(scripted.save).toBe('saving')
    await scripted.clock.settle()
    expect(scripted.uploaded().getText('log').toString()).toBe('1')
  })

  it('[K2] edits made offline are pending until the upload that carries them is acknowledged', async () => {
    const scripted = new ScriptedRoom()
    await scripted.type('before ')
    expect(scripted.room.status).toMatchObject({ save: 'unsaved', pending: { updates: 1 } })
    scripted.handshake(docWith('theirs '))
    expect(scripted.save).toBe('saving')
    await scripted.type('after')
    expect(scripted.socket.updates).toHaveLength(2)
    scripted.socket.say({ type: 'ack', count: 1 })
    expect(scripted.room.status).toMatchObject({ save: 'saving', pending: { updates: 1 } })
    scripted.socket.say({ type: 'ack', count: 2 })
    expect(scripted.save).toBe('saved')
  })

  it('[K2] acks count per session: what was on its way when a session ended is pending again', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    await scripted.type('b')
    scripted.socket.drop()
    expect(scripted.room.status).toMatchObject({ save: 'unsaved', pending: { updates: 2 } })
    await scripted.clock.advance(1_000)
    scripted.socket.welcome()
    // The server has it all, durably, and still it is not saved before an ack of this session says so.
    scripted.socket.say({
      type: 'sync-step-1',
      stateVector: Y.encodeStateVector(scripted.room.ydoc),
    })
    scripted.socket.say({ type: 'sync-step-2', update: EMPTY_UPDATE })
    expect(scripted.save).toBe('saving')
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K2] what a server lost is unsaved again, though it was acknowledged once', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    await scripted.type('a')
    scripted.ackAll()
    await scripted.reconnect()
    scripted.socket.welcome({ incarnation: 'restored from an older backup' })
    scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    expect(scripted.save).toBe('saving')
    expect(content(scripted.uploaded())).toBe('a')
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K2] a document that is brought along is unsaved until a server has it', () => {
    const scripted = new ScriptedRoom({ ydoc: docWith('mine') })
    expect(scripted.save).toBe('unsaved')
    scripted.handshake()
    expect(scripted.save).toBe('saving')
    expect(content(scripted.uploaded())).toBe('mine')
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K14] edits of one turn travel together, and never in a batch without bound', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    const text = scripted.room.text('content')
    for (let i = 0; i < 64; i++) text.insert(i, 'x')
    await scripted.clock.settle()
    expect(scripted.socket.of('update')).toHaveLength(1)
    for (let i = 0; i < 6_400; i++) text.insert(i, 'x')
    expect(scripted.socket.of('update').length).toBeGreaterThanOrEqual(100)
    await scripted.clock.settle()
    expect(content(scripted.uploaded())).toBe('x'.repeat(6_464))
    scripted.ackAll()
    expect(scripted.room.status.pending.updates).toBe(0)
  })

  it('[K14] a socket that does not drain gets no more: edits wait in the document and follow', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    scripted.socket.bufferedAmount = 5 * 1024 * 1024
    for (let i = 0; i < 50; i++) await scripted.type('y')
    expect(scripted.socket.of('update')).toHaveLength(0)
    expect(scripted.save).toBe('saving')
    await scripted.clock.advance(10_000)
    expect(scripted.socket.of('update')).toHaveLength(0)
    scripted.socket.bufferedAmount = 0
    await scripted.clock.advance(100)
    expect(scripted.socket.of('update')).toHaveLength(1)
    expect(content(scripted.uploaded())).toBe('y'.repeat(50))
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K7] more than a message takes goes in several, and is saved with the last of them', async () => {
    const limits = { ...defaultLimits, messageBytes: 4_096 }
    const long = 'ä🦊'.repeat(10_000)
    const scripted = new ScriptedRoom({ ydoc: docWith(long) })
    scripted.handshake(new Y.Doc(), { limits })
    const parts = scripted.socket.updates
    expect(parts.length).toBeGreaterThan(10)
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(limits.messageBytes)
    expect(scripted.socket.of('sync-step-2')).toHaveLength(1)
    expect(scripted.socket.received.at(-1)?.type).toBe('sync-step-2')
    expect(content(scripted.uploaded())).toBe(long)
    scripted.socket.say({ type: 'ack', count: parts.length - 1 })
    expect(scripted.save).toBe('saving')
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
    await scripted.type('z'.repeat(20_000))
    expect(scripted.socket.of('update').length).toBeGreaterThan(parts.length)
    expect(content(scripted.uploaded())).toBe(long + 'z'.repeat(20_000))
  })

  it('[K7] what can never fit is an error, and is not tried for ever', async () => {
    const limits = { ...defaultLimits, messageBytes: 4_096 }
    const scripted = new ScriptedRoom()
    scripted.handshake(new Y.Doc(), { limits })
    const sent = scripted.socket.updates.length
    scripted.room.ydoc.getMap('map').set('picture', new Uint8Array(5_000))
    await scripted.type('text')
    scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    await scripted.clock.advance(20_000)
    expect(scripted.socket.updates).toHaveLength(sent)
    expect(scripted.room.status).toMatchObject({
      connection: 'connected',
      save: 'unsaved',
      error: { code: 'too-large', retryable: false },
    })
    await scripted.reconnect()
    scripted.handshake(new Y.Doc(), { limits })
    expect(scripted.socket.updates).toHaveLength(0)
    expect(scripted.save).toBe('unsaved')
  })
})

describe('resuming', () => {
  it('[K5] goes on from the last committed number, and asks for a diff when the server cannot', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake(docWith('a'))
    await scripted.reconnect()
    scripted.socket.accept()
    expect(scripted.socket.of('open')).toMatchObject([{ resume: null, historyId: '' }])
    scripted.socket.drop()
    await scripted.reconnect()
    scripted.handshake()
    scripted.socket.say({ type: 'resume-point', seq: 7 })
    await scripted.reconnect()
    const resume = { historyId: 'h', incarnation: 'i', seq: 7 }
    scripted.socket.welcome({ resumed: true })
    expect(scripted.socket.of('open')).toMatchObject([{ resume, historyId: 'h', secret: 'secret' }])
    expect(scripted.socket.of('sync-step-1')).toHaveLength(0)
    await scripted.reconnect()
    scripted.socket.welcome({ resumed: false, incarnation: 'another' })
    expect(scripted.socket.of('sync-step-1')).toHaveLength(1)
    await scripted.reconnect()
    // The number belonged to the other incarnation.
    scripted.socket.accept()
    expect(scripted.socket.of('open')).toMatchObject([{ resume: null, historyId: 'h' }])
  })

  it('[K5] edits made meanwhile come up in a resumed session too', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    scripted.socket.say({ type: 'resume-point', seq: 1 })
    await scripted.reconnect()
    await scripted.type('offline')
    scripted.socket.welcome({ resumed: true })
    scripted.socket.say({ type: 'sync-step-2', update: EMPTY_UPDATE })
    expect(scripted.socket.updates).toHaveLength(0)
    expect(scripted.save).not.toBe('saved')
    scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    expect(content(scripted.uploaded())).toBe('offline')
  })

  it('[K5] after an update that could not be applied, numbers are not trusted', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    scripted.socket.say({ type: 'resume-point', seq: 1 })
    const text = scripted.room.text('content')
    text.observe(throwMistake)
    scripted.socket.say({ type: 'update', update: Y.encodeStateAsUpdate(docWith('x')) })
    text.unobserve(throwMistake)
    expect(scripted.room.status.error).toMatchObject({ code: 'bad-update', retryable: true })
    await scripted.clock.advance(1_000)
    scripted.socket.accept()
    expect(scripted.socket.of('open')).toMatchObject([{ resume: null }])
  })

  for (const [who, act] of [
    [
      'the server says so',
      (scripted: ScriptedRoom) => {
        scripted.socket.accept()
        scripted.socket.say({
          type: 'closed',
          code: closeCodes['history-mismatch'].code,
          reason: '',
        })
      },
    ],
    [
      'hello names another history',
      (scripted: ScriptedRoom) => {
        scripted.socket.welcome({ historyId: 'other' })
        scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
        scripted.socket.say({
          type: 'sync-step-2',
          update: Y.encodeStateAsUpdate(docWith('other')),
        })
      },
    ],
  ] as const) {
    it(`[K6] another history, ${who}: nothing is merged either way, and the text is kept`, async () => {
      const scripted = new ScriptedRoom()
      scripted.handshake(docWith('first'))
      scripted.socket.say({ type: 'resume-point', seq: 1 })
      await scripted.type(' mine')
      await scripted.reconnect()
      act(scripted)
      expect(scripted.room.status).toMatchObject({
        connection: 'closed',
        save: 'unsaved',
        error: { code: 'history-mismatch', retryable: false },
      })
      expect(scripted.socket.updates).toHaveLength(0)
      expect(content(scripted.room.ydoc)).toBe('first mine')
      await scripted.clock.advance(120_000)
      expect(scripted.factory.sockets).toHaveLength(2)
      await expect(scripted.room.whenSaved()).rejects.toMatchObject({ code: 'history-mismatch' })
    })

    it(`[K1] another history, ${who}: what was saved in the first is not any more`, async () => {
      const scripted = new ScriptedRoom()
      scripted.handshake(docWith('first'))
      scripted.socket.say({ type: 'resume-point', seq: 1 })
      expect(scripted.room.status.save).toBe('saved')
      const said: string[] = []
      await scripted.reconnect()
      scripted.room.on('status', ({ connection, save }) => said.push(`${connection} ${save}`))
      act(scripted)
      expect(said.at(-1)).toBe('closed unsaved')
      expect(said).not.toContain('closed saved')
      await expect(scripted.room.whenSaved()).rejects.toMatchObject({ code: 'history-mismatch' })
    })
  }

  it('[K6] a history that was never seen on disk may be replaced: a crash may have forgotten it', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake(docWith('relayed, not durable'))
    await scripted.reconnect()
    scripted.handshake(new Y.Doc(), { historyId: 'drawn after the crash' })
    expect(scripted.room.status.connection).toBe('connected')
    expect(content(scripted.uploaded())).toBe('relayed, not durable')
  })
})

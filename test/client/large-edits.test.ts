import { defaultLimits } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { EMPTY_VECTOR, ScriptedRoom } from '../support/scripted-room.js'
import type { ScriptedSocket } from '../support/scripted-socket.js'

const MESSAGE_BYTES = 64 * 1024
const limits = { ...defaultLimits, messageBytes: MESSAGE_BYTES }
const PASTE = 'pasted text, '.repeat(100_000)

function content(doc: Y.Doc): string {
  return doc.getText('content').toString()
}

/** From now on nothing leaves the socket but by `drain`. */
function dam(socket: ScriptedSocket): void {
  const send = socket.send.bind(socket)
  socket.send = (data) => {
    socket.bufferedAmount += data.length
    send(data)
  }
}

function connected(): ScriptedRoom {
  const scripted = new ScriptedRoom()
  scripted.handshake(new Y.Doc(), { limits })
  scripted.ackAll()
  return scripted
}

/** Lets everything leave and be acknowledged, as often as it takes. */
async function drain(scripted: ScriptedRoom, until: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !until(); turn++) {
    scripted.socket.bufferedAmount = 0
    await scripted.clock.advance(100)
    scripted.ackAll()
  }
}

describe('an edit larger than a message', () => {
  it('[K25] leaves as the socket takes it, and what is typed meanwhile follows once', async () => {
    const scripted = connected()
    dam(scripted.socket)
    await scripted.type(PASTE)
    const given = scripted.socket.updates.length
    expect(scripted.socket.bufferedAmount).toBeLessThan(1024 * 1024 + 2 * MESSAGE_BYTES)
    for (const letter of 'and on') await scripted.type(letter)
    expect(scripted.socket.updates).toHaveLength(given)
    await drain(scripted, () => scripted.save === 'saved')
    expect(content(scripted.uploaded())).toBe(`${PASTE}and on`)
    const bytes = scripted.socket.updates.reduce((sum, update) => sum + update.length, 0)
    expect(bytes).toBeLessThan(PASTE.length * 1.1)
    for (const update of scripted.socket.updates) {
      expect(update.length).toBeLessThanOrEqual(MESSAGE_BYTES)
    }
  })

  it('[K25] tells how far it has come, and is overdue only when nothing leaves', async () => {
    const scripted = connected()
    dam(scripted.socket)
    await scripted.type(PASTE)
    const seen = [scripted.room.status.pending.bytes]
    scripted.socket.say({ type: 'ack', count: scripted.socket.updates.length })
    seen.push(scripted.room.status.pending.bytes)
    // A line so slow that no message arrives within the time in which an ack is due.
    for (let second = 0; second < 25; second++) {
      scripted.socket.bufferedAmount -= 1_000
      await scripted.clock.advance(1_000)
      scripted.socket.say({ type: 'pong' })
    }
    expect(scripted.room.status).toMatchObject({ save: 'saving', error: null })
    await drain(scripted, () => {
      seen.push(scripted.room.status.pending.bytes)
      return scripted.save === 'saved'
    })
    expect(seen.length).toBeGreaterThan(2)
    expect(seen).toEqual(seen.toSorted((a, b) => b - a))
    expect(new Set(seen).size).toBeGreaterThan(2)
    await scripted.type('more')
    for (let second = 0; second < 12; second++) await scripted.clock.advance(1_000)
    expect(scripted.room.status.error).toMatchObject({ code: 'timeout' })
  })

  it('[K25] whose connection is lost in the middle goes on where the server is', async () => {
    const scripted = connected()
    dam(scripted.socket)
    await scripted.type(PASTE)
    const server = scripted.uploaded()
    const arrived = content(server).length
    expect(arrived).toBeLessThan(PASTE.length)
    scripted.ackAll()
    const left = scripted.room.status.pending.bytes
    expect(left).toBeLessThan(PASTE.length)
    await scripted.reconnect()
    expect(scripted.room.status.pending.bytes).toBe(left)
    scripted.handshake(server, { limits })
    dam(scripted.socket)
    await drain(scripted, () => scripted.save === 'saved')
    for (const update of scripted.socket.updates) Y.applyUpdate(server, update)
    expect(content(server)).toBe(PASTE)
    const again = scripted.socket.updates.reduce((sum, update) => sum + update.length, 0)
    expect(again).toBeLessThan((PASTE.length - arrived) * 1.1)
  })

  it('[K25] can be undone, or asked for, while it leaves', async () => {
    const scripted = connected()
    const text = scripted.room.text('content')
    const undo = new Y.UndoManager(text, { trackedOrigins: new Set([null]) })
    dam(scripted.socket)
    await scripted.type(PASTE)
    undo.undo()
    scripted.socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    await drain(scripted, () => scripted.save === 'saved')
    expect(content(scripted.uploaded())).toBe('')
    undo.redo()
    await drain(scripted, () => scripted.save === 'saved')
    expect(content(scripted.uploaded())).toBe(PASTE)
  })

  it('[K8] that is refused in the middle is not sent to its end', async () => {
    const scripted = connected()
    dam(scripted.socket)
    await scripted.type(PASTE)
    const given = scripted.socket.updates.length
    const refusal = { code: 'document-full', message: 'full' }
    scripted.socket.say({ type: 'rejected', count: given, ...refusal })
    scripted.socket.bufferedAmount = 0
    await scripted.clock.advance(20_000)
    expect(scripted.socket.updates).toHaveLength(given)
    expect(scripted.room.status).toMatchObject({ save: 'unsaved', error: refusal })
  })

  it('[K26] the room tells what the server takes', () => {
    const scripted = new ScriptedRoom()
    expect(scripted.room.limits).toBeNull()
    scripted.handshake(new Y.Doc(), { limits: { ...limits, documentBytes: 1_000_000 } })
    expect(scripted.room.limits).toMatchObject({
      messageBytes: MESSAGE_BYTES,
      documentBytes: 1_000_000,
    })
  })

  it('[K8] that the server asks for anew and refuses in the middle goes on behind what it has saved', async () => {
    const scripted = connected()
    await scripted.type(PASTE)
    await drain(scripted, () => scripted.save === 'saved')
    const { socket } = scripted
    const before = socket.updates.length
    socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    await scripted.clock.advance(1_000)
    const parts = socket.updates.slice(before)
    const [code, message] = ['rate-limited', 'not now']
    socket.say({ type: 'ack', count: before + 5 })
    socket.say({ type: 'rejected', count: before + 6, code, message })
    socket.say({ type: 'ack', count: before + 9 })
    await scripted.clock.advance(5_000)
    const again = socket.updates.slice(before + parts.length)
    expect(again).toHaveLength(parts.length - 5)
    expect([...Y.parseUpdateMeta(again[0]!).from]).toEqual([...Y.parseUpdateMeta(parts[4]!).to])
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
    // Whoever asks once more has lost it.
    socket.say({ type: 'sync-step-1', stateVector: EMPTY_VECTOR })
    await scripted.clock.advance(1_000)
    expect(Y.parseUpdateMeta(socket.updates.at(-parts.length)!).from.values().next().value).toBe(0)
  })
})

import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PresentPeer } from '@coscribe/client'
import { ScriptedRoom } from '../support/scripted-room.js'

/** Somebody else, as the server tells of them. */
function person(state: Record<string, unknown>): { id: number; update: () => Uint8Array } {
  const awareness = new Awareness(new Y.Doc())
  onTestFinished(() => awareness.destroy())
  awareness.setLocalState(state)
  return {
    id: awareness.clientID,
    update: () => encodeAwarenessUpdate(awareness, [awareness.clientID]),
  }
}

/** The state that the client announced last. */
function announced(scripted: ScriptedRoom): unknown {
  const awareness = new Awareness(new Y.Doc())
  const last = scripted.socket.of('presence').at(-1)
  if (last !== undefined) applyAwarenessUpdate(awareness, last.update, null)
  const state = awareness.getStates().get(scripted.room.ydoc.clientID)
  awareness.destroy()
  return state
}

describe('presence', () => {
  it('[K11] is announced when a session begins, and on change', async () => {
    const scripted = new ScriptedRoom({ user: { name: 'Ada' } })
    expect(scripted.room.presence.self).toEqual({ name: 'Ada' })
    scripted.handshake()
    expect(announced(scripted)).toEqual({ name: 'Ada' })
    await scripted.clock.advance(100)
    scripted.room.presence.set({ cursor: 5 })
    expect(announced(scripted)).toEqual({ name: 'Ada', cursor: 5 })
    await scripted.clock.advance(100)
    scripted.room.presence.set({ cursor: undefined })
    expect(announced(scripted)).toEqual({ name: 'Ada' })
    await scripted.clock.advance(100)
    scripted.room.presence.hide()
    expect(scripted.room.presence.self).toBeNull()
    expect(announced(scripted)).toBeUndefined()
  })

  it('[K11] at most ten states a second leave, and the last one always', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    const before = scripted.socket.of('presence').length
    for (let i = 0; i < 100; i++) {
      scripted.room.presence.set({ cursor: i })
      await scripted.clock.advance(10)
    }
    await scripted.clock.advance(100)
    expect(scripted.socket.of('presence').length - before).toBeLessThanOrEqual(11)
    expect(announced(scripted)).toEqual({ cursor: 99 })
  })

  it('[K11] is renewed every 15 s, for clients that forget who is silent', async () => {
    const scripted = new ScriptedRoom({ user: { name: 'Ada' } })
    scripted.handshake()
    const before = scripted.socket.of('presence').length
    await scripted.clock.advance(20_000)
    scripted.socket.say({ type: 'pong' })
    await scripted.clock.advance(20_000)
    scripted.socket.say({ type: 'pong' })
    await scripted.clock.advance(5_000)
    expect(scripted.socket.of('presence').length - before).toBe(3)
  })

  it('[K11] others are one array until they change, and gone with the connection', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    const seen: (readonly PresentPeer[])[] = []
    const off = scripted.room.presence.subscribe((others) => seen.push(others))
    const bob = person({ name: 'Bob' })
    scripted.socket.say({ type: 'presence', update: bob.update() })
    const { others } = scripted.room.presence
    expect(others).toEqual([{ clientId: bob.id, state: { name: 'Bob' } }])
    scripted.room.presence.set({ cursor: 1 })
    expect(scripted.room.presence.others).toBe(others)
    await scripted.reconnect()
    expect(scripted.room.presence.others).toEqual([])
    expect(seen).toEqual([others, []])
    off()
    // Bob did nothing meanwhile, so his clock is the one of before: he is seen again all the same.
    scripted.handshake()
    scripted.socket.say({ type: 'presence', update: bob.update() })
    expect(scripted.room.presence.others).toEqual(others)
    expect(seen).toHaveLength(2)
  })

  it('[K11] others stay as long as the server says so, however long they are silent', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    scripted.socket.say({ type: 'presence', update: person({ name: 'Bob' }).update() })
    for (let i = 0; i < 10; i++) {
      await scripted.clock.advance(20_000)
      scripted.socket.say({ type: 'pong' })
    }
    expect(scripted.room.presence.others).toHaveLength(1)
  })

  it('[K11] answers a server that takes it for gone, and one that asks', async () => {
    const scripted = new ScriptedRoom({ user: { name: 'Ada' } })
    scripted.handshake()
    await scripted.clock.advance(200)
    const before = scripted.socket.of('presence').length
    const own = new Awareness(new Y.Doc())
    const last = scripted.socket.of('presence').at(-1)?.update ?? new Uint8Array()
    applyAwarenessUpdate(own, last, null)
    const gone = encodeAwarenessUpdate(own, [scripted.room.ydoc.clientID], new Map())
    own.destroy()
    scripted.socket.say({ type: 'presence', update: gone })
    expect(scripted.socket.of('presence')).toHaveLength(before + 1)
    expect(announced(scripted)).toEqual({ name: 'Ada' })
    scripted.socket.say({ type: 'query-presence' })
    expect(scripted.socket.of('presence')).toHaveLength(before + 2)
    expect(scripted.room.presence.self).toEqual({ name: 'Ada' })
  })

  it('[K11] never relays others, and never sends more than the server takes', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    const before = scripted.socket.of('presence').length
    scripted.socket.say({ type: 'presence', update: person({ name: 'Bob' }).update() })
    await scripted.clock.advance(1_000)
    expect(scripted.socket.of('presence')).toHaveLength(before)
    scripted.room.presence.set({ selection: 'x'.repeat(5_000) })
    await scripted.clock.advance(1_000)
    expect(scripted.socket.of('presence')).toHaveLength(before)
  })
})

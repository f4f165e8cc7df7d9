import { connect } from '@coscribe/client'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { ScriptedRoom } from '../support/scripted-room.js'
import { startTestServer } from '../support/test-server.js'

const FULL = { type: 'rejected', code: 'document-full', message: 'full' } as const

function docWith(text: string): Y.Doc {
  const doc = new Y.Doc()
  doc.getText('content').insert(0, text)
  return doc
}

function erase({ room, clock }: ScriptedRoom, at: number, length: number): Promise<void> {
  room.text('content').delete(at, length)
  return clock.settle()
}

/** The last message of this session: how many structs it has, and how many units it deletes. */
function last({ socket }: ScriptedRoom): { structs: number; deleted: number } {
  const { structs, ds } = Y.decodeUpdate(socket.updates.at(-1) ?? Uint8Array.of(0, 0))
  const ranges = [...ds.clients.values()].flat()
  return { structs: structs.length, deleted: ranges.reduce((sum, { len }) => sum + len, 0) }
}

/** A document of somebody else’s "theirs", and of "mine", which is saved; then more was refused. */
async function full(): Promise<ScriptedRoom> {
  const scripted = new ScriptedRoom()
  scripted.handshake(docWith('theirs '))
  await scripted.type('mine')
  scripted.ackAll()
  await scripted.type(' more')
  scripted.socket.say({ ...FULL, count: scripted.socket.updates.length })
  scripted.ackAll()
  return scripted
}

describe('a document that is full', () => {
  it('[K50] takes deletions of what the server has, and the rest stays unsaved', async () => {
    const scripted = await full()
    const { length } = scripted.socket.updates
    await erase(scripted, 0, 'theirs '.length)
    expect(last(scripted)).toEqual({ structs: 0, deleted: 'theirs '.length })
    // Half of what was saved, and all of what was not.
    await erase(scripted, 2, 'ne more'.length)
    expect(last(scripted)).toEqual({ structs: 0, deleted: 'ne'.length })
    expect(scripted.socket.updates).toHaveLength(length + 2)
    scripted.ackAll()
    await scripted.type('!')
    await erase(scripted, 2, 1)
    expect(scripted.socket.updates).toHaveLength(length + 2)
    expect(scripted.room.status).toMatchObject({ save: 'unsaved', error: { code: FULL.code } })
  })

  it('[K50] takes them also after the server asked for all that was written here', async () => {
    const scripted = await full()
    const vector = Y.decodeStateVector(Y.encodeStateVector(scripted.room.ydoc))
    vector.delete(scripted.room.ydoc.clientID)
    scripted.socket.say({ type: 'sync-step-1', stateVector: Y.encodeStateVector(vector) })
    await scripted.clock.advance(1_000)
    await erase(scripted, 'theirs '.length, 'mine more'.length)
    expect(last(scripted)).toEqual({ structs: 0, deleted: 'mine'.length })
  })

  it('[K50] takes what is deleted where something is written in its place', async () => {
    const scripted = new ScriptedRoom()
    scripted.handshake(docWith('theirs'))
    const text = scripted.room.text('content')
    scripted.room.ydoc.transact(() => {
      text.delete(0, 6)
      text.insert(0, 'much more')
    })
    await scripted.clock.settle()
    scripted.socket.say({ ...FULL, count: scripted.socket.updates.length })
    expect(last(scripted)).toEqual({ structs: 0, deleted: 6 })
  })

  it('[K50] takes what was deleted meanwhile in a later session, and after Retry was in vain', async () => {
    const scripted = await full()
    scripted.socket.drop()
    await erase(scripted, 0, 3)
    const server = docWith('')
    Y.applyUpdate(server, Y.encodeStateAsUpdate(scripted.room.ydoc))
    await scripted.clock.advance((scripted.room.status.retryAt ?? 0) - scripted.clock.now())
    scripted.handshake(server)
    // All of it is there by now: nothing but deletions could be sent.
    expect(scripted.socket.updates).toHaveLength(1)
    expect(last(scripted)).toEqual({ structs: 0, deleted: 3 })
    await scripted.type(' still more')
    scripted.room.retry()
    await scripted.clock.advance(1_000)
    expect(last(scripted).structs).toBeGreaterThan(0)
    scripted.socket.say({ ...FULL, count: scripted.socket.updates.length })
    await erase(scripted, 0, 1)
    expect(last(scripted)).toEqual({ structs: 0, deleted: 1 })
    scripted.room.retry()
    await scripted.clock.advance(1_000)
    scripted.ackAll()
    expect(scripted.save).toBe('saved')
  })

  it('[K50] can be made smaller by whoever filled it', async () => {
    const { url } = await startTestServer({ messageBytes: 8_192, documentBytes: 20_000 })
    const [ada, ben] = [1, 2].map(() => connect({ url, doc: 'doc', WebSocket }))
    if (ada === undefined || ben === undefined) throw new Error('nobody is here')
    onTestFinished(() => [ada, ben].forEach((room) => room.destroy()))
    ada.text('content').insert(0, 'a'.repeat(19_000))
    await ada.whenSaved()
    ada.text('content').insert(0, 'b'.repeat(2_000))
    await expect(ada.whenSaved()).rejects.toMatchObject({ code: FULL.code })
    ada.text('content').delete(3_000, 18_000)
    await expect.poll(() => ben.text('content').toString()).toBe('a'.repeat(1_000))
    expect(ada.status).toMatchObject({ save: 'unsaved', error: { code: FULL.code } })
    expect(ada.text('content').length).toBe(3_000)
  })

  it('[K50, R9] has room again when most of it was deleted after it was compacted', async () => {
    const store = new MemoryStore()
    const { url } = await startTestServer({ store, messageBytes: 8_192, documentBytes: 20_000 })
    const ada = connect({ url, doc: 'doc', WebSocket })
    onTestFinished(() => ada.destroy())
    ada.text('content').insert(0, 'a'.repeat(19_000))
    await ada.whenSaved()
    ada.text('content').insert(0, 'b'.repeat(2_000))
    await expect(ada.whenSaved()).rejects.toMatchObject({ code: FULL.code })
    await expect.poll(async () => (await store.stat('doc'))?.snapshotSeq).toBeGreaterThan(0)
    ada.text('content').delete(3_000, 17_000)
    await expect
      .poll(() => {
        ada.retry()
        return ada.status.save
      })
      .toBe('saved')
  })
})

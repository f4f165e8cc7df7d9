import { connect } from '@coscribe/client'
import type { ServerSetup } from '@coscribe/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { ask } from '../support/api-client.js'
import { startProxied } from '../support/elsewhere.js'
import type { GuardedServer } from '../support/guarded-server.js'
import { dialects, RawClient, type DialectName } from '../support/raw-client.js'
import { tokenFor } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

interface World {
  readonly server: GuardedServer
  readonly link: string
}

const bearer = (credential: string): Record<string, string> => ({
  Authorization: `Bearer ${credential}`,
})

/** A server, and a link to `doc`. */
async function world(access: string, setup: ServerSetup = {}): Promise<World> {
  const server = await startProxied(setup)
  const made = await ask(server, 'POST', '/api/v1/documents/doc/links', {
    headers: bearer(await tokenFor('dora', { doc: 'admin' })),
    body: { access },
  })
  return { server, link: String(made.json['token']) }
}

async function guest(
  { server, link }: World,
  dialect: DialectName,
  address = '203.0.113.7',
): Promise<RawClient> {
  const headers = { 'X-Forwarded-For': address }
  const client = new RawClient(server.url, 'doc', dialect, undefined, { token: link, headers })
  onTestFinished(() => client.close())
  await client.open()
  if (client.ending === null) await client.sync()
  return client
}

/** An edit as this client, made by somebody who has what is in `doc`. */
function forged(doc: Y.Doc, clientId: number): Uint8Array {
  const forger = new Y.Doc()
  Y.applyUpdate(forger, Y.encodeStateAsUpdate(doc))
  forger.clientID = clientId
  typed('EVIL ')(forger)
  return Y.encodeStateAsUpdate(forger, Y.encodeStateVector(doc))
}

/** What somebody says of themselves as this client, `times` times over. */
function presence(clientId: number, name: string, times = 1): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = clientId
  const awareness = new Awareness(doc)
  for (let i = 0; i < times; i++) awareness.setLocalState({ user: { name } })
  const update = encodeAwarenessUpdate(awareness, [clientId])
  awareness.destroy()
  return update
}

describe.each(dialects)('guests of one share link (%s)', (dialect) => {
  it('[A69] do not write as each other', async () => {
    const here = await world('write')
    const alice = await guest(here, dialect)
    const mallory = await guest(here, dialect)
    alice.edit(typed('Alice '))
    await mallory.until(() => textOf(mallory).includes('Alice'))
    alice.socket.pause()
    mallory.say({ type: 'update', update: forged(mallory.doc, alice.doc.clientID) })
    await mallory.sync()
    alice.edit(typed('Word '))
    alice.socket.resume()
    await mallory.until(() => textOf(mallory).includes('Word'))
    const third = await guest(here, dialect)
    expect([textOf(third), textOf(mallory)]).toEqual([textOf(alice), textOf(alice)])
    expect(textOf(alice)).not.toContain('EVIL')
  })

  it('[A69] do not take each other’s presence', async () => {
    const here = await world('read')
    const alice = await guest(here, dialect)
    const mallory = await guest(here, dialect)
    const client = alice.doc.clientID
    alice.say({ type: 'presence', update: presence(client, 'Alice') })
    await alice.sync()
    mallory.say({ type: 'presence', update: presence(client, 'Eve', 20) })
    await mallory.sync()
    alice.say({ type: 'presence', update: presence(client, 'Alice again', 2) })
    const third = await guest(here, dialect)
    const names = (): string =>
      third.messages
        .map((one) => (one.type === 'presence' ? Buffer.from(one.update).toString() : ''))
        .join()
    await third.until(() => names().includes('Alice'))
    expect(names()).not.toContain('Eve')
  })

  it('[A69] neither see nor end a session, which who administers the document does', async () => {
    const here = await world('write')
    const alice = await guest(here, dialect)
    const [session] = here.server.server.sessions()
    const path = `/api/v1/sessions/${session?.id}`
    const headers = bearer(here.link)
    expect((await ask(here.server, 'GET', '/api/v1/sessions', { headers })).json).toMatchObject({
      sessions: [],
    })
    expect((await ask(here.server, 'GET', path, { headers })).status).toBe(404)
    expect((await ask(here.server, 'DELETE', path, { headers })).status).toBe(404)
    expect(alice.ending).toBeNull()
    const admin = bearer(await tokenFor('dora', { doc: 'admin' }))
    expect((await ask(here.server, 'GET', path, { headers: admin })).status).toBe(200)
    expect((await ask(here.server, 'DELETE', path, { headers: admin })).status).toBe(200)
    expect((await alice.ended()).code).toBe(4403)
  })

  it('[A69, B32] are as many users as they have addresses', async () => {
    const here = await world('read', { maxConnectionsPerUser: 1 })
    const first = await guest(here, dialect, '203.0.113.7')
    const other = await guest(here, dialect, '203.0.113.8')
    expect([first.ending, other.ending]).toEqual([null, null])
    const more = await guest(here, dialect, '203.0.113.7')
    expect((await more.ended()).code).toBe(4503)
  })
})

describe('a guest who returns', () => {
  it('[A69] is the same as before with a client of ours, and goes on at once', async () => {
    const { server, link } = await world('write')
    const room = connect({ url: server.url, doc: 'doc', WebSocket, token: link })
    onTestFinished(() => room.destroy())
    await room.whenReady()
    typed('one ')(room.ydoc)
    await room.whenSaved()
    const from = performance.now()
    room.disconnect()
    typed('two ')(room.ydoc)
    room.connect()
    await room.whenSaved()
    // Somebody else's edit as this client would have waited for ten seconds.
    expect(performance.now() - from).toBeLessThan(8_000)
  })

  it('[A69] is somebody new with y-websocket, whose edits are taken when the old connection is gone for good', async () => {
    const here = await world('write')
    const before = await guest(here, 'y-websocket')
    before.edit(typed('one '))
    await before.sync()
    before.close()
    const after = await guest(here, 'y-websocket')
    after.doc.clientID = before.doc.clientID
    after.edit(typed('two '))
    const other = await guest(here, 'coscribe.v1')
    await other.until(() => textOf(other).includes('two'))
    expect(textOf(other)).toBe(textOf(after))
  })
})

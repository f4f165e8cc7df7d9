import { connect, type PresenceState, type Room } from '@coscribe/client'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { lookOf } from '@coscribe/client/codemirror'
import { ask } from '../support/api-client.js'
import { stockProvider } from '../support/clients.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { startTestServer } from '../support/test-server.js'
import { token, tokenFor } from '../support/tokens.js'

/** What a peer says of itself, which is not true. */
const claimed = {
  name: 'The operator',
  hue: 3,
  user: { name: 'The operator', color: '#123456' },
  nested: { name: 'kept' },
}

async function enter(url: string, sub: string, name: unknown, state: PresenceState): Promise<Room> {
  return enterBy(url, await token({ sub, name }), state)
}

async function enterBy(url: string, credential: string, state: PresenceState): Promise<Room> {
  const room = connect({ url, doc: 'doc', WebSocket, token: credential, user: state })
  onTestFinished(() => room.destroy())
  await room.whenReady()
  return room
}

/** The one other person of whom `room` is shown anything. */
async function shownTo(room: Room): Promise<PresenceState> {
  await expect.poll(() => room.presence.others.length).toBe(1)
  return room.presence.others[0]?.state ?? {}
}

it('[A86] who has a name by their credential is shown by that, whatever they call themselves', async () => {
  const { url } = await startGuardedServer()
  const ben = await enter(url, 'ben', 'Ben', {})
  const mallory = await enter(url, 'mallory', 'Mallory "M" 👩‍🚀', claimed)
  expect(await shownTo(ben)).toEqual({
    ...claimed,
    name: 'Mallory "M" 👩‍🚀',
    user: { id: 'mallory', name: 'Mallory "M" 👩‍🚀', color: '#123456' },
  })
  expect(await shownTo(mallory)).toEqual({ name: 'Ben', user: { id: 'ben', name: 'Ben' } })
  mallory.presence.set({ name: 'Somebody', nested: null })
  await expect
    .poll(() => ben.presence.others[0]?.state)
    .toMatchObject({ name: 'Mallory "M" 👩‍🚀', nested: null })
  // Nobody's own state is taken from them.
  expect(mallory.presence.self).toMatchObject({ name: 'Somebody' })
})

it('[A86] so is a y-websocket client', async () => {
  const { url } = await startGuardedServer()
  const ben = await enter(url, 'ben', undefined, {})
  const doc = new Y.Doc()
  const provider = stockProvider('y-websocket 3.1.0', url.replace('http', 'ws'), 'doc', doc, {
    protocols: [
      'y-websocket',
      `coscribe.token.${await token({ sub: 'mallory', name: 'Mallory' })}`,
    ],
  })
  onTestFinished(() => provider.destroy())
  provider.awareness.setLocalState({ user: { name: 'The operator', color: '#123456' } })
  const state = await shownTo(ben)
  expect(state['user']).toEqual({ id: 'mallory', name: 'Mallory', color: '#123456' })
  expect(lookOf(1, state).name).toBe('Mallory')
})

it('[A86] who has none is shown by their own word', async () => {
  const { url } = await startGuardedServer()
  const ben = await enter(url, 'ben', '', {})
  await enter(url, 'mallory', undefined, claimed)
  const user = { ...claimed.user, id: 'mallory' }
  expect(await shownTo(ben)).toEqual({ ...claimed, user })
})

it.each(['nonsense', { id: 'ben' }, { id: { toString: 'ben' } }, ['ben'], null, undefined])(
  '[A87] who somebody is says the server and not they, with %j',
  async (user) => {
    const { url } = await startGuardedServer()
    const ben = await enter(url, 'ben', undefined, {})
    const mallory = await enter(url, 'mallory', undefined, { user })
    expect(await shownTo(ben)).toEqual({ user: { id: 'mallory' } })
    expect(await shownTo(mallory)).toEqual({ user: { id: 'ben' } })
  },
)

it('[A87] guests of one link are somebody each, and somebody else than whom they say', async () => {
  const server = await startGuardedServer()
  const headers = { Authorization: `Bearer ${await tokenFor('ada', { doc: 'admin' })}` }
  const body = { access: 'write' }
  const made = await ask(server, 'POST', '/api/v1/documents/doc/links', { headers, body })
  const link = String(made.json['token'])
  const first = await enterBy(server.url, link, { user: { id: 'ada' } })
  const second = await enterBy(server.url, link, { user: { id: 'ada' } })
  const seen = [await shownTo(first), await shownTo(second)].map(({ user }) => user)
  const guest = { id: expect.stringMatching(/^link:[0-9a-f]{16}$/) as string }
  expect(seen).toEqual([guest, guest])
  expect(seen[0]).not.toEqual(seen[1])
})

it('[A87] whoever asks is told who they are', async () => {
  const server = await startGuardedServer()
  const headers = { Authorization: `Bearer ${await token({ sub: 'ada', name: 'Ada' })}` }
  const { json } = await ask(server, 'GET', '/api/v1/session', { headers })
  expect(json).toMatchObject({ subject: 'ada', name: 'Ada' })
})

it('[A86] [A87] control: where nobody is asked, everybody is whom they say', async () => {
  const { url } = await startTestServer()
  const ben = await enter(url, 'ben', 'Ben', {})
  await enter(url, 'mallory', 'Mallory', { ...claimed, user: { id: 'ada' } })
  expect(await shownTo(ben)).toEqual({ ...claimed, user: { id: 'ada' } })
})

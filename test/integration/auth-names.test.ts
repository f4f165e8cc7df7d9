import { connect, type PresenceState, type Room } from '@coscribe/client'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { lookOf } from '@coscribe/client/codemirror'
import { stockProvider } from '../support/clients.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { token } from '../support/tokens.js'

/** What a peer says of itself, which is not true. */
const claimed = {
  name: 'The operator',
  hue: 3,
  user: { name: 'The operator', color: '#123456' },
  nested: { name: 'kept' },
}

async function enter(url: string, sub: string, name: unknown, state: PresenceState): Promise<Room> {
  const room = connect({
    url,
    doc: 'doc',
    WebSocket,
    token: await token({ sub, name }),
    user: state,
  })
  onTestFinished(() => room.destroy())
  await room.whenReady()
  return room
}

/** The one other person of whom `room` is shown anything. */
async function shownTo(room: Room): Promise<PresenceState> {
  await expect.poll(() => room.presence.others.length, { timeout: 20_000 }).toBe(1)
  return room.presence.others[0]?.state ?? {}
}

it('[A86] who has a name by their credential is shown by that, whatever they call themselves', async () => {
  const { url } = await startGuardedServer()
  const ben = await enter(url, 'ben', 'Ben', {})
  const mallory = await enter(url, 'mallory', 'Mallory "M" 👩‍🚀', claimed)
  expect(await shownTo(ben)).toEqual({
    ...claimed,
    name: 'Mallory "M" 👩‍🚀',
    user: { name: 'Mallory "M" 👩‍🚀', color: '#123456' },
  })
  expect(await shownTo(mallory)).toEqual({ name: 'Ben' })
  mallory.presence.set({ name: 'Somebody', user: 'nonsense' })
  await expect
    .poll(() => ben.presence.others[0]?.state, { timeout: 20_000 })
    .toEqual({ ...claimed, name: 'Mallory "M" 👩‍🚀', user: 'nonsense' })
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
  expect(state['user']).toEqual({ name: 'Mallory', color: '#123456' })
  expect(lookOf(1, state).name).toBe('Mallory')
})

it('[A86] control: who has none is shown by their own word', async () => {
  const { url } = await startGuardedServer()
  const ben = await enter(url, 'ben', '', {})
  await enter(url, 'mallory', undefined, claimed)
  expect(await shownTo(ben)).toEqual(claimed)
})

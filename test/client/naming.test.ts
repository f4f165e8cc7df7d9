import { PROTOCOL_VERSION } from '@coscribe/shared'
import { expect, it } from 'vitest'
import { ScriptedRoom } from '../support/scripted-room.js'

/** A room in a session with a server that keeps titles. */
function named(): ScriptedRoom {
  const scripted = new ScriptedRoom()
  scripted.handshake(undefined, { version: PROTOCOL_VERSION })
  return scripted
}

it('[K21] a title is cleaned, told once, and stays when the connection is gone', () => {
  const { room, socket } = named()
  const heard: unknown[] = []
  room.on('info', (info) => heard.push(info))
  expect(room.info).toBeNull()
  for (const title of ['', ' \u202eEvil\u0000 title\n', 'Evil title', 'Other']) {
    socket.say({ type: 'info', title })
  }
  expect(heard).toEqual([{ title: '' }, { title: 'Evil title' }, { title: 'Other' }])
  expect(Object.isFrozen(room.info)).toBe(true)
  socket.drop()
  expect(room.info).toEqual({ title: 'Other' })
})

it('[K22] renames are answered each by its number, and rejected when the session ends', async () => {
  const scripted = named()
  const { room, socket } = scripted
  const outcomes = ['One ', 'T\nwo', 'x'.repeat(300)].map((title) => room.rename(title))
  const settled = Promise.allSettled(outcomes)
  expect(socket.of('rename').map(({ title }) => title)).toEqual(['One', 'T wo', 'x'.repeat(200)])
  socket.say({ type: 'renamed', count: 2, code: 'rate-limited', message: 'later' })
  socket.say({ type: 'renamed', count: 1, code: '', message: '' })
  socket.drop()
  expect(await settled).toMatchObject([
    { status: 'fulfilled' },
    { reason: { code: 'rate-limited', retryable: true, message: 'later' } },
    { reason: { code: 'offline' } },
  ])
  await expect(room.rename('Now')).rejects.toMatchObject({ code: 'offline' })
  await scripted.reconnect()
  scripted.handshake(undefined, { version: PROTOCOL_VERSION })
  const again = room.rename('Again')
  scripted.socket.say({ type: 'renamed', count: 1, code: '', message: '' })
  await again
})

it('[K22] a server of the first version is asked for nothing, and one that answers what was not asked is broken', async () => {
  const old = new ScriptedRoom()
  old.handshake(undefined, { version: 1 })
  await expect(old.room.rename('x')).rejects.toMatchObject({ code: 'unsupported-version' })
  expect(old.socket.of('rename')).toEqual([])
  const { room, socket } = named()
  socket.say({ type: 'renamed', count: 1, code: '', message: '' })
  expect(room.status.error?.code).toBe('bad-message')
})

it('[K22] at most a hundred wait for their answers', async () => {
  const { room } = named()
  const outcomes = Array.from({ length: 102 }, () =>
    room.rename('x').catch((error: unknown) => error),
  )
  expect(await outcomes[101]).toMatchObject({ code: 'rate-limited' })
  room.destroy()
  expect(await outcomes[0]).toMatchObject({ code: 'offline' })
})

import { expect, it } from 'vitest'
import { EditorNews } from '../../client/src/editor/editor-events.js'
import { ScriptedRoom } from '../support/scripted-room.js'

it('[E119] an editor leaves nobody waiting in a room that is never ready, and is told when it is', async () => {
  const scripted = new ScriptedRoom()
  const { room, clock } = scripted
  const waits: Promise<unknown>[] = []
  const whenReady = room.whenReady.bind(room)
  room.whenReady = (options) => {
    const wait = whenReady(options)
    waits.push(wait.catch((error: unknown) => error))
    return wait
  }
  const news = new EditorNews()
  const told: string[] = []
  news.on('ready', () => told.push('ready'))
  news.follow(room, room.text('content'))
  await clock.advance(0)
  // Each wait is over, ready or not.
  await Promise.all(waits)
  expect(told).toEqual([])
  scripted.handshake()
  await clock.settle()
  expect(told).toEqual(['ready'])
  const late = new EditorNews()
  late.on('ready', () => told.push('late'))
  late.follow(room, room.text('content'))
  await clock.settle()
  expect(told).toEqual(['ready', 'late'])
  news.stop()
  late.stop()
})

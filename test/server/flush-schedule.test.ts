import { expect, it } from 'vitest'
import {
  FlushSchedule,
  updateWindows,
  type Flushed,
} from '../../server/src/rooms/flush-schedule.js'
import { TurnEnd } from '../../server/src/rooms/turn-end.js'
import { FakePeer } from '../support/fake-peer.js'
import { Author, RoomWorld } from '../support/room-world.js'
import { VirtualClock } from '../support/virtual-clock.js'

/** When a room of this size is flushed, if something comes every millisecond from 0 to `untilMs`. */
async function flushesOf(memberCount: number, untilMs: number): Promise<number[]> {
  const clock = new VirtualClock()
  const begin = clock.now()
  const flushes: number[] = []
  const flushed: Flushed = {
    memberCount,
    flush: () => {
      flushes.push(clock.now() - begin)
      schedule.done()
    },
  }
  const schedule = new FlushSchedule(clock, new TurnEnd(clock), flushed, updateWindows)
  for (let ms = 0; ms <= untilMs; ms++) {
    schedule.touch()
    await clock.settle()
    await clock.advance(1)
  }
  schedule.stop()
  return flushes
}

it('[B11] a small room is flushed at the end of each turn', async () => {
  expect(await flushesOf(15, 3)).toEqual([0, 1, 2, 3])
})

it.each([
  [16, [0, 10, 20]],
  [64, [0, 33]],
  [500, [0, 33]],
])(
  '[B11] in a room of %i the first leaves at once, and what follows is gathered',
  async (members, times) => {
    expect(await flushesOf(members, 40)).toEqual([...times, ...(members === 16 ? [30, 40] : [])])
  },
)

it('[B11] what comes after a pause does not wait', async () => {
  const clock = new VirtualClock()
  let flushes = 0
  const flush = (): void => {
    flushes++
    schedule.done()
  }
  const flushed: Flushed = { memberCount: 100, flush }
  const schedule = new FlushSchedule(clock, new TurnEnd(clock), flushed, updateWindows)
  for (let i = 1; i <= 3; i++) {
    schedule.touch()
    await clock.settle()
    expect(flushes).toBe(i)
    await clock.advance(100)
  }
})

it('[B11] what was flushed for another reason is not flushed again at the end of the turn', async () => {
  const clock = new VirtualClock()
  let flushes = 0
  const flushed: Flushed = { memberCount: 100, flush: () => void flushes++ }
  const schedule = new FlushSchedule(clock, new TurnEnd(clock), flushed, updateWindows)
  schedule.touch()
  schedule.done()
  // In the same turn: it has to wait for the end of the window that has just begun.
  schedule.touch()
  await clock.settle()
  expect(flushes).toBe(0)
  await clock.advance(33)
  expect(flushes).toBe(1)
})

it('[B11] a room of many delivers what was gathered as one batch, and cursors with it', async () => {
  const world = await RoomWorld.open()
  const room = await world.room()
  const peers = Array.from({ length: 20 }, () => new FakePeer())
  for (const peer of peers) room.add(peer)
  const [writer, reader] = peers
  if (writer === undefined || reader === undefined) throw new Error('there are twenty')
  const author = new Author()
  room.receive(writer, author.type('a'), false)
  await world.clock.settle()
  for (const text of 'bcd') room.receive(writer, author.type(text), false)
  await world.clock.advance(5)
  expect(reader.batches).toHaveLength(1)
  await world.clock.advance(5)
  expect(reader.batches).toHaveLength(2)
  expect(reader.batches[1]?.updates).toHaveLength(3)
})

import { expect, it, onTestFinished } from 'vitest'
import { AwareClient } from '../support/aware-client.js'
import { RoomWorld } from '../support/room-world.js'

async function meet() {
  const world = await RoomWorld.open({ graceMs: 3_600_000 })
  const room = await world.room()
  await world.clock.advance(61_000)
  const people = ['ann', 'ben'].map((name) => {
    const client = new AwareClient()
    onTestFinished(() => client.destroy())
    client.say(name)
    client.connect(room)
    return client
  })
  await world.clock.advance(5_000)
  return { world, room, ann: people[0]!, ben: people[1]! }
}

it('[B36] of states that come too fast the last is always seen, and few of those before', async () => {
  const { world, ann, ben } = await meet()
  const before = ben.peer.presence.length
  for (let i = 0; i < 1_000; i++) {
    ann.say(`ann ${i}`)
    await world.clock.advance(1)
  }
  // A second: 20 at once, and ten.
  expect(ben.peer.presence.length - before).toBeLessThan(40)
  expect(ben.peer.presence.length - before).toBeGreaterThan(20)
  await world.clock.advance(250)
  expect(ben.names).toEqual(['ann 999', 'ben'])
  const [after, waiting] = [ben.peer.presence.length, world.clock.waiting]
  await world.clock.advance(5_000)
  expect(ben.peer.presence.length).toBe(after)
  expect(world.clock.waiting).toBeLessThanOrEqual(waiting)
  expect(ann.reverts + ben.reverts).toBe(0)
})

it('[B36] ten a second are taken as they come', async () => {
  const { world, ann, ben } = await meet()
  for (let i = 0; i < 100; i++) {
    ann.say(`ann ${i}`)
    await world.clock.advance(100)
    expect(ben.names).toEqual([`ann ${i}`, 'ben'])
  }
})

it('[B36] who leaves with a state that waits is gone, and stays gone', async () => {
  const { world, ann, ben } = await meet()
  for (let i = 0; i < 100; i++) ann.say(`ann ${i}`)
  ann.leave()
  await world.clock.advance(1_000)
  expect(ben.names).toEqual(['ben'])
})

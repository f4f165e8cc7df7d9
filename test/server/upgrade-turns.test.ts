import { expect, it } from 'vitest'
import { UpgradeTurns } from '../../server/src/transport/upgrade-turns.js'
import { VirtualClock } from '../support/virtual-clock.js'

it('[B45] of many who ask to be upgraded at once four are taken up in each turn, in their order', async () => {
  const clock = new VirtualClock()
  const turns = new UpgradeTurns(clock)
  const taken: number[] = []
  const ask = (name: number): void => turns.enter(() => taken.push(name))
  for (let i = 0; i < 10; i++) ask(i)
  expect([taken, turns.waiting]).toEqual([[0, 1, 2, 3], 6])
  await clock.settle()
  expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  ask(10)
  expect(taken).toHaveLength(11)
  await clock.settle()
  expect([turns.waiting, clock.waiting]).toEqual([0, 0])
})

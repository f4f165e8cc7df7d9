import { act } from './actions.js'
import type { Violation } from './ledger.js'
import { lineOf, type Plan } from './plan.js'
import { comeToRest } from './rest.js'
import { World } from './world.js'

/** What a run came to. */
export interface Outcome {
  readonly violation: Violation | null
  /** What happened, for whoever looks into it. */
  readonly trace: readonly string[]
  /** Of the virtual time, in milliseconds. */
  readonly endedAt: number
}

/** Runs a plan from an empty disk to rest, and once more from the disk alone. Stops at the first broken promise. */
export async function run(plan: Plan): Promise<Outcome> {
  const world = new World(plan)
  await world.startServer()
  for (const person of world.people) person.start()
  for (const step of plan.steps) {
    await world.clock.advance(Math.max(0, step.at - world.clock.now()))
    if (world.ledger.violation !== null) break
    world.note(lineOf(step))
    await act(world, step)
    await world.clock.settle()
  }
  if (world.ledger.violation === null) await comeToRest(world)
  if (world.ledger.violation === null) await outlive(world)
  const { violation } = world.ledger
  for (const person of world.people) person.die()
  world.killServer(false)
  return { violation, trace: world.trace, endedAt: world.clock.now() }
}

/** Everybody goes with all they have, the power too; somebody new must find everything that was called saved. */
async function outlive(world: World): Promise<void> {
  for (const person of world.people) person.checkCharacters()
  for (const person of world.people) person.die()
  world.killServer(true)
  await world.startServer()
}

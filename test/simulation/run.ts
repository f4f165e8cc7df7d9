import { act } from './actions.js'
import type { Violation } from './ledger.js'
import { sourceOfStep, type Plan } from './plan.js'
import { comeToRest, outlive } from './rest.js'
import { World } from './world.js'

/** After one step of so many the rooms are looked into. */
const AUDIT_ONE_IN = 8

/** What a run came to. */
export interface Outcome {
  readonly violation: Violation | null
  /** What happened, for whoever looks into it. */
  readonly trace: readonly string[]
  /** Equal for equal runs. */
  readonly digest: string
}

/** Runs a plan from an empty disk to rest, and once more from the disk alone. Stops at the first broken promise. */
export async function run(plan: Plan): Promise<Outcome> {
  const world = new World(plan)
  await world.startServer()
  for (const person of world.people) person.start()
  for (const step of plan.steps) {
    await world.clock.advance(Math.max(0, step.at - world.clock.now()))
    if (world.ledger.violation !== null) break
    world.note(sourceOfStep(step))
    await act(world, step)
    await world.clock.settle()
    world.checkBounds()
    if (step.roll % AUDIT_ONE_IN === 0) for (const id of world.documents) world.audit(id)
  }
  if (world.ledger.violation === null) await comeToRest(world)
  if (world.ledger.violation === null) await outlive(world)
  world.end()
  return {
    violation: world.ledger.violation,
    trace: world.trace,
    digest: `${world.clock.now()} ${world.traffic}`,
  }
}

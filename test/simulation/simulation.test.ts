import { systemClock } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { count } from '../support/count.js'
import type { Violation } from './ledger.js'
import { planOf, type Plan, type Step } from './plan.js'
import { reachesOutOf } from './real-world.js'
import { regressions } from './regressions.js'
import { run } from './run.js'
import { shrink, sourceOf } from './shrink.js'

const SEEDS = count('COSCRIBE_SIM_SEEDS', 1_000)
const FIRST = count('COSCRIBE_SEED', 1)
const SOME = Array.from({ length: 10 }, (_, index) => FIRST + index)

/** What a failing seed says: the promise, and the shortest list of steps that breaks it. */
async function reportOf(seed: number): Promise<string | null> {
  const plan = planOf(seed)
  const { violation } = await run(plan)
  if (violation === null) return null
  const shrunk = await shrink(plan, violation, run)
  const what = shrunk.violation.what.slice(0, 2_000)
  return `seed ${seed} broke ${shrunk.violation.promise}: ${what}\n${sourceOf(shrunk.plan)}`
}

describe('a simulated world', () => {
  it(`[R80] keeps every promise, whatever fails (${SEEDS} seeds)`, { timeout: 0 }, async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const report = await reportOf(seed)
      if (report !== null) expect.fail(report)
    }
  })

  for (const [name, plan] of Object.entries(regressions)) {
    it(`[R80] still holds: ${name}`, async () => {
      expect((await run(plan)).violation).toBeNull()
    })
  }

  it('[R80] is the same each time', async () => {
    for (const seed of SOME) {
      const first = await run(planOf(seed))
      const second = await run(planOf(seed))
      expect(second.digest, `seed ${seed}`).toBe(first.digest)
    }
  })

  it('[R80] has no time, chance and timers but its own', async () => {
    const reached = await reachesOutOf(async () => {
      for (const seed of SOME) await run(planOf(seed))
    })
    expect(reached).toEqual([])
  })

  it("[R80] control: the machine's own clock is noticed", async () => {
    const reached = await reachesOutOf(async () => void systemClock.now())
    expect(reached).toHaveLength(1)
  })

  it('[R80] control: a failure is shrunk to the steps that it takes', async () => {
    const plan = planOf(FIRST)
    const edit: Step = { at: 0, do: 'edit', who: 0, roll: 1 }
    const isBroken = ({ steps }: Plan): boolean => steps.includes(edit)
    const outcomeOf = (tried: Plan): Promise<{ violation: Violation | null }> =>
      Promise.resolve({ violation: isBroken(tried) ? { promise: 'I0', what: 'edited' } : null })
    const failing = { ...plan, steps: [...plan.steps, edit, ...plan.steps] }
    const violation = { promise: 'I0', what: 'edited' }
    expect((await shrink(failing, violation, outcomeOf)).plan.steps).toEqual([edit])
  })
})

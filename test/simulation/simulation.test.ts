import { describe, expect, it } from 'vitest'
import { count } from '../support/count.js'
import { planOf } from './plan.js'
import { run } from './run.js'
import { shrink, sourceOf } from './shrink.js'

const SEEDS = count('COSCRIBE_SIM_SEEDS', 1_000)
const FIRST = count('COSCRIBE_SEED', 1)

/** What a failing seed says: the promise, and the shortest list of steps that breaks it. */
async function reportOf(seed: number): Promise<string | null> {
  const plan = planOf(seed)
  const { violation } = await run(plan)
  if (violation === null) return null
  const shrunk = await shrink(plan, violation)
  const what = shrunk.violation.what.slice(0, 2_000)
  return `seed ${seed} broke ${shrunk.violation.promise}: ${what}\n${sourceOf(shrunk.plan)}`
}

describe('a simulated world', () => {
  it(`[R1] keeps every promise, whatever fails (${SEEDS} seeds)`, { timeout: 0 }, async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const report = await reportOf(seed)
      if (report !== null) expect.fail(report)
    }
  })
})

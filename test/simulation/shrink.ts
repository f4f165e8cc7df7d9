import type { Violation } from './ledger.js'
import { sourceOfStep, type Plan } from './plan.js'

/** A failing plan from which nothing more could be taken out. */
export interface Shrunk {
  readonly plan: Plan
  readonly violation: Violation
}

/**
 * Takes steps out of a failing plan, half of them at a time, then fewer and fewer, as long as it still fails; the
 * promise that breaks may be another one.
 *
 * @param outcomeOf runs a plan
 * @param most how many runs to spend
 */
export async function shrink(
  plan: Plan,
  violation: Violation,
  outcomeOf: (plan: Plan) => Promise<{ readonly violation: Violation | null }>,
  most = 200,
): Promise<Shrunk> {
  let best: Shrunk = { plan, violation }
  let left = most
  for (let size = plan.steps.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.plan.steps.length && left > 0; left--) {
      const steps = best.plan.steps.toSpliced(at, size)
      const smaller = { ...best.plan, steps }
      const outcome = await outcomeOf(smaller)
      if (outcome.violation === null) at += size
      else best = { plan: smaller, violation: outcome.violation }
    }
  }
  return best
}

/** A plan as it is written into the list of regressions. */
export function sourceOf(plan: Plan): string {
  const { seed, people, bounds, disk, steps } = plan
  const head = Object.entries({ seed, people, bounds, disk }).map(
    ([name, value]) => `  ${name}: ${JSON.stringify(value)},`,
  )
  return [
    '{',
    ...head,
    '  steps: [',
    ...steps.map((step) => `    ${sourceOfStep(step)}`),
    '  ],',
    '}',
  ].join('\n')
}

import type { Plan } from './plan.js'

const fast = { latencyMs: 1, jitterMs: 0, windowBytes: 20_000 }

const calm = {
  lagBytes: 1_000,
  unsentBytes: 20_000,
  unsentProcessBytes: 1_000_000,
  queueBytes: 100_000,
  graceMs: 1_000,
  windowMs: 2,
  foldMs: 1,
  pieceBytes: 1_000_000,
}

/** Plans that broke a promise once, as they came out of shrinking; they are to hold from then on. */
export const regressions: Readonly<Record<string, Plan>> = {
  'who was asked a moment ago is asked again for a gap of its own': {
    seed: 559,
    people: [
      { kind: 'tab', document: 'a', line: { latencyMs: 40, jitterMs: 50, windowBytes: 400 } },
      { kind: 'tab', document: 'a', line: { latencyMs: 0, jitterMs: 0, windowBytes: 100 } },
      { kind: 'own', document: 'a', line: fast },
      { kind: 'tab', document: 'a', line: { latencyMs: 150, jitterMs: 5, windowBytes: 100 } },
    ],
    bounds: { ...calm, graceMs: 0, windowMs: 20 },
    disk: { readMs: 50, writeMs: 0, syncMs: 500 },
    steps: [
      { at: 1_219, do: 'die', who: 1, roll: 647938029 },
      { at: 1_423, do: 'orphan', roll: 1859545320 },
      { at: 1_573, do: 'die', who: 0, roll: 302004271 },
      { at: 2_368, do: 'reload', who: 0, roll: 1584904047 },
      { at: 2_627, do: 'join', who: 1, roll: 647938029 },
      { at: 2_831, do: 'orphan', roll: 1715342189 },
    ],
  },
}

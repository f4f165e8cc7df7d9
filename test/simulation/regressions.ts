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
  // Here the look at rest was wrong: the server cannot ask for what it does not know to be missing.
  'something that nobody has is missing, and a tab alone has what another told it before it died': {
    seed: 750457267,
    people: [
      { kind: 'tab', document: 'a', line: { latencyMs: 150, jitterMs: 0, windowBytes: 60 } },
      { kind: 'tab', document: 'a', line: { latencyMs: 5, jitterMs: 0, windowBytes: 20_000 } },
    ],
    bounds: {
      lagBytes: 200,
      unsentBytes: 17_515,
      unsentProcessBytes: 10_000,
      queueBytes: 623,
      graceMs: 1_000,
      windowMs: 20,
      foldMs: 50,
      pieceBytes: 100,
    },
    disk: { readMs: 50, writeMs: 1, syncMs: 500 },
    steps: [
      { at: 7_844, do: 'orphan', roll: 267472829 },
      { at: 10_211, do: 'restore', roll: 1006811520 },
      { at: 12_369, do: 'reload', who: 0, roll: 1746423560 },
      { at: 14_714, do: 'start', roll: 1006811520 },
      { at: 15_124, do: 'join', who: 1, roll: 858335327 },
      { at: 16_124, do: 'orphan', roll: 392148873 },
    ],
  },
}

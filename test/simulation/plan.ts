import { SeededRandom } from '../support/random.js'
import type { Line } from './pipe.js'
import type { DiskSpeed } from './sim-disk.js'
import type { ServerBounds } from './sim-server.js'

/** Somebody in a plan: with our client, with it and a copy on the device, or with a y-websocket provider. */
export interface PlannedPerson {
  readonly kind: 'own' | 'copy' | 'stock' | 'tab'
  readonly document: string
  readonly line: Line
}

const personal = {
  edit: 30,
  burst: 4,
  paste: 4,
  show: 6,
  leave: 2,
  join: 4,
  die: 2,
  reload: 2,
  forget: 1,
  offline: 3,
  online: 4,
  unplug: 2,
  plug: 3,
  drop: 4,
  freeze: 3,
  thaw: 4,
} as const

const common = {
  crash: 3,
  'power-loss': 2,
  stop: 1,
  full: 2,
  unreadable: 1,
  compact: 5,
  restore: 0.3,
} as const

export type PersonalAction = keyof typeof personal
export type CommonAction = keyof typeof common | 'start' | 'room' | 'readable'

/** One thing that happens. `roll` decides what it leaves open. */
export type Step =
  | {
      readonly at: number
      readonly do: PersonalAction
      readonly who: number
      readonly roll: number
    }
  | { readonly at: number; readonly do: CommonAction; readonly roll: number }

/** Everything that decides a run. */
export interface Plan {
  readonly seed: number
  readonly people: readonly PlannedPerson[]
  readonly bounds: ServerBounds
  readonly disk: DiskSpeed
  readonly steps: readonly Step[]
}

/** The plan of a seed. */
export function planOf(seed: number): Plan {
  const random = new SeededRandom(Math.imul(seed, 2_654_435_761) + 1)
  const documents = random.chance(0.25) ? ['a', 'b'] : ['a']
  const people = Array.from({ length: 2 + random.below(3) }, () => person(random, documents))
  return {
    seed,
    people,
    bounds: {
      lagBytes: 300 + random.below(1_500),
      unsentBytes: 4_000 + random.below(20_000),
      unsentProcessBytes: random.pick([10_000, 1_000_000]),
      queueBytes: random.chance(0.2) ? 300 + random.below(500) : 100_000,
      graceMs: random.pick([0, 100, 1_000, 30_000]),
      windowMs: random.pick([0, 2, 2, 20]),
      foldMs: random.pick([1, 50, 1_000]),
    },
    disk: {
      readMs: random.pick([0, 2, 50]),
      writeMs: random.pick([0, 1, 20]),
      syncMs: random.pick([1, 5, 50, 500]),
    },
    steps: stepsOf(random, people.length),
  }
}

function person(random: SeededRandom, documents: readonly string[]): PlannedPerson {
  return {
    kind: random.pick(['own', 'own', 'copy', 'stock', 'tab']),
    document: random.pick(documents),
    line: {
      latencyMs: random.pick([0, 1, 5, 40, 150]),
      jitterMs: random.pick([0, 5, 50]),
      windowBytes: random.pick([100, 400, 2_000, 20_000]),
    },
  }
}

function stepsOf(random: SeededRandom, people: number): Step[] {
  const steps: Step[] = []
  const count = 25 + random.below(45)
  // Some runs are hectic and some are calm.
  const pauseMs = random.pick([10, 50, 200, 800])
  for (let at = 0, n = 0; n < count; n++) {
    at = Math.round(at + random.fraction() * 2 * pauseMs)
    const roll = random.below(2 ** 31)
    if (random.chance(0.8)) {
      steps.push({ at, do: weighted(random, personal), who: random.below(people), roll })
      continue
    }
    const action = weighted(random, common)
    steps.push({ at, do: action, roll })
    const end = endOf[action]
    const lastsMs = random.fraction() * pauseMs * 10
    if (end !== undefined) steps.push({ at: Math.round(at + lastsMs), do: end, roll })
  }
  return steps.sort((one, other) => one.at - other.at)
}

/** What ends a state that a step began. */
const endOf: Partial<Record<CommonAction, CommonAction>> = {
  crash: 'start',
  'power-loss': 'start',
  stop: 'start',
  restore: 'start',
  full: 'room',
  unreadable: 'readable',
}

function weighted<Name extends string>(
  random: SeededRandom,
  weights: Readonly<Record<Name, number>>,
): Name {
  const names = Object.keys(weights) as Name[]
  const total = names.reduce((sum, name) => sum + weights[name], 0)
  let left = random.fraction() * total
  for (const name of names) {
    left -= weights[name]
    if (left < 0) return name
  }
  return names[0] as Name
}

/** One line for a step, for whoever reads a failure. */
export function lineOf(step: Step): string {
  const who = 'who' in step ? `, who: ${step.who}` : ''
  return `{ at: ${step.at}, do: '${step.do}'${who}, roll: ${step.roll} },`
}

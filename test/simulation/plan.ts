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

/** What one person does or suffers, and how often beside the others. */
const personal = {
  edit: 20,
  burst: 4,
  paste: 4,
  show: 4,
  leave: 3,
  die: 3,
  reload: 2,
  forget: 1,
  offline: 4,
  unplug: 3,
  drop: 4,
  freeze: 5,
} as const

/** What happens to all of them. */
const common = {
  chorus: 5,
  orphan: 2,
  crash: 3,
  'power-loss': 3,
  stop: 1,
  full: 4,
  unreadable: 1,
  compact: 5,
  release: 4,
  audit: 3,
  restore: 2,
} as const

/** What ends a state that a step began. */
const endOf: Readonly<Record<string, PersonalAction | CommonAction>> = {
  leave: 'join',
  die: 'join',
  offline: 'online',
  unplug: 'plug',
  freeze: 'thaw',
  crash: 'start',
  'power-loss': 'start',
  stop: 'start',
  restore: 'start',
  full: 'room',
  unreadable: 'readable',
}

export type PersonalAction = keyof typeof personal | 'join' | 'online' | 'plug' | 'thaw'
export type CommonAction = keyof typeof common | 'start' | 'room' | 'readable' | 'forge'

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
  const people = peopleOf(random)
  return {
    seed,
    people,
    bounds: {
      lagBytes: random.pick([64, 200, 500, 1_500]),
      unsentBytes: 4_000 + random.below(20_000),
      unsentProcessBytes: random.pick([10_000, 1_000_000]),
      queueBytes: random.chance(0.3) ? 300 + random.below(500) : 100_000,
      graceMs: random.pick([0, 100, 1_000, 30_000]),
      windowMs: random.pick([0, 2, 2, 20]),
      foldMs: random.pick([1, 50, 1_000]),
      pieceBytes: random.pick([100, 500, 1_000_000]),
    },
    disk: {
      readMs: random.pick([0, 2, 50]),
      writeMs: random.pick([0, 1, 20]),
      syncMs: random.pick([1, 5, 50, 500]),
    },
    steps: stepsOf(random, people.length),
  }
}

function peopleOf(random: SeededRandom): PlannedPerson[] {
  const documents = random.chance(0.25) ? ['a', 'b'] : ['a']
  const kinds = random.pick([
    ['own', 'copy', 'stock', 'tab'],
    ['own', 'copy'],
    ['tab', 'tab', 'own'],
  ] as const)
  // What people on equal lines do in one instant arrives in one.
  const shared = random.chance(0.4) ? { ...lineOf(random), jitterMs: 0 } : null
  return Array.from({ length: 2 + random.below(3) }, () => ({
    kind: random.pick(kinds),
    document: random.pick(documents),
    line: shared ?? lineOf(random),
  }))
}

function lineOf(random: SeededRandom): Line {
  return {
    latencyMs: random.pick([0, 1, 5, 40, 150]),
    jitterMs: random.pick([0, 0, 5, 50]),
    windowBytes: random.pick([60, 100, 400, 2_000, 20_000]),
  }
}

/**
 * Each plan has its favourites among what can go wrong, and does without some of it: what it takes to meet a fault is
 * often several things of a few kinds in a row, which would rarely come together if everything were equally likely.
 */
function stepsOf(random: SeededRandom, people: number): Step[] {
  const ofOne = favoured(random, personal)
  const ofAll = favoured(random, common)
  const steps: Step[] = random.chance(0.15) ? [{ at: 0, do: 'full', roll: 0 }] : []
  const count = 25 + random.below(45)
  const pauseMs = random.pick([10, 50, 200, 800])
  for (let at = 0, n = 0; n < count; n++) {
    at = Math.round(at + random.fraction() * 2 * pauseMs)
    const roll = random.below(2 ** 31)
    const who = random.chance(0.8) ? random.below(people) : null
    const action = who === null ? weighted(random, ofAll) : weighted(random, ofOne)
    const lastsMs = random.fraction() * pauseMs * random.pick([3, 10, 30])
    steps.push(stepOf(at, action, who, roll))
    const end = endOf[action]
    // What has no end here ends with all faults, or, for somebody who is gone, never.
    if (end === undefined || random.chance(0.15)) continue
    steps.push(stepOf(Math.round(at + lastsMs), end, who, roll))
  }
  const last = steps.reduce((latest, { at }) => Math.max(latest, at), 0)
  // Where nothing comes afterwards that would heal it by chance.
  if (random.chance(0.2))
    steps.push({ at: last + 1_000, do: 'orphan', roll: random.below(2 ** 31) })
  for (let forgeries = random.chance(0.3) ? 3 : 0; forgeries > 0; forgeries--)
    steps.push({ at: random.below(last + 1), do: 'forge', roll: random.below(2 ** 31) })
  return steps.sort((one, other) => one.at - other.at)
}

function stepOf(at: number, action: string, who: number | null, roll: number): Step {
  return who === null
    ? { at, do: action as CommonAction, roll }
    : { at, do: action as PersonalAction, who, roll }
}

function favoured(
  random: SeededRandom,
  weights: Readonly<Record<string, number>>,
): Record<string, number> {
  const favours = Object.entries(weights).map(([name, weight]) => {
    const favour = name === 'edit' ? 1 : random.pick([0, 0.5, 1, 1, 2, 8])
    return [name, weight * favour] as const
  })
  // Some plans would else be left with nothing at all.
  return { ...Object.fromEntries(favours), ...('audit' in weights ? { audit: 1 } : {}) }
}

function weighted(random: SeededRandom, weights: Readonly<Record<string, number>>): string {
  const entries = Object.entries(weights)
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0)
  let left = random.fraction() * total
  for (const [name, weight] of entries) {
    left -= weight
    if (left < 0) return name
  }
  return 'audit'
}

/** A step as it is written in a list. */
export function sourceOfStep(step: Step): string {
  const who = 'who' in step ? `, who: ${step.who}` : ''
  return `{ at: ${step.at}, do: '${step.do}'${who}, roll: ${step.roll} },`
}

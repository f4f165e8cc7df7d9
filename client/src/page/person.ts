import { randomHex, type Random } from '@coscribe/shared'
import { lookOf } from '../codemirror/index.js'
import type { Memory } from './memory.js'
import { words } from './words.js'

/** Longest name that can be typed, in UTF-16 units. */
export const MAX_NAME = 40

/** Who writes here, as this browser remembers it. */
export interface Person {
  /** The same in all tabs of one browser. */
  readonly id: string
  readonly name: string
  /** The hue that was chosen, or `null` for the one that goes with the name. */
  readonly chosen: ChosenHue | null
}

/** A hue, and when it was chosen: of two tabs that differ, the later choice counts. */
interface ChosenHue {
  /** 0 … 15. */
  readonly hue: number
  /** Wall-clock seconds since 1970. */
  readonly hueAt: number
}

/** The person of this browser, or a new one with a name of its own until it gets a better one. */
export function rememberedPerson(memory: Memory, random: Random): Person {
  const { animals } = words().people
  const id = memory.read('person') ?? randomHex(random, 8)
  const name = memory.read('name') ?? animals[Math.floor(random.fraction() * animals.length)]
  const person = { id, name: cleanName(name), chosen: chosenHue(memory.read('hue')) }
  rememberPerson(memory, person)
  return person
}

export function rememberPerson(memory: Memory, { id, name, chosen }: Person): void {
  memory.write('person', id)
  memory.write('name', name)
  if (chosen !== null) memory.write('hue', `${chosen.hue} ${chosen.hueAt}`)
}

/** A name to show, whatever was given: as others will see it, and never empty. */
export function cleanName(name: unknown): string {
  return lookOf(0, { name }).name || words().people.somebody
}

/** What of a person goes into their presence. */
export function presenceOf({ id, name, chosen }: Person): Readonly<Record<string, unknown>> {
  return { id, name, ...chosen }
}

/** Reads what was remembered, which may be anything. */
function chosenHue(text: string | null): ChosenHue | null {
  const [, hue, hueAt] = /^(\d{1,2}) (\d{1,12})$/.exec(text ?? '') ?? []
  if (hue === undefined || hueAt === undefined || Number(hue) > 15) return null
  return { hue: Number(hue), hueAt: Number(hueAt) }
}

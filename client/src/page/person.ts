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
}

/** The person of this browser, or a new one with a name of its own until it gets a better one. */
export function rememberedPerson(memory: Memory, random: Random): Person {
  const { animals } = words().people
  const id = memory.read('person') ?? randomHex(random, 8)
  const name = memory.read('name') ?? animals[Math.floor(random.fraction() * animals.length)]
  const person = { id, name: cleanName(name) }
  rememberPerson(memory, person)
  return person
}

export function rememberPerson(memory: Memory, person: Person): void {
  memory.write('person', person.id)
  memory.write('name', person.name)
}

/** A name to show, whatever was given: as others will see it, and never empty. */
export function cleanName(name: unknown): string {
  return lookOf(0, { name }).name || words().people.somebody
}

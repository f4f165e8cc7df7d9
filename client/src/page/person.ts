import { randomHex, type Random } from '@coscribe/shared'
import type { Memory } from './memory.js'

/** Longest name that is shown, in UTF-16 units. */
export const MAX_NAME = 40

/** Who writes here, as this browser remembers it. */
export interface Person {
  /** The same in all tabs of one browser. */
  readonly id: string
  readonly name: string
}

const animals = [
  'Heron',
  'Otter',
  'Lynx',
  'Wren',
  'Badger',
  'Finch',
  'Hare',
  'Plover',
  'Marten',
  'Swift',
  'Newt',
  'Raven',
]

/** The person of this browser, or a new one with a name of its own until it gets a better one. */
export function rememberedPerson(memory: Memory, random: Random): Person {
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

/** A name to show, whatever was given: one line, not too long, never empty. */
export function cleanName(name: unknown): string {
  if (typeof name !== 'string') return 'Somebody'
  const line = firstCharacters(name.replaceAll(/[\p{C}\s]+/gu, ' ').trim(), MAX_NAME)
  return line === '' ? 'Somebody' : line
}

/** Whole characters of `text`, as people count them, that fit into `length` UTF-16 units. */
function firstCharacters(text: string, length: number): string {
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, 4 * length))) {
    if (kept.length + segment.length > length) break
    kept += segment
  }
  return kept
}

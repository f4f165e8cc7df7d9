import type { Cancel, Clock } from '@coscribe/shared'
import type { Somebody } from './people.js'
import { words } from './words.js'

/** Somebody who is away for less than this has not left: a blip, a reload. */
const GONE_AFTER_MS = 45_000

/** Who left a moment ago and is remembered; of more, the ones who left first are news when they come back. */
const MAX_LEAVING = 1_000
/** Names that are read out at once; the others are a number. */
const MAX_NAMES = 2

/** Says who comes and who goes, for those who do not see it. */
export class Announcer {
  readonly #clock: Clock
  readonly #say: (text: string) => void
  readonly #here = new Map<string, Cancel | null>()
  /** Those of them who are on their way out, the first one first. */
  readonly #leaving = new Set<string>()
  #begun = false

  constructor(clock: Clock, say: (text: string) => void) {
    this.#clock = clock
    this.#say = say
  }

  /** Whoever is here now. The first call is about those who were here before. */
  update(people: readonly Somebody[]): void {
    const present = new Set(people.map(({ key }) => key))
    const come = people.filter(({ key }) => !this.#here.has(key))
    for (const { key } of people) {
      this.#here.get(key)?.()
      this.#here.set(key, null)
      this.#leaving.delete(key)
    }
    if (come.length > 0) {
      const { joined, alsoHere } = words().people
      const { names, others } = audible(come)
      this.#say(this.#begun ? joined(names, others) : alsoHere(names, others))
    }
    this.#begun = true
    for (const [key, leaving] of this.#here) {
      if (!present.has(key) && leaving === null) this.#leave(key)
    }
  }

  #leave(key: string): void {
    const cancel = this.#clock.after(GONE_AFTER_MS, () => this.#forget(key))
    this.#here.set(key, cancel)
    this.#leaving.add(key)
    const [first] = this.#leaving
    if (this.#leaving.size > MAX_LEAVING && first !== undefined) this.#forget(first)
  }

  #forget(key: string): void {
    this.#here.get(key)?.()
    this.#here.delete(key)
    this.#leaving.delete(key)
  }

  stop(): void {
    for (const leaving of this.#here.values()) leaving?.()
    this.#here.clear()
    this.#leaving.clear()
  }
}

/** As many names as somebody listens to the end of, and how many others there are: none, or more than one. */
function audible(people: readonly Somebody[]): { names: readonly string[]; others: number } {
  const shown = people.length === MAX_NAMES + 1 ? people.length : MAX_NAMES
  const names = people.slice(0, shown).map(({ name }) => name)
  return { names, others: people.length - names.length }
}

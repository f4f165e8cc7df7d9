import type { Cancel, Clock } from '@coscribe/shared'
import type { Somebody } from './people.js'

/** Somebody who is away for less than this has not left: a blip, a reload. */
const GONE_AFTER_MS = 45_000

/** Says who comes and who goes, for those who do not see it. */
export class Announcer {
  readonly #clock: Clock
  readonly #say: (text: string) => void
  readonly #here = new Map<string, Cancel | null>()
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
    }
    if (come.length > 0) {
      const names = come.map(({ name }) => name).join(', ')
      this.#say(this.#begun ? `${names} came in` : `Also here: ${names}`)
    }
    this.#begun = true
    for (const [key, leaving] of this.#here) {
      if (present.has(key) || leaving !== null) continue
      this.#here.set(
        key,
        this.#clock.after(GONE_AFTER_MS, () => this.#here.delete(key)),
      )
    }
  }

  stop(): void {
    for (const leaving of this.#here.values()) leaving?.()
    this.#here.clear()
  }
}

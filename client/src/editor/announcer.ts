import type { Cancel, Clock } from '@coscribe/shared'
import type { Phrases } from '../phrases/phrases.js'

/** Somebody to be spoken of. */
export interface Spoken {
  /** The same in all their tabs. */
  readonly person: string
  readonly name: string
}

/** Somebody who is away for less than this has not left: a blip, a reload. */
const GONE_AFTER_MS = 45_000
/** Whoever is seen within so long of the first look was here before. */
const BEGIN_MS = 1_000
/** What happens within so long of the last saying is said together. */
const SAY_EVERY_MS = 5_000

/** People who are remembered; of more, those who left first are news when they come back. */
const MAX_LEAVING = 1_000
/** Names that are read out at once; the others are a number. */
const MAX_NAMES = 2

/** Says who comes and who goes, once each, for those who do not see it. */
export class Announcer {
  readonly #clock: Clock
  readonly #words: () => Phrases['people']
  readonly #say: (text: string) => void
  /** Everybody who is here, and with a name those who are on their way out, the first one first. */
  readonly #here = new Map<string, string>()
  readonly #leaving = new Map<string, Cancel>()
  /** Who came and who left since something was said last. */
  readonly #come = new Map<string, string>()
  readonly #left = new Map<string, string>()
  #begun = false
  #saidAt = -Infinity
  #cancel: Cancel | null = null

  constructor(clock: Clock, words: () => Phrases['people'], say: (text: string) => void) {
    this.#clock = clock
    this.#words = words
    this.#say = say
  }

  /**
   * Whoever is here now. What comes first is about those who were here before.
   *
   * @param knows whether the server can be reached; else nobody can be seen, and nobody has left for that
   */
  update(people: readonly Spoken[], knows = true): void {
    for (const { person, name } of people) this.#isHere(person, name)
    if (!knows) return this.#stopLeaving()
    const present = new Set(people.map(({ person }) => person))
    for (const person of this.#here.keys()) if (!present.has(person)) this.#isGone(person)
    if (!this.#begun) this.#cancel ??= this.#clock.after(BEGIN_MS, () => this.#begin())
  }

  stop(): void {
    this.#stopLeaving()
    this.#cancel?.()
    this.#cancel = null
    for (const people of [this.#here, this.#come, this.#left]) people.clear()
  }

  #isHere(person: string, name: string): void {
    this.#leaving.get(person)?.()
    this.#leaving.delete(person)
    const isNews = !this.#here.has(person)
    this.#here.set(person, name)
    // It may have become known since who they are.
    if (this.#come.has(person)) this.#come.set(person, name)
    if (!isNews) return
    // Who left and is back before anybody was told has not left.
    if (!this.#left.delete(person)) this.#come.set(person, name)
    this.#plan()
  }

  #isGone(person: string): void {
    if (this.#leaving.has(person)) return
    this.#leaving.set(
      person,
      this.#clock.after(GONE_AFTER_MS, () => this.#hasLeft(person)),
    )
    const [first] = this.#leaving.keys()
    if (this.#leaving.size > MAX_LEAVING && first !== undefined) this.#forget(first)
  }

  #hasLeft(person: string): void {
    const name = this.#here.get(person) ?? ''
    const wasTold = !this.#come.has(person)
    this.#forget(person)
    if (wasTold) this.#left.set(person, name)
    this.#plan()
  }

  #forget(person: string): void {
    this.#leaving.get(person)?.()
    this.#leaving.delete(person)
    this.#here.delete(person)
    this.#come.delete(person)
  }

  #stopLeaving(): void {
    for (const cancel of this.#leaving.values()) cancel()
    this.#leaving.clear()
  }

  /** Those who were here before come one after the other, too. */
  #begin(): void {
    this.#cancel = null
    this.#begun = true
    this.#sayNow(this.#words().alsoHere)
  }

  #plan(): void {
    if (!this.#begun || this.#cancel !== null) return
    const waitMs = Math.max(0, this.#saidAt + SAY_EVERY_MS - this.#clock.now())
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#cancel = null
      const { joined } = this.#words()
      this.#sayNow(joined)
    })
  }

  #sayNow(joined: Phrases['people']['joined']): void {
    const { left } = this.#words()
    const sentences = [...this.#sentence(this.#come, joined), ...this.#sentence(this.#left, left)]
    this.#come.clear()
    this.#left.clear()
    if (sentences.length === 0) return
    this.#saidAt = this.#clock.now()
    this.#say(sentences.join('. '))
  }

  #sentence(people: ReadonlyMap<string, string>, words: Phrases['people']['joined']): string[] {
    if (people.size === 0) return []
    const names = [...people.values()].map((name) => name || this.#words().somebody)
    // As many names as somebody listens to the end of, and how many others there are: none, or more than one.
    const shown = names.length === MAX_NAMES + 1 ? names.length : MAX_NAMES
    return [words(names.slice(0, shown), Math.max(0, names.length - shown))]
  }
}

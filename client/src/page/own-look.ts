import { systemRandom, type Clock } from '@coscribe/shared'
import { lookOf } from '../codemirror/index.js'
import type { Room } from '../room.js'
import type { Memory } from './memory.js'
import { cleanName, presenceOf, rememberedPerson, rememberPerson, type Person } from './person.js'

export interface OwnLookSetup {
  readonly room: Pick<Room, 'presence' | 'ydoc'>
  readonly memory: Memory
  readonly clock: Clock
  /** The name that a credential gives, which nobody changes here. */
  readonly fixedName: string | undefined
}

/** How the person of this page appears to others: one name and one hue, in all tabs of this browser. */
export class OwnLook {
  readonly #setup: OwnLookSetup
  #person: Person

  constructor(person: Person, setup: OwnLookSetup) {
    this.#person = person
    this.#setup = setup
  }

  get name(): string {
    return this.#setup.fixedName ?? this.#person.name
  }

  get isNameFixed(): boolean {
    return this.#setup.fixedName !== undefined
  }

  /** 0 … 15, that of the cursor: it gives way to another person's. */
  get hue(): number {
    const { presence, ydoc } = this.#setup.room
    return lookOf(ydoc.clientID, presence.self ?? {}).hue
  }

  /** Follows what other tabs remember, until the returned function is called. */
  watch(page: Window): () => void {
    page.addEventListener('storage', this.#onStorage)
    return () => page.removeEventListener('storage', this.#onStorage)
  }

  /** A name that is fixed stays. @param hue 0 … 15, or `null` to leave it */
  change(name: string, hue: number | null): void {
    const { memory, clock } = this.#setup
    const hueAt = Math.floor(clock.wallTime() / 1_000)
    this.#use({
      id: this.#person.id,
      name: this.isNameFixed ? this.#person.name : cleanName(name),
      chosen: hue === null ? this.#person.chosen : { hue, hueAt },
    })
    rememberPerson(memory, this.#person)
  }

  readonly #onStorage = (): void => {
    const { id, name, chosen } = rememberedPerson(this.#setup.memory, systemRandom)
    const now = this.#person
    const isSame = name === now.name && chosen?.hueAt === now.chosen?.hueAt
    if (id === now.id && !isSame) this.#use({ id, name, chosen })
  }

  #use(person: Person): void {
    this.#person = person
    const { presence } = this.#setup.room
    // Whoever hides stays hidden.
    if (presence.self !== null) presence.set({ ...presenceOf(person), name: this.name })
  }
}

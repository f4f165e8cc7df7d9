import type { Cancel, Clock } from '@coscribe/shared'
import { lookOf, peopleIn, personOf, type PersonHere } from '../codemirror/index.js'
import { samePeople } from '../codemirror/people.js'
import type { Room } from '../room.js'

/** Who is at a document. */
export interface PeopleHere {
  /** How the person of this room appears. */
  readonly self: { readonly name: string; readonly hue: number }
  readonly others: readonly PersonHere[]
}

/** People are gathered anew at most so often, however often they move. */
const GATHER_EVERY_MS = 100

/** Tells who is at a room's document: at once, and whenever that changes in anything that is shown of people. */
export class PeopleWatch {
  readonly #room: Pick<Room, 'presence' | 'ydoc'>
  readonly #clock: Clock
  readonly #changed: (people: PeopleHere) => void
  #last: PeopleHere | null = null
  #cancel: Cancel | null = null

  constructor(
    room: Pick<Room, 'presence' | 'ydoc'>,
    clock: Clock,
    changed: (people: PeopleHere) => void,
  ) {
    this.#room = room
    this.#clock = clock
    this.#changed = changed
    // Also what this person shows of themselves; the room tells of the others only.
    room.presence.awareness.on('change', this.#plan)
    this.#gather()
  }

  stop(): void {
    this.#room.presence.awareness.off('change', this.#plan)
    this.#cancel?.()
  }

  readonly #plan = (): void => {
    this.#cancel ??= this.#clock.after(GATHER_EVERY_MS, () => this.#gather())
  }

  #gather(): void {
    this.#cancel = null
    const { presence, ydoc } = this.#room
    const state = presence.self ?? {}
    const self = lookOf(ydoc.clientID, state)
    const others = peopleIn(presence.others, personOf(ydoc.clientID, state))
    const last = this.#last
    const isSame = last?.self.name === self.name && last.self.hue === self.hue
    if (isSame && samePeople(last.others, others)) return
    this.#last = { self, others }
    this.#changed(this.#last)
  }
}

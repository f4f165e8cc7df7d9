import type { Cancel, Clock } from '@coscribe/shared'
import { lookOf, peopleIn, personOf, type PersonHere } from '../codemirror/index.js'
import type { Room } from '../room.js'
import { isSame } from '../sync-status.js'
import type { KnownUsers } from './resolved-users.js'

/** How somebody appears. */
export interface Face {
  readonly name: string
  readonly hue: number
  /** The address of their picture, where one is known. */
  readonly avatar?: string
}

/** Who is at a document. */
export interface PeopleHere {
  /** How the person of this room appears. */
  readonly self: Face
  readonly others: readonly PersonHere[]
}

/** People are gathered anew at most so often, however often they move. */
const GATHER_EVERY_MS = 100

/** Tells who is at a room's document: at once, and whenever that changes in anything that is shown of people. */
export class PeopleWatch {
  readonly #room: Pick<Room, 'presence' | 'ydoc'>
  readonly #clock: Clock
  readonly #users: () => KnownUsers | undefined
  readonly #changed: (people: PeopleHere) => void
  #last: PeopleHere | null = null
  #cancel: Cancel | null = null

  /** @param users what knows them better than they say themselves, if anything does */
  constructor(
    room: Pick<Room, 'presence' | 'ydoc'>,
    clock: Clock,
    users: () => KnownUsers | undefined,
    changed: (people: PeopleHere) => void,
  ) {
    this.#room = room
    this.#clock = clock
    this.#users = users
    this.#changed = changed
    // Also what this person shows of themselves; the room tells of the others only.
    room.presence.awareness.on('change', this.#plan)
    this.look()
  }

  stop(): void {
    this.#room.presence.awareness.off('change', this.#plan)
    this.#cancel?.()
  }

  readonly #plan = (): void => {
    this.#cancel ??= this.#clock.after(GATHER_EVERY_MS, () => this.look())
  }

  /** Looks at once: something else may be known of people. */
  look(): void {
    this.#cancel?.()
    this.#cancel = null
    const { presence, ydoc } = this.#room
    const state = presence.self ?? {}
    const own = personOf(ydoc.clientID, state)
    const users = this.#users()
    const self: Face = { ...lookOf(ydoc.clientID, state), ...users?.of(own) }
    const others = peopleIn(presence.others, own).map((one) => ({
      ...one,
      ...users?.of(one.person),
    }))
    const last = this.#last
    const now: PeopleHere = { self, others }
    // One may have what the other lacks.
    if (isSame<PeopleHere | null>(last, now) && isSame<PeopleHere | null>(now, last)) return
    this.#last = now
    this.#changed(now)
  }
}

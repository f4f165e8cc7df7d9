import type { PresenceState, PresentPeer } from '../presence.js'
import { lookOf, type PeerLook } from './peer-state.js'
import { activityOf, moreActive, personOf, type Activity } from './who.js'

/** One person, in however many tabs. */
export interface PersonHere extends PeerLook {
  /** Who they are: what `followPeer` and `jumpToPeer` take. */
  readonly person: string
  readonly activity: Activity
  /** Whether they are somewhere in the text. */
  readonly isInText: boolean
  /** The address of their picture, where an application knows one. */
  readonly avatar?: string
}

/**
 * The people behind presence states, each once, as in the first of their tabs, and in a steady order. The states are
 * strangers' words: every field is checked.
 *
 * @param own the person here, as `personOf` has it, whose other tabs are nobody else
 */
export function peopleIn(peers: readonly PresentPeer[], own: string): readonly PersonHere[] {
  const people = new Map<string, PersonHere>()
  for (const { clientId, state } of [...peers].sort((a, b) => a.clientId - b.clientId)) {
    const person = personOf(clientId, state)
    if (person === own) continue
    const known = people.get(person)
    people.set(person, known === undefined ? seen(clientId, state) : alsoSeen(known, state))
  }
  return [...people.values()].sort((a, b) => (a.person < b.person ? -1 : 1))
}

function seen(clientId: number, state: PresenceState): PersonHere {
  return {
    ...lookOf(clientId, state),
    person: personOf(clientId, state),
    activity: activityOf(state),
    isInText: isInText(state),
  }
}

function alsoSeen(known: PersonHere, state: PresenceState): PersonHere {
  return {
    ...known,
    activity: moreActive(known.activity, activityOf(state)),
    isInText: known.isInText || isInText(state),
  }
}

function isInText({ cursor }: PresenceState): boolean {
  return typeof cursor === 'object' && cursor !== null
}

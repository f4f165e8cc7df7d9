import { lookOf } from '../codemirror/index.js'
import type { PresentPeer } from '../presence.js'
import { words } from './words.js'

/** One person, in however many tabs. */
export interface Somebody {
  readonly key: string
  readonly name: string
  /** Index into the colours of people; the one of their cursor. */
  readonly hue: number
}

const MAX_ID = 64

/**
 * The people behind presence states, each once, as in the first of their tabs, and in a steady order. The states are
 * strangers' words: every field is checked.
 *
 * @param ownId the person here, whose other tabs are nobody else
 */
export function peopleIn(peers: readonly PresentPeer[], ownId: string): readonly Somebody[] {
  const people = new Map<string, Somebody>()
  for (const { clientId, state } of [...peers].sort((a, b) => a.clientId - b.clientId)) {
    const { id } = state
    if (id === ownId) continue
    const key = typeof id === 'string' ? id.slice(0, MAX_ID) : `client ${clientId}`
    if (people.has(key)) continue
    const { name, hue } = lookOf(clientId, state)
    people.set(key, { key, name: name === '' ? words().people.somebody : name, hue })
  }
  return [...people.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

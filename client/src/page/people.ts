import type { PresentPeer } from '../presence.js'
import { cleanName } from './person.js'

/** One person, in however many tabs. */
export interface Somebody {
  readonly key: string
  readonly name: string
  /** Index into the colours of people. */
  readonly hue: number
}

/** Colours there are for people; each has a class of its own in the page's styles. */
export const HUES = 12

/**
 * The people behind presence states, each once and in a steady order. The states are strangers' words: every field is
 * checked.
 *
 * @param ownId the person here, whose other tabs are nobody else
 */
export function peopleIn(peers: readonly PresentPeer[], ownId: string): readonly Somebody[] {
  const people = new Map<string, Somebody>()
  for (const { clientId, state } of peers) {
    const user = asRecord(state['user'])
    const id = typeof user['id'] === 'string' ? user['id'].slice(0, 64) : null
    if (id === ownId) continue
    const key = id ?? `client ${clientId}`
    people.set(key, { key, name: cleanName(user['name']), hue: hueOf(key) })
  }
  return [...people.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** The same colour for the same person, everywhere. */
function hueOf(key: string): number {
  let hash = 0
  for (let index = 0; index < key.length; index++) {
    hash = (Math.imul(hash, 31) + key.charCodeAt(index)) >>> 0
  }
  return hash % HUES
}

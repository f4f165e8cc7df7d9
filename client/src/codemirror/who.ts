import type { PresenceState } from '../presence.js'

/** What somebody is doing: something, nothing for a minute, or not looking at the page at all. */
export type Activity = 'active' | 'idle' | 'away'

/** A subject may be as long. */
const MAX_PERSON = 255

/**
 * Who is behind a presence state, the same in all their tabs: the user that the server vouches for, else who they say
 * they are, else their client.
 */
export function personOf(clientId: number, { user, id }: PresenceState): string {
  const vouched = typeof user === 'object' && user !== null && 'id' in user ? user.id : undefined
  const known = [vouched, id].find((value) => typeof value === 'string' && value !== '')
  return typeof known === 'string' ? known.slice(0, MAX_PERSON) : `client ${clientId}`
}

/** What a state says its owner is doing. */
export function activityOf({ activity }: PresenceState): Activity {
  return activity === 'idle' || activity === 'away' ? activity : 'active'
}

/** Of several tabs, the one in which most happens counts. */
export function moreActive(one: Activity, two: Activity): Activity {
  if (one === 'active' || two === 'active') return 'active'
  return one === 'idle' ? one : two
}

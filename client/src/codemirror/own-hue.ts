import type { PresenceState, PresentPeer } from '../presence.js'
import { freeHue, hueOf } from './hue.js'
import { lookOf } from './peer-state.js'
import { personOf } from './who.js'

/**
 * The hue for one's own tab.
 *
 * All tabs of a person look the same: as the one in which a hue was chosen last (`hueAt`, in seconds since 1970), or
 * the first. Of two people with one hue, the one with the higher client id takes another, if there is one.
 */
export function ownHue(own: number, self: PresenceState, others: readonly PresentPeer[]): number {
  const person = personOf(own, self)
  const tabs: PresentPeer[] = []
  const strangers: { readonly clientId: number; readonly hue: number }[] = []
  for (const { clientId, state } of others) {
    try {
      if (personOf(clientId, state) === person) tabs.push({ clientId, state })
      else strangers.push({ clientId, hue: lookOf(clientId, state).hue })
    } catch {
      // A state that cannot be read has no hue to respect.
    }
  }
  const leader = leaderOf(own, self, tabs)
  if (leader !== null) return lookOf(leader.clientId, leader.state).hue
  const { name } = lookOf(own, self)
  const current = 'hue' in self ? lookOf(own, self).hue : null
  const wanted = current ?? hueOf(name === '' ? String(own) : name)
  const first = Math.min(own, ...tabs.map(({ clientId }) => clientId))
  const stronger = strangers.filter(({ clientId }) => current === null || clientId < first)
  if (!stronger.some(({ hue }) => hue === wanted)) return wanted
  return freeHue(wanted, new Set(strangers.map(({ hue }) => hue)))
}

/** The tab that the others look like, or `null` if it is this one. */
function leaderOf(
  own: number,
  self: PresenceState,
  tabs: readonly PresentPeer[],
): PresentPeer | null {
  let leader: PresentPeer | null = null
  let best = { clientId: own, chosenAt: chosenAt(self) }
  for (const tab of tabs) {
    const { clientId, state } = tab
    const at = chosenAt(state)
    const leads = at > best.chosenAt || (at === best.chosenAt && clientId < best.clientId)
    if (!leads || !('hue' in state)) continue
    leader = tab
    best = { clientId, chosenAt: at }
  }
  return leader
}

function chosenAt({ hueAt }: PresenceState): number {
  return typeof hueAt === 'number' && Number.isSafeInteger(hueAt) && hueAt > 0 ? hueAt : 0
}

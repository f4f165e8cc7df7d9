import type { Awareness } from 'y-protocols/awareness'
import type { Presence, PresenceState, PresentPeer } from '../presence.js'

/** Who is here and where; a room's `presence`. */
export type CursorPresence = Pick<Presence, 'self' | 'others' | 'set' | 'subscribe'>

/** The awareness of any Yjs provider, seen as a presence. */
export function awarenessPresence(awareness: Awareness): CursorPresence {
  const others = (): PresentPeer[] =>
    [...awareness.getStates()]
      .filter(([clientId]) => clientId !== awareness.clientID)
      .map(([clientId, state]) => ({ clientId, state }))
  return {
    get self() {
      return awareness.getLocalState()
    },
    get others() {
      return others()
    },
    set(patch: PresenceState) {
      const state = { ...awareness.getLocalState(), ...patch }
      const given = Object.entries(state).filter(([, value]) => value !== undefined)
      awareness.setLocalState(Object.fromEntries(given))
    },
    subscribe(listener) {
      const notify = ({ added, updated, removed }: Record<string, readonly number[]>): void => {
        const changed = [...(added ?? []), ...(updated ?? []), ...(removed ?? [])]
        if (changed.some((clientId) => clientId !== awareness.clientID)) listener(others())
      }
      awareness.on('change', notify)
      return () => awareness.off('change', notify)
    },
  }
}

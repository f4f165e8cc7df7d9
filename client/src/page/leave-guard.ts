import type { Room } from '../room.js'

/**
 * Asks before the page is left, but only while leaving would lose work: edits that are on their way, or nowhere but in
 * this tab, and not in the copy on this device.
 *
 * @param holdsMore whether this tab holds something else that is nowhere else
 */
export function guardLeaving(
  window: Window,
  room: Room,
  holdsMore: () => boolean = () => false,
): () => void {
  const ask = (event: BeforeUnloadEvent): void => {
    const { save, pending, keptLocally } = room.status
    const lost = pending.updates > 0 && (save === 'unsaved' || (save === 'saving' && !keptLocally))
    if (lost || holdsMore()) event.preventDefault()
  }
  window.addEventListener('beforeunload', ask)
  return () => window.removeEventListener('beforeunload', ask)
}

import type { Room } from '../room.js'

/** Whether leaving now would lose edits: on their way, or nowhere but in this tab, and not in the copy on this device. */
export function losesWork({ status: { save, pending, keptLocally } }: Room): boolean {
  return pending.updates > 0 && (save === 'unsaved' || (save === 'saving' && !keptLocally))
}

/**
 * Asks before the page is left, but only while leaving would lose work.
 *
 * @param holdsMore whether this tab holds something else that is nowhere else
 */
export function guardLeaving(
  window: Window,
  room: Room,
  holdsMore: () => boolean = () => false,
): () => void {
  const ask = (event: BeforeUnloadEvent): void => {
    if (losesWork(room) || holdsMore()) event.preventDefault()
  }
  window.addEventListener('beforeunload', ask)
  return () => window.removeEventListener('beforeunload', ask)
}

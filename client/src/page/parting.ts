import type { Room } from '../room.js'
import { watchReplaced } from './access-watch.js'
import type { PageAccess } from './page-access.js'

/** How long what was written last may take to reach the server when somebody goes on to another place. */
const PARTING_MS = 10_000

/**
 * Leaves a room, once what was written in it is on the server; what the server does not take in time is kept here. It
 * is left at once when this tab comes as somebody else meanwhile, or as nobody: in another name nothing more is sent.
 */
export async function part(
  room: Pick<Room, 'status' | 'whenSaved' | 'destroy'>,
  access: PageAccess,
): Promise<void> {
  if (room.status.pending.updates > 0) await saved(room, access)
  room.destroy()
}

async function saved(room: Pick<Room, 'whenSaved' | 'destroy'>, access: PageAccess): Promise<void> {
  const stops = [watchReplaced(access, () => room.destroy()), access.onOther(() => room.destroy())]
  try {
    await room.whenSaved({ timeout: PARTING_MS })
  } catch {
    // Too slow, refused, without a network, or somebody else's now: it is in the copy on this device, or nobody would
    // have come here.
  }
  for (const stop of stops) stop()
}

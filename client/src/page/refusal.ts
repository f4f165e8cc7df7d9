import { unreachable } from '@coscribe/shared'
import type { RoomStatus } from '../sync-status.js'
import type { SignedIn } from './session-routes.js'
import { words } from './words.js'

/**
 * Why the server lets this tab not in: it came with nothing, what it came with is good no more, or it opens other
 * documents only.
 */
export type Refusal = 'nobody' | 'ended' | 'forbidden'

/** Why the server does not let a room in, or `null` when it does, or has not said. */
export function refusalOf(
  { connection, error }: RoomStatus,
  session: SignedIn | null,
): Refusal | null {
  if (connection !== 'closed') return null
  if (error?.code === 'forbidden') return 'forbidden'
  if (error?.code !== 'not-authenticated') return null
  return session === null ? 'nobody' : 'ended'
}

export interface Words {
  readonly heading: string
  readonly text: string
}

/** What a person is told. */
export function wordsOf(refusal: Refusal, session: SignedIn | null): Words {
  const { nobody, ended, forbidden } = words().signIn
  switch (refusal) {
    case 'nobody':
      return nobody
    case 'ended':
      return ended
    case 'forbidden':
      return { heading: forbidden.heading, text: forbidden.text(session?.subject ?? '') }
    default:
      return unreachable(refusal)
  }
}

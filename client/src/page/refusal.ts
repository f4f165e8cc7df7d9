import { unreachable } from '@coscribe/shared'
import type { RoomStatus } from '../sync-status.js'
import type { SignedIn } from './session-routes.js'

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
  switch (refusal) {
    case 'nobody':
      return {
        heading: 'Sign in to open this document',
        text: 'It is open to people who were invited. Open your invite link, or paste it here.',
      }
    case 'ended':
      return {
        heading: 'Your access has ended',
        text: 'To go on, open a new invite link, or paste it here.',
      }
    case 'forbidden':
      return {
        heading: 'This document is not open to you',
        text: `${whom(session)} no right to it. With another invite link you may have one.`,
      }
    default:
      return unreachable(refusal)
  }
}

function whom(session: SignedIn | null): string {
  return session === null || session.subject === ''
    ? 'What you came with gives you'
    : `You are signed in as ${session.subject}, who has`
}

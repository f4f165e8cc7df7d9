import { takeInvite } from './invite.js'
import type { PageAccess } from './page-access.js'

/** What may change while a place is open. */
export interface AccessListener {
  /** An invite link to where one is already. */
  arrived(token: string): void
  /** Another tab of this browser has signed in as somebody else, or out. */
  replaced(): void
}

/** Tells when this tab is offered another credential, or another tab took its; until the returned function is called. */
export function watchAccess(access: PageAccess, listener: AccessListener): () => void {
  const arrived = (): void => {
    const token = takeInvite(location, history)
    if (token !== null) listener.arrived(token)
  }
  const checkReplaced = (): void => {
    if (access.wasReplaced) listener.replaced()
  }
  let isOver = false
  window.addEventListener('hashchange', arrived)
  window.addEventListener('storage', checkReplaced)
  void access.isSomebodyElse().then((is) => {
    if (is && !isOver) checkReplaced()
  })
  return () => {
    isOver = true
    window.removeEventListener('hashchange', arrived)
    window.removeEventListener('storage', checkReplaced)
  }
}

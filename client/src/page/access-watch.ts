import { takeInvite } from './invite.js'
import type { PageAccess } from './page-access.js'
import { sentence } from './sign-in.js'

/** What became of the token that somebody arrived with. */
export interface Arrived {
  /** Why it does not let in, as a sentence; empty when it does, or there was none. */
  readonly fault: string
  /** It would make somebody else of this tab: it was not used, and is to be asked about. */
  readonly offered: string | null
}

/** Uses the token that somebody arrived with, unless it is another person's than this tab's. Never rejects. */
export async function arriveWith(access: PageAccess, token: string | null): Promise<Arrived> {
  // Another tab has signed in, while nothing was open here that would have noticed. Where somebody was already, it may
  // be that nothing new could be remembered; the server knows whose the cookie is.
  if (access.wasReplaced && (access.session === null || (await access.isSomebodyElse())))
    access.follow()
  if (token === null) return { fault: '', offered: null }
  if (access.replacementBy(token) !== null) return { fault: '', offered: token }
  const outcome = await access.use(token)
  return { fault: outcome.kind === 'refused' ? sentence(outcome.reason) : '', offered: null }
}

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
  window.addEventListener('hashchange', arrived)
  // Opened once more while the page was on its way.
  arrived()
  const stopReplaced = watchReplaced(access, () => listener.replaced())
  return () => {
    window.removeEventListener('hashchange', arrived)
    stopReplaced()
  }
}

/** Tells when another tab has signed in as somebody else, or out; until the returned function is called. */
export function watchReplaced(access: PageAccess, replaced: () => void): () => void {
  const check = (): void => {
    if (access.wasReplaced) replaced()
  }
  let isOver = false
  window.addEventListener('storage', check)
  void access.isSomebodyElse().then((is) => {
    if (is && !isOver) check()
  })
  return () => {
    isOver = true
    window.removeEventListener('storage', check)
  }
}

import { hash } from 'node:crypto'
import { randomHex, type Random } from '@coscribe/shared'
import { guestId, isGuest } from '../auth/links.js'

const SECRET = /^[0-9a-f]{64}$/

/**
 * Who every y-websocket client is: these have nothing to prove with that they are the same as before. Together they are
 * nobody in particular, so that one who returns takes over from their own half-open socket at once.
 */
export const STOCK_PRINCIPAL = 'stock'

const SUBJECT = 'subject:'
/** How the principal of a guest ends who proves by a secret to be the same as before. */
const BY_SECRET = / anonymous:[0-9a-f]{64}$/
const LONE_SURROGATE = /\p{Surrogate}/u

/** Who a client is that came with a credential. */
export function subjectPrincipal(subject: string): string {
  return `${SUBJECT}${subject}`
}

/**
 * Who a guest of a share link is: the link says only what they may do, so `proof` tells them from its other guests. It
 * is the principal of {@link anonymousPrincipal}, or what no other connection has.
 */
export function guestPrincipal(subject: string, proof: string): string {
  return `${subjectPrincipal(subject)} ${proof}`
}

/**
 * Who an anonymous client is. It proves that it is the same as before by the secret of an earlier hello; the server
 * keeps no list, because the principal is the secret's hash. Anything that cannot be a secret of ours gets a new one.
 */
export function anonymousPrincipal(
  offered: string,
  random: Random,
): { readonly secret: string; readonly principal: string } {
  const secret = SECRET.test(offered) ? offered : randomHex(random, 32)
  return { secret, principal: `anonymous:${hash('sha256', secret)}` }
}

/**
 * Who others are told that a principal is: its subject, or, for a guest of a share link, an id that no other guest and no
 * subject has. Empty for who came without a credential.
 */
export function userIdOf(principal: string): string {
  if (!principal.startsWith(SUBJECT)) return ''
  const subject = principal.slice(SUBJECT.length)
  return isGuest(subject) ? guestId(hash('sha256', principal)) : subject
}

/**
 * The same of who is known again, also after a restart, by something that only they have; empty for all others, and for a
 * subject that cannot be written down as it is.
 */
export function lastingIdOf(principal: string): string {
  const id = userIdOf(principal)
  if (isGuest(id)) return BY_SECRET.test(principal) ? id : ''
  return LONE_SURROGATE.test(id) ? '' : id
}

import { SUBPROTOCOL } from '@coscribe/shared'

/** A name as people give to protocols. Tokens are longer, begin with a digit, or say what they are. */
const MARKER = /^[a-z][a-z0-9._-]{0,31}$/i
const CREDENTIAL = /^(?:coscribe[._-])?(?:bearer|token|auth|jwt|key|secret)[._-]/i

/**
 * Which of the offered subprotocols to select: ours, or else the first that is the name of a protocol. A client that
 * offered some fails unless one is selected, but what may be a credential is never sent back: it would end up in logs.
 */
export function selectSubprotocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL
  for (const name of offered) {
    if (MARKER.test(name) && !CREDENTIAL.test(name)) return name
  }
  return false
}

import { randomHex, type Random } from '@coscribe/shared'
import type { Identity } from '../../auth/authenticator.js'
import { reaches } from '../../auth/grants.js'

/** 128 bits: knowing an id is having been given it. */
const ID_BYTES = 16

/** An id that nobody guesses, behind the shortest prefix that its maker may write under. */
export function drawnId(random: Random, { grants }: Identity): string {
  const prefixes = [...grants.prefixes]
    .filter(([, access]) => reaches(access, 'write'))
    .map(([prefix]) => prefix)
    .toSorted((one, other) => one.length - other.length)
  return `${prefixes[0] ?? ''}${randomHex(random, ID_BYTES)}`
}

import type { Access } from '@coscribe/shared'
import type { JWTPayload } from 'jose'
import type { Identity } from './authenticator.js'
import { isAccess } from './levels.js'
import { isName } from './names.js'

/** In UTF-16 units. What is longer is cut: these names are made for people, by others than us. */
const MAX_NAME_LENGTH = 80
/** One for all who have none: an empty map is larger than most of what is kept of somebody. */
const NO_GRANTS: ReadonlyMap<string, Access> = new Map()
/** The last moment that a date can name, in seconds since 1970. */
const MAX_SECONDS = 8.64e12

/**
 * What the claims of a verified token say, or which of them is unusable: a claim that is there must also be right.
 * Beside the registered ones there are `documents` and `prefixes`: what the token grants, by document id and by prefix;
 * and `name` (OpenID Connect Core, 5.1), which others are shown.
 */
export function identityFrom(claims: JWTPayload): Identity | { readonly claim: string } {
  const { sub, exp, iat, jti = '', name } = claims
  if (!isName(sub)) return { claim: 'sub' }
  if (typeof exp !== 'number' || !(exp > 0 && exp <= MAX_SECONDS)) return { claim: 'exp' }
  if (iat !== undefined && !(typeof iat === 'number' && iat > 0 && iat <= MAX_SECONDS)) {
    return { claim: 'iat' }
  }
  if (jti !== '' && !isName(jti)) return { claim: 'jti' }
  if (name !== undefined && typeof name !== 'string') return { claim: 'name' }
  const documents = accessMap(claims.documents)
  if (documents === null) return { claim: 'documents' }
  const prefixes = accessMap(claims.prefixes)
  if (prefixes === null) return { claim: 'prefixes' }
  return {
    subject: sub,
    tokenId: jti,
    ...(iat === undefined ? {} : { issuedAt: Math.floor(iat * 1_000) }),
    expiresAt: Math.floor(exp * 1_000),
    grants: { documents, prefixes },
    ...(name === undefined || name === '' ? {} : { name: shortened(name) }),
  }
}

/** Cut between characters. */
function shortened(name: string): string {
  if (name.length <= MAX_NAME_LENGTH) return name
  const isWhole = name.codePointAt(MAX_NAME_LENGTH - 1) === name.charCodeAt(MAX_NAME_LENGTH - 1)
  return name.slice(0, isWhole ? MAX_NAME_LENGTH : MAX_NAME_LENGTH - 1)
}

function accessMap(claim: unknown): ReadonlyMap<string, Access> | null {
  if (claim === undefined) return NO_GRANTS
  if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) return null
  const entries = Object.entries(claim as Record<string, unknown>)
  return entries.every(isGrant) ? new Map(entries) : null
}

function isGrant(entry: [string, unknown]): entry is [string, Access] {
  return isAccess(entry[1])
}

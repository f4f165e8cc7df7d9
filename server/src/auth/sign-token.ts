import type { Access } from '@coscribe/shared'
import { SignJWT } from 'jose'
import type { JwtKey } from './jwt-keys.js'

export interface TokenContent {
  readonly subject: string
  /** What others are shown as the name; absent or empty for none. */
  readonly name?: string
  readonly tokenId: string
  readonly issuer: string
  readonly audience: string
  readonly documents: readonly string[]
  readonly prefixes: readonly string[]
  /** To all of them. */
  readonly access: Access
  readonly nowSeconds: number
  readonly ttlSeconds: number
}

/** A token as a {@link JwtAuthenticator} with the same secret reads it. */
export function signToken({ key, algorithms }: JwtKey, content: TokenContent): Promise<string> {
  const { name = '', documents, prefixes, access, nowSeconds, ttlSeconds } = content
  const grants = { documents: grantsOf(documents, access), prefixes: grantsOf(prefixes, access) }
  const claims = name === '' ? grants : { name, ...grants }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithms[0] ?? '', typ: 'JWT' })
    .setSubject(content.subject)
    .setJti(content.tokenId)
    .setIssuer(content.issuer)
    .setAudience(content.audience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + ttlSeconds)
    .sign(key)
}

/** Entries, and not assignments: a document may have the name of a prototype. */
function grantsOf(names: readonly string[], access: Access): Record<string, Access> {
  return Object.fromEntries(names.map((name) => [name, access]))
}

import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { algorithmsOf, type JwtKey } from './jwt-keys.js'

/** A key that a provider publishes. */
export interface ProviderKey extends JwtKey {
  /** What tokens name it by; empty if it has no name. */
  readonly kid: string
}

/** What a public key consists of, by type (RFC 7518, 6; RFC 8037, 2). Nothing else of an entry is looked at. */
const PUBLIC_PARTS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
])
/** What only the owner of a key has, and what a key is that both sides have. */
const SECRET_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const MAX_NAME_LENGTH = 255

/** An entry that was left out because with it anybody could sign. */
export const PUBLISHED_SECRET = 'published-secret'

/**
 * The key in an entry of a JSON web key set (RFC 7517), with the algorithms that a key of its type is used for; `null`
 * where it is none of ours: of another type or curve, too small, for another purpose, or malformed.
 */
export function keyFromJwk(entry: unknown): ProviderKey | null | typeof PUBLISHED_SECRET {
  if (typeof entry !== 'object' || entry === null) return null
  const jwk = entry as Readonly<Record<string, unknown>>
  if (SECRET_PARTS.some((part) => Object.hasOwn(jwk, part))) return PUBLISHED_SECRET
  const { kid = '' } = jwk
  if (typeof kid !== 'string' || kid.length > MAX_NAME_LENGTH || !isForVerifying(jwk)) return null
  const key = publicKeyOf(jwk)
  const algorithms = key === null ? null : algorithmsOf(key)
  if (key === null || algorithms === null) return null
  if (jwk['alg'] !== undefined && !(algorithms as readonly unknown[]).includes(jwk['alg'])) {
    return null
  }
  return { kid, key, algorithms }
}

function isForVerifying({ use, key_ops: operations }: Readonly<Record<string, unknown>>): boolean {
  const forSignatures = use === undefined || use === 'sig'
  const verifies =
    operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
  return forSignatures && verifies
}

function publicKeyOf(jwk: Readonly<Record<string, unknown>>): KeyObject | null {
  const { kty } = jwk
  const parts = PUBLIC_PARTS.get(kty)
  if (parts === undefined) return null
  const key: JsonWebKey = Object.fromEntries(['kty', ...parts].map((part) => [part, jwk[part]]))
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    // Parts that are missing, no text, no number or not on the curve: there is nothing to verify with.
    return null
  }
}

import { webcrypto, type KeyObject } from 'node:crypto'
import type { JwtKey } from './jwt-keys.js'

/** A key that tokens are verified with, in whatever form, and the only algorithms it is used for. */
export interface VerificationKey {
  readonly key: KeyObject | webcrypto.CryptoKey
  readonly algorithms: readonly string[]
}

/**
 * Keys in the form in which jose takes them as they are. From a secret it would make one of its own for each token, which
 * costs as much as verifying it does; what it makes of a public key it remembers.
 */
export function prepared(keys: readonly JwtKey[]): Promise<readonly VerificationKey[]> {
  return Promise.all(
    keys.map(async ({ key, algorithms }) =>
      key.type === 'secret' ? { key: await secretKey(key), algorithms } : { key, algorithms },
    ),
  )
}

function secretKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return webcrypto.subtle.importKey('raw', key.export(), algorithm, false, ['verify'])
}

import { decodeJwt, decodeProtectedHeader, errors } from 'jose'
import type { Jwks } from './jwks.js'
import type { JwtKey } from './jwt-keys.js'

/** Those of the keys that a provider may publish; a secret never is one. */
const ALGORITHMS: ReadonlySet<unknown> = new Set(['RS256', 'ES256', 'EdDSA', 'Ed25519'])
const MAX_NAME_LENGTH = 255

/**
 * The keys of the provider that a token may be signed with. The provider is not asked about what no key of its could
 * make good: a token that is malformed, has critical headers, or is of another issuer.
 *
 * @throws JOSEError for such a token
 * @throws Error when the provider could not be asked
 */
export async function publishedKeys(
  jwks: Jwks,
  token: string,
  issuer: string,
): Promise<readonly JwtKey[]> {
  const { alg, kid, crit } = headerOf(token)
  if (!isAlgorithm(alg)) throw new errors.JOSEAlgNotAllowed()
  if (crit !== undefined) throw new errors.JOSENotSupported()
  if (!(kid === undefined || (typeof kid === 'string' && kid.length <= MAX_NAME_LENGTH))) {
    throw new errors.JWTInvalid()
  }
  if (decodeJwt(token).iss !== issuer) throw new errors.JWTInvalid()
  return jwks.candidates(kid, alg)
}

function isAlgorithm(alg: unknown): alg is string {
  return ALGORITHMS.has(alg)
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  try {
    return decodeProtectedHeader(token)
  } catch {
    // Bytes that are no JSON, or JSON that is no object.
    throw new errors.JWTInvalid()
  }
}

import type { Clock } from '@coscribe/shared'
import { errors, jwtVerify, type JWTVerifyResult } from 'jose'
import type { Logger } from '../log.js'
import type { Authenticator, CredentialFault, Identity } from './authenticator.js'
import type { Jwks } from './jwks.js'
import { identityFrom } from './jwt-claims.js'
import type { JwtKey } from './jwt-keys.js'
import { publishedKeys } from './published-keys.js'
import { prepared, type VerificationKey } from './verification-keys.js'
import { VerifiedTokens } from './verified-tokens.js'

export interface JwtSetup {
  /** Tried one after the other, each with its own algorithms only. */
  readonly keys: readonly JwtKey[]
  /** More keys, asked for when a token is signed by none of those; none when absent. */
  readonly jwks?: Jwks | undefined
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
  readonly logger: Logger
}

/** More than any honest token has, and less than a request's headers may. */
const MAX_TOKEN_LENGTH = 8 * 1024
/** Three parts of plain base64url. Decoders pass over spaces and line breaks, and two texts would be one token. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/
/** So that what the same issuer made for another purpose is no key to documents. */
const TYPE = /^(?:application\/)?(?:at\+)?jwt$/i
/** How far the clock of an issuer may be ahead of ours. What has expired by ours has expired. */
const SKEW_SECONDS = 30

/**
 * JSON web tokens, by keys that are known from the start or that the configured provider publishes. Nothing in a token's
 * header leads anywhere: `kid` at most chooses among the keys that there are, `jku`, `x5u` and `jwk` are not looked at,
 * and the algorithm is one of a key's own or the key is not tried.
 */
export class JwtAuthenticator implements Authenticator {
  readonly #setup: JwtSetup
  readonly #verified: VerifiedTokens
  /** As jose takes them without preparing them for each token. */
  #keys: Promise<readonly VerificationKey[]> | null = null

  constructor(setup: JwtSetup) {
    this.#setup = setup
    this.#verified = new VerifiedTokens(setup)
  }

  async authenticate(credential: string): Promise<Identity | CredentialFault> {
    if (credential.length > MAX_TOKEN_LENGTH || !TOKEN.test(credential)) {
      return this.#refused('form')
    }
    const known = this.#verified.find(credential)
    if (known !== null) return known
    try {
      return await this.#verify(credential)
    } catch (error) {
      if (error instanceof errors.JWTExpired) return EXPIRED
      // Only what is wrong with it: these errors carry the claims.
      if (error instanceof errors.JWTClaimValidationFailed) return this.#refused(error.claim)
      if (error instanceof errors.JOSEError) return this.#refused(error.code)
      throw error
    }
  }

  async #verify(token: string): Promise<Identity | CredentialFault> {
    const { keys, jwks, issuer } = this.#setup
    try {
      const identity = this.#judge(
        await this.#verifyBy(await (this.#keys ??= prepared(keys)), token),
      )
      if (!('fault' in identity)) this.#verified.keep(token, identity)
      return identity
    } catch (error) {
      if (jwks === undefined || !isAnotherKeys(error)) throw error
      // What a provider has published it may take back: these are verified each time.
      return this.#judge(await this.#verifyBy(await publishedKeys(jwks, token, issuer), token))
    }
  }

  async #verifyBy(keys: readonly VerificationKey[], token: string): Promise<JWTVerifyResult> {
    const { issuer, audience, clock } = this.#setup
    const currentDate = new Date(clock.wallTime())
    let failure: unknown
    for (const { key, algorithms } of keys) {
      try {
        return await jwtVerify(token, key, {
          algorithms: [...algorithms],
          issuer,
          audience,
          requiredClaims: ['exp', 'sub'],
          currentDate,
          clockTolerance: SKEW_SECONDS,
        })
      } catch (error) {
        if (!isAnotherKeys(error)) throw error
        failure = error
      }
    }
    // Made only when it is needed: an error costs more than verifying a token.
    throw failure ?? new errors.JWSSignatureVerificationFailed()
  }

  #judge({ payload, protectedHeader }: JWTVerifyResult): Identity | CredentialFault {
    const { typ = 'JWT' } = protectedHeader
    if (!TYPE.test(typ)) return this.#refused('typ')
    const identity = identityFrom(payload)
    if ('claim' in identity) return this.#refused(identity.claim)
    return identity.expiresAt <= this.#setup.clock.wallTime() ? EXPIRED : identity
  }

  /** The other end hears only that it is not valid: which check a forgery has passed is nobody's business. */
  #refused(what: string): CredentialFault {
    this.#setup.logger.debug({ what }, 'a credential was refused')
    return UNUSABLE
  }
}

const UNUSABLE: CredentialFault = Object.freeze({ fault: 'the credential is not valid' })
const EXPIRED: CredentialFault = Object.freeze({ fault: 'the credential has expired' })

/** Whether the token may still be good by another key. */
function isAnotherKeys(error: unknown): boolean {
  return (
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JWSSignatureVerificationFailed
  )
}

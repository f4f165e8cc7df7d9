import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { CoscribeError } from '@coscribe/shared'

/** A key that tokens are verified with, and the only algorithms it is used for. */
export interface JwtKey {
  readonly key: KeyObject
  readonly algorithms: readonly string[]
}

/** The shortest HS256 secret, in bytes: as long as the hash (RFC 7518, 3.2). */
const MIN_SECRET_BYTES = 32
/** Different characters; 32 random bytes in hexadecimal have fewer than this once in 10^9 times. */
const MIN_CHARACTERS = 8
const MIN_RSA_BITS = 2_048
/** One that signs, and the one before it while its tokens are still around. */
const MAX_LIVE = 2

const PLACEHOLDER = /change.?me|replace.?me|placeholder|your[-_ ]|example|secret|password|default/i
const PEM = /-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----/g

/**
 * HS256 secrets from text, one a line.
 *
 * @param source where they come from, for messages, which never hold any of the text
 * @throws CoscribeError `bad-option` for none, more than two, or one that could be guessed
 */
export function secretsFrom(text: string, source: string): JwtKey[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  checkCount(lines.length, 'secret', 'one a line', source)
  return lines.map((line) => {
    const fault = weakness(line)
    if (fault !== null) throw badKey(`${source} holds a secret that ${fault}`)
    return { key: createSecretKey(Buffer.from(line)), algorithms: ['HS256'] }
  })
}

function weakness(secret: string): string | null {
  if (secret !== secret.trim()) return 'begins or ends with a space'
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
    return `is shorter than ${MIN_SECRET_BYTES} bytes; "openssl rand -base64 48" makes a good one`
  }
  if (PLACEHOLDER.test(secret) || new Set(secret).size < MIN_CHARACTERS) {
    return 'is a placeholder; "openssl rand -base64 48" makes a good one'
  }
  return null
}

/**
 * Public keys from PEM text: RSA for RS256, P-256 for ES256, Ed25519 for EdDSA.
 *
 * @param source where they come from, for messages
 * @throws CoscribeError `bad-option` for none, more than two, or one that cannot be used
 */
export function publicKeysFrom(text: string, source: string): JwtKey[] {
  const blocks = [...text.matchAll(PEM)]
  checkCount(blocks.length, 'public key', 'in PEM form', source)
  return blocks.map(([pem, label = '']) => {
    // Node would derive the public half, and the private one would lie where it is not needed.
    if (label.includes('PRIVATE'))
      throw badKey(`${source} holds a private key; give the public one`)
    return publicKey(pem, source)
  })
}

function publicKey(pem: string, source: string): JwtKey {
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch (cause) {
    throw badKey(`${source} holds a public key that cannot be read`, cause)
  }
  const algorithms = algorithmsOf(key)
  if (algorithms !== null) return { key, algorithms }
  throw badKey(
    `${source} holds a key that is none of RSA with ${MIN_RSA_BITS} bits, P-256, Ed25519`,
  )
}

/** What tokens a public key may verify, by its type; `null` for a type, a curve or a length that is not used. */
export function algorithmsOf(key: KeyObject): readonly string[] | null {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS) return ['RS256']
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return ['ES256']
  // One algorithm with two names (RFC 9864).
  if (key.asymmetricKeyType === 'ed25519') return ['EdDSA', 'Ed25519']
  return null
}

function checkCount(count: number, what: string, form: string, source: string): void {
  if (count >= 1 && count <= MAX_LIVE) return
  throw badKey(`${source} must hold one ${what}, or two while they are exchanged, ${form}`)
}

function badKey(message: string, cause?: unknown): CoscribeError {
  return new CoscribeError('bad-option', message, { cause })
}

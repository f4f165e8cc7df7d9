import { createHmac, sign, type KeyObject } from 'node:crypto'
import { base64url } from 'jose'
import { seconds } from './tokens.js'

/** A token by hand: header and claims as JSON or as the text of it, signed with a P-256 key. */
export function signedByHand(key: KeyObject, header: unknown, claims: unknown): string {
  const head = headOf(header, claims)
  const signature = sign('sha256', Buffer.from(head), { key, dsaEncoding: 'ieee-p1363' })
  return `${head}.${signature.toString('base64url')}`
}

function headOf(...parts: unknown[]): string {
  return parts
    .map((part) => base64url.encode(typeof part === 'string' ? part : JSON.stringify(part)))
    .join('.')
}

/** What an identity provider and its tokens are made of. */
export interface TokenMaker {
  /** The key that is published, and how it is named. */
  readonly key: KeyObject
  readonly publicPem: string
  readonly kid: string
  readonly issuer: string
  /** A key that is not. */
  readonly otherKey: KeyObject
  /** Where nobody should ever be heard of. */
  readonly elsewhere: string
}

/** The claims of a good token. */
export function goodClaims(issuer: string): object {
  const documents = { doc: 'write' }
  return { sub: 'ada', iss: issuer, aud: 'coscribe', exp: seconds(3_600), documents }
}

/** Tokens that must not be accepted by a server that knows the published keys, by what is wrong with them. */
export function hostileTokens(maker: TokenMaker): [string, string][] {
  const { key, kid, issuer, otherKey, elsewhere, publicPem } = maker
  const good = goodClaims(issuer)
  const right = { alg: 'ES256', kid }
  const by = (header: object, claims: unknown = good, signer = key): string =>
    signedByHand(signer, { ...right, ...header }, claims)
  const foreign = { jwk: otherKey.export({ format: 'jwk' }) }
  return [
    ['nothing at all', 'x'],
    ['alg none', `${headOf({ alg: 'none', kid }, good)}.`],
    ['alg none, with a signature', by({ alg: 'none' })],
    ['alg ES256 in small letters', by({ alg: 'es256' })],
    ['alg as a list', by({ alg: ['ES256'] })],
    ['alg of another key', by({ alg: 'RS256' })],
    ['a secret that is the public key', hmac(publicPem, headOf({ alg: 'HS256', kid }, good))],
    ['an unknown critical header', by({ crit: ['b33f'], b33f: 1 })],
    ['claims that are not encoded', by({ crit: ['b64'], b64: false })],
    ['another key by its own name', by({ kid: 'other' }, good, otherKey)],
    ['another key by the right name', by({}, good, otherKey)],
    ['another key by jku', by({ jku: `${elsewhere}/keys` }, good, otherKey)],
    ['another key by x5u', by({ x5u: `${elsewhere}/cert`, kid: undefined }, good, otherKey)],
    ['another key by jwk', by(foreign, good, otherKey)],
    ['a kid that is an address', by({ kid: `${elsewhere}/key` })],
    ['a kid that is a path', by({ kid: '../../../../dev/null' })],
    ['a kid for a database', by({ kid: "' union select 'key' --" })],
    ['a kid that is a number', by({ kid: 0 })],
    ['a kid every object has', by({ kid: '__proto__' })],
    ['the type of a logout token', by({ typ: 'logout+jwt' })],
    ['another audience', by({}, { ...good, aud: 'mail' })],
    ['another issuer', by({}, { ...good, iss: 'somebody' })],
    ['a list of issuers', by({}, { ...good, iss: [issuer] })],
    ['exp as text', by({}, { ...good, exp: String(seconds(60)) })],
    ['exp 2^53', by({}, { ...good, exp: 2 ** 53 })],
    ['exp in the past', by({}, { ...good, exp: seconds(-1) })],
    ['no exp', by({}, { ...good, exp: undefined })],
    ['no sub', by({}, { ...good, sub: undefined })],
    ['an access that is true', by({}, { ...good, documents: { doc: true } })],
    ['claims that are a list', by({}, [good])],
    // The last one counts, for us as for every other reader of JSON in JavaScript, and it is signed.
    [
      'an issuer that is there twice',
      by({}, JSON.stringify(good).replace('}', '},"iss":"somebody"')),
    ],
    ['a part more', `${by({})}.x`],
    ['five parts, encrypted', `${headOf({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`],
    ['a signature in DER', derSigned(key, headOf(right, good))],
    ['no signature', `${headOf(right, good)}.`],
    ['a signature of zeros', `${headOf(right, good)}.${Buffer.alloc(64).toString('base64url')}`],
  ]
}

function hmac(secret: string, head: string): string {
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}

function derSigned(key: KeyObject, head: string): string {
  return `${head}.${sign('sha256', Buffer.from(head), key).toString('base64url')}`
}

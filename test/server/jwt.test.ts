import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@coscribe/shared'
import { base64url, SignJWT } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { configuredKeys } from '../../server/src/auth/configured-keys.js'
import { JwtAuthenticator } from '../../server/src/auth/jwt.js'
import { publicKeysFrom, secretsFrom, type JwtKey } from '../../server/src/auth/jwt-keys.js'
import { silentLogger } from '../../server/src/log.js'
import { folderForTest } from '../support/test-server.js'
import { OTHER_SECRET, seconds, SECRET, token, type TokenParts } from '../support/tokens.js'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')

const INVALID = { fault: 'the credential is not valid' }
const EXPIRED = { fault: 'the credential has expired' }

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

function verifier(keys: readonly JwtKey[] = secretsFrom(SECRET, 'test')): JwtAuthenticator {
  const setup = { issuer: 'coscribe', audience: 'coscribe', clock: systemClock }
  return new JwtAuthenticator({ ...setup, keys, logger: silentLogger })
}

function signedBy(key: KeyObject, alg: string, header: object = {}): Promise<string> {
  return new SignJWT({ sub: 'ada', iss: 'coscribe', aud: 'coscribe', exp: seconds(60) })
    .setProtectedHeader({ alg, ...header })
    .sign(key)
}

/** A token by hand: header and claims as text, signed with HMAC or with nothing. */
function forged(header: object, claims: object, secret: string | Buffer | null = SECRET): string {
  const head = `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claims))}`
  if (secret === null) return `${head}.`
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}

const good = () => ({ sub: 'ada', iss: 'coscribe', aud: 'coscribe', exp: seconds(60) })

afterEach(() => vi.unstubAllGlobals())

describe('a token', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['Ada Lovelace', 'Ada Lovelace'],
    [`${'x'.repeat(79)}😀`, 'x'.repeat(79)],
    [`${'x'.repeat(78)}😀y`, `${'x'.repeat(78)}😀`],
    [7, INVALID],
    [null, INVALID],
  ])('[A86] with the name %s', async (name, wanted) => {
    const verdict = await verifier().authenticate(await token({ name }))
    expect('fault' in verdict ? verdict : verdict.name).toEqual(wanted)
  })

  it('[A30] says who it is for, what it grants, how it is named and when it ends', async () => {
    const text = await token({
      jti: 'token-7',
      exp: 4_000_000_000.5,
      documents: { notes: 'read' },
      prefixes: { 'team/': 'admin' },
    })
    expect(await verifier().authenticate(text)).toEqual({
      subject: 'ada',
      tokenId: 'token-7',
      expiresAt: 4_000_000_000_500,
      grants: {
        documents: new Map([['notes', 'read']]),
        prefixes: new Map([['team/', 'admin']]),
      },
    })
  })

  it.each([
    ['RS256', rsa],
    ['ES256', ec],
    ['EdDSA', ed],
  ])('[A30] is verified by a public key for %s', async (alg, { privateKey, publicKey }) => {
    const keys = publicKeysFrom(pem(publicKey), 'test')
    const verdict = await verifier(keys).authenticate(await signedBy(privateKey, alg))
    expect(verdict).toMatchObject({ subject: 'ada' })
  })

  it('[A30] is verified by either of two live keys', async () => {
    const secrets = verifier(secretsFrom(`${SECRET}\n${OTHER_SECRET}\n`, 'test'))
    for (const secret of [SECRET, OTHER_SECRET]) {
      expect(await secrets.authenticate(await token({ secret }))).toMatchObject({ subject: 'ada' })
    }
    const keys = verifier(publicKeysFrom(pem(rsa.publicKey) + pem(otherRsa.publicKey), 'test'))
    for (const { privateKey } of [rsa, otherRsa]) {
      const verdict = await keys.authenticate(await signedBy(privateKey, 'RS256'))
      expect(verdict).toMatchObject({ subject: 'ada' })
    }
  })

  const wrong: [string, TokenParts][] = [
    ['without sub', { sub: undefined }],
    ['with an empty sub', { sub: '' }],
    ['with a sub that is a number', { sub: 7 }],
    ['with a sub of 1,000 characters', { sub: 'a'.repeat(1_000) }],
    ['without iss', { iss: undefined }],
    ['of another issuer', { iss: 'somebody' }],
    ['with a list of issuers', { iss: ['coscribe'] }],
    ['without aud', { aud: undefined }],
    ['for another audience', { aud: 'mail' }],
    ['with an aud that only begins like ours', { aud: 'coscribe2' }],
    ['with an aud that is an object', { aud: { coscribe: true } }],
    ['without exp', { exp: undefined }],
    ['with exp as text', { exp: String(seconds(60)) }],
    ['with exp 2^53', { exp: 2 ** 53 }],
    ['with exp null', { exp: null }],
    ['not valid yet', { nbf: seconds(120) }],
    ['with nbf as text', { nbf: '0' }],
    ['with a jti that is an object', { jti: {} }],
    ['with an access that is none', { documents: { doc: 'owner' } }],
    ['with an access that is true', { documents: { doc: true } }],
    ['with a name every object has as access', { documents: { doc: 'constructor' } }],
    ['with documents as a list', { documents: ['doc'] }],
    ['with documents as text', { documents: 'doc' }],
    ['with documents null', { documents: null }],
    ['with prefixes as text', { prefixes: '*' }],
    ['of another type', { header: { typ: 'logout+jwt' } }],
    ['with an unknown critical header', { header: { crit: ['b33f'], b33f: 1 } }],
    ['signed with another secret', { secret: OTHER_SECRET }],
  ]
  it.each(wrong)('[A31] %s is refused', async (_name, parts) => {
    const text = await token(parts).catch(() => forged({ alg: 'HS256', ...parts.header }, good()))
    expect(await verifier().authenticate(text)).toEqual(INVALID)
  })

  it('[A31] that has expired is refused, to the millisecond, whatever the clock of its issuer', async () => {
    let wall = seconds(0) * 1_000
    const clock = { ...systemClock, wallTime: () => wall }
    const keys = secretsFrom(SECRET, 'test')
    const setup = { keys, issuer: 'coscribe', audience: 'coscribe', clock, logger: silentLogger }
    const authenticator = new JwtAuthenticator(setup)
    const text = await token({ exp: wall / 1_000 + 10, nbf: wall / 1_000 + 25 })
    expect(await authenticator.authenticate(text)).toMatchObject({ subject: 'ada' })
    wall += 9_999
    expect(await authenticator.authenticate(text)).toMatchObject({ subject: 'ada' })
    wall += 1
    expect(await authenticator.authenticate(text)).toEqual(EXPIRED)
    wall += 3_600_000
    expect(await authenticator.authenticate(text)).toEqual(EXPIRED)
  })

  const hostile: [string, () => string | Promise<string>][] = [
    ['nothing', () => ''],
    ['with alg none', () => forged({ alg: 'none' }, good(), null)],
    ['with alg None and a signature', () => forged({ alg: 'None' }, good())],
    ['with alg none and an empty key', () => forged({ alg: 'none' }, good(), '')],
    ['without alg', () => forged({}, good())],
    ['with alg as a list', () => forged({ alg: ['HS256'] }, good())],
    ['with another HMAC', () => forged({ alg: 'HS512' }, good())],
    ['with a space before it', async () => ` ${await token()}`],
    ['with a line break behind it', async () => `${await token()}\n`],
    ['with a space in its signature', async () => (await token()).replace(/.{5}$/, ' $&')],
    ['with a part more', async () => `${await token()}.x`],
    ['encrypted', () => `${'a'.repeat(40)}.a.b.c.d`],
    ['of 100 KB', () => token({ jti: 'a', documents: { [`x${'y'.repeat(100_000)}`]: 'read' } })],
    ['whose claims are a list', () => forged({ alg: 'HS256' }, [good()])],
    ['with unencoded claims', () => forged({ alg: 'HS256', b64: false, crit: ['b64'] }, good())],
    ['with a signature cut off', async () => (await token()).replace(/.{10}$/, '')],
  ]
  it.each(hostile)('[A31] %s is refused', async (_name, make) => {
    expect(await verifier().authenticate(await make())).toEqual(INVALID)
  })

  it('[A31] a token by hand with nothing wrong is accepted, so that the others are refused for what they are', async () => {
    const text = forged({ alg: 'HS256' }, good())
    expect(await verifier().authenticate(text)).toMatchObject({ subject: 'ada' })
  })

  it('[A31] signed with a public key as if it were a secret is refused', async () => {
    const publicPem = pem(rsa.publicKey)
    const keys = publicKeysFrom(publicPem, 'test')
    const der = rsa.publicKey.export({ type: 'spki', format: 'der' })
    for (const secret of [publicPem, publicPem.trim(), der]) {
      const text = forged({ alg: 'HS256' }, good(), secret)
      expect(await verifier(keys).authenticate(text)).toEqual(INVALID)
      const both = verifier([...secretsFrom(SECRET, 'test'), ...keys])
      expect(await both.authenticate(text)).toEqual(INVALID)
    }
  })

  it.each([
    ['jku', { jku: 'https://evil.example/keys' }],
    ['x5u', { x5u: 'https://evil.example/cert' }],
    ['jwk', { jwk: otherRsa.publicKey.export({ format: 'jwk' }) }],
    ['kid', { kid: '../../../../dev/null' }],
    ['kid', { kid: "' or 1=1 --" }],
  ])('[A31] cannot bring its own key by %s, and nothing is fetched', async (_name, header) => {
    const fetched = vi.fn()
    vi.stubGlobal('fetch', fetched)
    const keys = publicKeysFrom(pem(rsa.publicKey), 'test')
    const foreign = await signedBy(otherRsa.privateKey, 'RS256', header)
    expect(await verifier(keys).authenticate(foreign)).toEqual(INVALID)
    // The header means nothing: with the right key, the same token is good.
    const own = await signedBy(rsa.privateKey, 'RS256', header)
    expect(await verifier(keys).authenticate(own)).toMatchObject({ subject: 'ada' })
    expect(fetched).not.toHaveBeenCalled()
  })
})

describe('keys', () => {
  it.each([
    ['', /must hold one secret/],
    ['too short', /shorter than 32 bytes/],
    ['a'.repeat(64), /placeholder/],
    ['change-me-change-me-change-me-change-me', /placeholder/],
    ['your-256-bit-secret-goes-here-please', /placeholder/],
    [` ${SECRET}`, /space/],
    [`${SECRET}\n${OTHER_SECRET}\n${SECRET}x`, /must hold one secret, or two/],
    [`${SECRET}\nshort`, /shorter than 32 bytes/],
  ])('[A32] a secret like "%s" is refused, and not repeated', (text, message) => {
    expect(() => secretsFrom(text, 'the file')).toThrow(message)
    try {
      secretsFrom(text, 'the file')
    } catch (error) {
      if (text.length > 10) expect(String(error)).not.toContain(text.trim().slice(0, 20))
    }
  })

  it('[A32] a secret with a line break at its end is what editors write', () => {
    expect(secretsFrom(`${SECRET}\r\n`, 'the file')).toHaveLength(1)
  })

  it('[A32] come from a file of public keys beside a secret, and there are none where none are named', () => {
    const authKeyFile = join(folderForTest(), 'keys.pem')
    writeFileSync(authKeyFile, pem(ec.publicKey) + pem(ed.publicKey))
    const none = { authSecretFile: '', authKeyFile: '' }
    const algorithms = configuredKeys({ ...none, authKeyFile }, SECRET).map((key) => key.algorithms)
    expect(algorithms).toEqual([['HS256'], ['ES256'], ['EdDSA', 'Ed25519']])
    expect(configuredKeys(none, undefined)).toEqual([])
  })

  const small = generateKeyPairSync('rsa', { modulusLength: 1_024 })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const secretPem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  it.each([
    ['nothing', 'hello', /must hold one public key/],
    ['a private key', secretPem, /private key/],
    ['a small RSA key', pem(small.publicKey), /none of RSA/],
    ['another curve', pem(p384.publicKey), /none of RSA/],
    ['noise', pem(rsa.publicKey).replace(/MII/, 'MJJ'), /cannot be read/],
    ['three keys', pem(ed.publicKey).repeat(3), /or two/],
  ])('[A32] %s is no key', (_name, text, message) => {
    expect(() => publicKeysFrom(text, 'the file')).toThrow(message)
  })
})

import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { base64url, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { Jwks } from '../../server/src/auth/jwks.js'
import { JwtAuthenticator } from '../../server/src/auth/jwt.js'
import { providerUrl } from '../../server/src/auth/provider-url.js'
import { silentLogger } from '../../server/src/log.js'
import { startFakeProvider, type FakeProvider, type Reply } from '../support/fake-provider.js'
import { ManualClock } from '../support/manual-clock.js'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const smallRsa = generateKeyPairSync('rsa', { modulusLength: 1_024 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const otherEc = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ed = generateKeyPairSync('ed25519')

const INVALID = { fault: 'the credential is not valid' }
const MINUTE = 60_000

function jwk(key: KeyObject, more: object = {}): object {
  return { ...key.export({ format: 'jwk' }), ...more }
}

const published = {
  keys: [
    jwk(rsa.publicKey, { kid: 'rsa', use: 'sig', alg: 'RS256' }),
    jwk(ec.publicKey, { kid: 'ec', key_ops: ['verify'] }),
    jwk(ed.publicKey, { kid: 'ed' }),
  ],
}

/** Signed for long enough that no clock of a test ends it. */
function signed(key: KeyObject, alg: string, header: object = {}, iss = 'issuer'): Promise<string> {
  return new SignJWT({ sub: 'ada', iss, aud: 'coscribe', exp: 8e9 })
    .setProtectedHeader({ alg, ...header })
    .sign(key)
}

interface Parts {
  readonly provider: FakeProvider
  readonly clock: ManualClock
  readonly authenticate: (token: string) => Promise<object>
}

/** An authenticator that knows no key but what a provider publishes. */
async function withProvider(answer: () => Reply | Promise<Reply>): Promise<Parts> {
  const provider = await startFakeProvider(answer)
  const clock = new ManualClock()
  const jwks = new Jwks({
    url: providerUrl(`${provider.url}/keys`, '--flag'),
    clock,
    logger: silentLogger,
  })
  const setup = { keys: [], jwks, issuer: 'issuer', audience: 'coscribe' }
  const authenticator = new JwtAuthenticator({ ...setup, clock, logger: silentLogger })
  return { provider, clock, authenticate: (text) => authenticator.authenticate(text) }
}

const publishing = (): Reply => ({ status: 200, body: published })

describe('the keys of an identity provider', () => {
  it('[A70] are fetched once, when they are first needed, by all who come meanwhile together', async () => {
    const { provider, authenticate } = await withProvider(publishing)
    expect(provider.requests).toEqual([])
    const tokens = await Promise.all([
      signed(rsa.privateKey, 'RS256', { kid: 'rsa' }),
      signed(ec.privateKey, 'ES256', { kid: 'ec' }),
      signed(ed.privateKey, 'EdDSA', { kid: 'ed' }),
      // A token that names no key is tried with those of its algorithm.
      signed(ec.privateKey, 'ES256'),
    ])
    const verdicts = await Promise.all([...tokens, ...tokens].map(authenticate))
    for (const verdict of verdicts) expect(verdict).toMatchObject({ subject: 'ada' })
    expect(provider.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /keys'])
  })

  it('[A70] are looked at again after ten minutes, and used for an hour if the provider is gone', async () => {
    let reply = publishing()
    const { provider, clock, authenticate } = await withProvider(() => reply)
    const token = await signed(ec.privateKey, 'ES256', { kid: 'ec' })
    await authenticate(token)
    clock.advance(10 * MINUTE)
    await authenticate(token)
    expect(provider.requests).toHaveLength(1)
    reply = { status: 503 }
    clock.advance(1)
    expect(await authenticate(token)).toMatchObject({ subject: 'ada' })
    expect(await authenticate(token)).toMatchObject({ subject: 'ada' })
    expect(provider.requests).toHaveLength(2)
    clock.advance(50 * MINUTE - 1)
    expect(await authenticate(token)).toMatchObject({ subject: 'ada' })
    clock.advance(1)
    await expect(authenticate(token)).rejects.toThrow(/are not known/)
    // Back again, with another key in the place of the old one: that one counts no more.
    reply = { status: 200, body: { keys: [jwk(otherEc.publicKey, { kid: 'ec' })] } }
    clock.advance(MINUTE)
    expect(await authenticate(token)).toEqual(INVALID)
    const newer = await signed(otherEc.privateKey, 'ES256', { kid: 'ec' })
    expect(await authenticate(newer)).toMatchObject({ subject: 'ada' })
  })

  it('[A72] are asked for again for a key that is not among them, at most twice a minute', async () => {
    let keys: unknown = published
    const { provider, clock, authenticate } = await withProvider(() => ({
      status: 200,
      body: keys,
    }))
    const next = await signed(otherEc.privateKey, 'ES256', { kid: 'next' })
    expect(await authenticate(next)).toEqual(INVALID)
    keys = { keys: [...published.keys, jwk(otherEc.publicKey, { kid: 'next' })] }
    expect(await authenticate(next)).toEqual(INVALID)
    clock.advance(29_999)
    expect(await authenticate(next)).toEqual(INVALID)
    expect(provider.requests).toHaveLength(1)
    clock.advance(1)
    const many = Array.from({ length: 20 }, (_, i) =>
      signed(otherEc.privateKey, 'ES256', { kid: `random-${i}` }),
    )
    const verdicts = await Promise.all([next, ...(await Promise.all(many))].map(authenticate))
    expect(verdicts[0]).toMatchObject({ subject: 'ada' })
    for (const verdict of verdicts.slice(1)) expect(verdict).toEqual(INVALID)
    expect(provider.requests).toHaveLength(2)
  })

  it.each<[string, (key: KeyObject) => Promise<string>]>([
    ['of another issuer', (key) => signed(key, 'ES256', { kid: 'new' }, 'somebody')],
    ['with a kid that is no text', (key) => signed(key, 'ES256', { kid: 7 })],
    ['with a kid of 1,000 characters', (key) => signed(key, 'ES256', { kid: 'k'.repeat(1_000) })],
    [
      'with critical headers',
      (key) => signed(key, 'ES256', { kid: 'new', crit: ['b64'], b64: true }),
    ],
    ['by a secret', () => Promise.resolve(forged({ alg: 'HS256', kid: 'new' }))],
    ['by nothing', () => Promise.resolve(forged({ alg: 'none', kid: 'new' }))],
    ['whose header is a list', () => Promise.resolve(forged([{ alg: 'ES256' }]))],
    [
      'whose header is noise',
      () => Promise.resolve(`AAAA.${forged({}).split('.', 3).slice(1).join('.')}`),
    ],
  ])('[A72] are never asked for by a token %s', async (_name, make) => {
    const { provider, authenticate } = await withProvider(publishing)
    expect(await authenticate(await make(ec.privateKey))).toEqual(INVALID)
    expect(provider.requests).toEqual([])
  })

  it.each([
    ['of a secret', jwk(rsa.publicKey, { kty: 'oct', k: base64url.encode('x'.repeat(32)) })],
    ['of a private half', jwk(ec.privateKey)],
    ['that is for encryption', jwk(ec.publicKey, { use: 'enc' })],
    ['that signs', jwk(ec.publicKey, { key_ops: ['sign'] })],
    ['of another algorithm', jwk(rsa.publicKey, { alg: 'PS256' })],
    ['of the algorithm of a secret', jwk(rsa.publicKey, { alg: 'HS256' })],
    ['of another curve', jwk(p384.publicKey)],
    ['that is small', jwk(smallRsa.publicKey)],
    ['that is not on its curve', jwk(ec.publicKey, { x: 'AAAA' })],
    ['with parts that are no text', jwk(ec.publicKey, { x: { toString: 1 } })],
    ['of another type', jwk(ec.publicKey, { kty: '__proto__' })],
    ['whose name is no text', jwk(ec.publicKey, { kid: ['x'] })],
    ['that is text', 'key'],
    ['that is null', null],
  ])('[A71] an entry %s is none', async (_name, entry) => {
    const body = { keys: [entry, jwk(ed.publicKey, { kid: 'ed' })] }
    const { authenticate } = await withProvider(() => ({ status: 200, body }))
    const other = await signed(ed.privateKey, 'EdDSA', { kid: 'ed' })
    expect(await authenticate(other)).toMatchObject({ subject: 'ada' })
    for (const [key, alg] of [
      [ec.privateKey, 'ES256'],
      [rsa.privateKey, 'RS256'],
    ] as const) {
      expect(await authenticate(await signed(key, alg))).toEqual(INVALID)
    }
    expect(await authenticate(forged({ alg: 'HS256' }))).toEqual(INVALID)
  })

  it('[A71] that several have one name are tried, two at most, and so are those without one', async () => {
    const pairs = Array.from({ length: 3 }, () => generateKeyPairSync('ed25519'))
    const tried = async (count: number, kid?: string): Promise<unknown[]> => {
      const keys = pairs.slice(0, count).map(({ publicKey }) => jwk(publicKey, { kid }))
      const { authenticate } = await withProvider(() => ({ status: 200, body: { keys } }))
      const token = await signed(pairs[1]!.privateKey, 'EdDSA', kid === undefined ? {} : { kid })
      return [await authenticate(token)]
    }
    for (const kid of ['same', undefined]) {
      expect(await tried(2, kid)).toEqual([expect.objectContaining({ subject: 'ada' })])
      expect(await tried(3, kid)).toEqual([INVALID])
    }
  })
})

/** Signed with the text that everybody can see of a key. */
function forged(header: object): string {
  const claims = { sub: 'ada', iss: 'issuer', aud: 'coscribe', exp: 8e9 }
  const head = `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claims))}`
  return `${head}.${createHmac('sha256', 'x'.repeat(32)).update(head).digest('base64url')}`
}

/** Four megabytes of white space before anything else. */
function huge(response: { write(part: Buffer): boolean }): void {
  for (let i = 0; i < 64; i++) response.write(Buffer.alloc(64 * 1024, ' '))
}

describe('a provider that does not answer as it should', () => {
  it.each<[string, Reply]>([
    ['with an error', { status: 500, body: published }],
    ['with nothing', { status: 204 }],
    ['with another page', { status: 200, body: '<html>' }],
    ['without keys', { status: 200, body: { jwks: [] } }],
    ['with an empty list', { status: 200, body: { keys: [] } }],
    ['with keys as an object', { status: 200, body: { keys: { 0: published.keys[0] } } }],
    ['with null', { status: 200, body: 'null' }],
    [
      'with 65 keys',
      { status: 200, body: { keys: Array.from({ length: 65 }, () => published.keys[1]) } },
    ],
    ['without end', huge],
    ['by hanging up', (response) => response.destroy()],
  ])(
    '[A73] %s makes people try again, and is asked again half a minute later',
    async (_name, bad) => {
      let reply = bad
      const { provider, clock, authenticate } = await withProvider(() => reply)
      const token = await signed(ec.privateKey, 'ES256', { kid: 'ec' })
      await expect(authenticate(token)).rejects.toThrow(/are not known/)
      await expect(authenticate(token)).rejects.toThrow(/are not known/)
      expect(provider.requests).toHaveLength(1)
      reply = publishing()
      clock.advance(30_000)
      expect(await authenticate(token)).toMatchObject({ subject: 'ada' })
    },
  )

  it('[A70] is given five seconds, to the last byte', async () => {
    const { provider, clock, authenticate } = await withProvider(() => (response) => {
      response.writeHead(200)
      response.write('{"keys":[')
    })
    const verdict = authenticate(await signed(ec.privateKey, 'ES256', { kid: 'ec' }))
    await expect.poll(() => provider.requests.length).toBe(1)
    clock.advance(5_000)
    await expect(verdict).rejects.toThrow(/are not known/)
    await expect.poll(() => provider.connections()).toBe(0)
  })

  it('[A70] cannot send anybody elsewhere', async () => {
    const elsewhere = await startFakeProvider(publishing)
    const { provider, authenticate } = await withProvider(() => ({
      status: 302,
      headers: { location: `${elsewhere.url}/keys` },
    }))
    const token = await signed(ec.privateKey, 'ES256', { kid: 'ec' })
    await expect(authenticate(token)).rejects.toThrow(/are not known/)
    expect(provider.requests).toHaveLength(1)
    expect(elsewhere.requests).toEqual([])
  })

  it('[A73] leaves a token alone that names a key it may just have made', async () => {
    let reply = publishing()
    const { clock, authenticate } = await withProvider(() => reply)
    const known = await signed(ec.privateKey, 'ES256', { kid: 'ec' })
    const unknown = await signed(otherEc.privateKey, 'ES256', { kid: 'next' })
    expect(await authenticate(known)).toMatchObject({ subject: 'ada' })
    reply = { status: 502 }
    clock.advance(MINUTE)
    await expect(authenticate(unknown)).rejects.toThrow(/are not known/)
    expect(await authenticate(known)).toMatchObject({ subject: 'ada' })
  })
})

describe('the address of a provider', () => {
  it.each([
    'https://id.example/keys',
    'http://127.0.0.1:8080/',
    'http://[::1]/x',
    'http://localhost/x',
  ])('[A70] may be %s', (text) => {
    expect(providerUrl(text, '--flag').href).toBe(text)
  })

  it.each([
    'http://id.example/keys',
    'http://169.254.169.254/latest',
    'http://localhost.evil.example/',
    'http://a.localhost/',
    'https://ada:secret@id.example/keys',
    'file:///etc/keys',
    'data:application/json,{}',
    'id.example/keys',
    '',
  ])('[A70] is not "%s", and is not repeated', (text) => {
    expect(() => providerUrl(text, '--flag')).toThrow(/^--flag takes an https address/)
  })
})

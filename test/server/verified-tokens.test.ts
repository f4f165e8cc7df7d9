import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { JwtAuthenticator } from '../../server/src/auth/jwt.js'
import type { Jwks } from '../../server/src/auth/jwks.js'
import { secretsFrom } from '../../server/src/auth/jwt-keys.js'
import { VerifiedTokens } from '../../server/src/auth/verified-tokens.js'
import { silentLogger } from '../../server/src/log.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { ManualClock } from '../support/manual-clock.js'
import { RawClient } from '../support/raw-client.js'
import { OTHER_SECRET, SECRET, token } from '../support/tokens.js'

const MINUTE = 60_000
const NOW_SECONDS = 1_700_000_000

/** Each use of a key is one call of this. */
const verifying = vi.spyOn(crypto.subtle, 'verify')

beforeEach(() => void verifying.mockClear())

/** A clock whose wall time is about now, as tokens have it. */
class WallClock extends ManualClock {
  override wallTime(): number {
    return NOW_SECONDS * 1_000 + this.now()
  }
}

function authenticator(clock: WallClock, jwks?: Jwks): JwtAuthenticator {
  const setup = { issuer: 'coscribe', audience: 'coscribe', clock, jwks, logger: silentLogger }
  return new JwtAuthenticator({ ...setup, keys: secretsFrom(SECRET, 'test') })
}

const good = (exp = NOW_SECONDS + 3_600): Promise<string> =>
  token({ exp, documents: { doc: 'write' } })

describe('a token', () => {
  it('[A22] is verified once in five to ten minutes', async () => {
    const clock = new WallClock()
    const jwt = authenticator(clock)
    const credential = await good()
    const first = await jwt.authenticate(credential)
    expect(first).toMatchObject({ subject: 'ada' })
    for (let minute = 0; minute < 5; minute++) {
      expect(await jwt.authenticate(credential)).toBe(first)
      clock.advance(MINUTE)
    }
    expect(verifying).toHaveBeenCalledTimes(1)
    clock.advance(5 * MINUTE)
    expect(await jwt.authenticate(credential)).toEqual(first)
    expect(verifying).toHaveBeenCalledTimes(2)
  })

  it('[A22] is not believed for a moment longer than it is good for', async () => {
    const clock = new WallClock()
    const jwt = authenticator(clock)
    const credential = await good(NOW_SECONDS + 60)
    await jwt.authenticate(credential)
    clock.advance(MINUTE - 1)
    expect(await jwt.authenticate(credential)).toMatchObject({ subject: 'ada' })
    clock.advance(1)
    expect(await jwt.authenticate(credential)).toEqual({ fault: 'the credential has expired' })
  })

  it('[A22] that is another one by a single character is verified, and what was refused is again', async () => {
    const jwt = authenticator(new WallClock())
    const credential = await good()
    await jwt.authenticate(credential)
    const forged = await token({ exp: NOW_SECONDS + 3_600, secret: OTHER_SECRET })
    const altered = credential.replace(/\.(.)/, (_all, first) => `.${first === 'e' ? 'f' : 'e'}`)
    for (const other of [altered, forged, forged]) {
      expect(await jwt.authenticate(other)).toEqual({ fault: 'the credential is not valid' })
    }
    expect(verifying.mock.calls.length).toBeGreaterThanOrEqual(3)
  })

  it('[A22] that a provider’s key has signed is verified each time, as its key may be gone', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    let published = [{ key: publicKey, algorithms: ['EdDSA'] }]
    const jwks = { candidates: () => Promise.resolve(published) } as unknown as Jwks
    const jwt = authenticator(new WallClock(), jwks)
    const claims = { sub: 'ada', iss: 'coscribe', aud: 'coscribe', exp: NOW_SECONDS + 60 }
    const credential = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(privateKey)
    expect(await jwt.authenticate(credential)).toMatchObject({ subject: 'ada' })
    published = []
    expect(await jwt.authenticate(credential)).toHaveProperty('fault')
  })

  it('[A22] that is known lets nobody in any more when it was revoked', async () => {
    const { server, url } = await startGuardedServer()
    const credential = await token({ jti: 'adas' })
    const come = async (): Promise<number> => {
      const client = new RawClient(url, 'doc', 'y-websocket', undefined, { token: credential })
      await client.open()
      await client.sync()
      const code = client.ending?.code ?? 0
      client.close()
      return code
    }
    expect([await come(), await come()]).toEqual([0, 0])
    expect(verifying).toHaveBeenCalledTimes(1)
    await server.revoke({ tokenId: 'adas' })
    expect(await come()).toBe(4403)
    expect(verifying).toHaveBeenCalledTimes(1)
  })
})

it('[A22] so many tokens are known at most, and so much of what they say', () => {
  const identity = {
    subject: 'ada',
    tokenId: '',
    expiresAt: Infinity,
    grants: { documents: new Map(), prefixes: new Map() },
  }
  const tokens = new VerifiedTokens({ clock: new WallClock(), maxTokens: 4, maxLength: 100 })
  const known = (...names: string[]): string[] => names.filter((name) => tokens.find(name) !== null)
  for (const name of ['a', 'b', 'c', 'd', 'e']) tokens.keep(name, identity)
  expect(known('a', 'b', 'c', 'd', 'e')).toEqual(['c', 'd', 'e'])
  tokens.keep('x'.repeat(50), identity)
  expect(tokens.size).toBe(2)
  tokens.keep('y'.repeat(51), identity)
  expect(tokens.size).toBe(1)
})

import { generateKeyPairSync } from 'node:crypto'
import { closeCodes } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { verifyWebhook } from '@coscribe/server'
import { startFakeProvider } from '../support/fake-provider.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { dialects, RawClient, type DialectName } from '../support/raw-client.js'
import { folderForTest, spawnServer } from '../support/test-server.js'
import { goodClaims, hostileTokens, signedByHand } from '../support/token-corpus.js'
import { SECRET } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const issuer = 'https://id.example/'
const kid = '2026-11'
const published = { keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid }] }
const good = (): string => signedByHand(ec.privateKey, { alg: 'ES256', kid }, goodClaims(issuer))

/** The code with which somebody who comes with this credential is turned away, or 0 when they are in. */
async function verdict(url: string, credential: string, dialect: DialectName): Promise<number> {
  const client = new RawClient(url, 'doc', dialect, undefined, { token: credential })
  await client.open()
  if (client.ending === null && dialect === 'y-websocket') await client.sync()
  const code = client.ending?.code ?? 0
  client.close()
  return code
}

describe('a server that verifies by the keys of a provider', () => {
  it('[A31, A72] gives each hostile token the right verdict, looks at no document and asks nobody else', async () => {
    const elsewhere = await startFakeProvider(() => ({ status: 200, body: published }))
    const provider = await startFakeProvider(() => ({ status: 200, body: published }))
    const { url, loaded } = await startGuardedServer({
      authJwksUrl: `${provider.url}/keys`,
      authIssuer: issuer,
    })
    const tokens = hostileTokens({
      key: ec.privateKey,
      publicPem: ec.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      kid,
      issuer,
      otherKey: other.privateKey,
      elsewhere: elsewhere.url,
    })
    for (const [i, [name, text]] of tokens.entries()) {
      expect(await verdict(url, text, dialects[i % 2]!), name).toBe(
        closeCodes['not-authenticated'].code,
      )
    }
    // 100 KB are more than a request may have for headers, and 16 KB all that a message may have for a credential.
    expect(await verdict(url, `${good()}${'A'.repeat(100_000)}`, 'coscribe.v1')).toBe(1006)
    const large = new RawClient(url, 'doc', 'coscribe.v1')
    await large.until(() => large.socket.readyState === large.socket.OPEN)
    large.auth(good() + 'A'.repeat(15_000))
    expect((await large.ended()).code).toBe(4401)
    large.close()
    expect(loaded).toEqual([])
    // Once: for the first token that a published key could have made good. Of those after it, none was worth another look.
    expect(provider.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['GET', '/keys', ''],
    ])
    expect(provider.requests[0]?.headers).not.toHaveProperty('authorization')
    expect(elsewhere.requests).toEqual([])
    // The control: with nothing wrong, the same token lets its owner in.
    for (const dialect of dialects) expect(await verdict(url, good(), dialect)).toBe(0)
    expect(loaded).toContain('doc')
    expect(provider.requests).toHaveLength(1)
  })

  it('[A70, A73] starts without its provider, and lets people in when that is there', async () => {
    let isDown = true
    const provider = await startFakeProvider(() =>
      isDown ? { status: 503 } : { status: 200, body: published },
    )
    const setup = { authJwksUrl: provider.url, authIssuer: issuer }
    const first = await startGuardedServer(setup)
    expect(provider.requests).toEqual([])
    for (const dialect of dialects) expect(await verdict(first.url, good(), dialect)).toBe(1011)
    expect(first.loaded).toEqual([])
    isDown = false
    const second = await startGuardedServer(setup)
    expect(await verdict(second.url, good(), 'coscribe.v1')).toBe(0)
  })
})

describe('a server that asks a webhook', () => {
  it('[A41, A74, A75] lets in whom the application knows, and shows no credential and no secret', async () => {
    const credential = 'opaque-3f9c1d7a2b'
    const roles = new Map([['doc', 'write']])
    const answers = await startFakeProvider(({ body, headers }) => {
      const signature = headers['coscribe-signature'] as string
      if (!verifyWebhook({ body, signature }, SECRET)) return { status: 500 }
      const asked = JSON.parse(body) as { credential: string; document: string | null }
      if (asked.credential !== credential) return { status: 401 }
      if (asked.document === 'broken') return { status: 200, body: { subject: 'ada' } }
      const access = asked.document === null ? 'none' : roles.get(asked.document)
      if (access === undefined) return { status: 403 }
      return { status: 200, body: { subject: 'ada', access, expiresAt: Date.now() + 60_000 } }
    })
    const server = await spawnServer(
      { data: folderForTest(), logLevel: 'debug', authWebhookUrl: answers.url },
      { env: { COSCRIBE_AUTH_WEBHOOK_SECRET: SECRET } },
    )
    for (const dialect of dialects) {
      const ada = await RawClient.joined(server.url, 'doc', dialect, { token: credential })
      const text = textOf(ada)
      ada.edit(typed('hello'))
      await ada.sync()
      const again = await RawClient.joined(server.url, 'doc', dialect, { token: credential })
      expect(textOf(again)).toBe(`${text}hello`)
      ada.close()
      again.close()
      for (const [documentId, token, code] of [
        ['doc', 'opaque-wrong', 4401],
        ['other', credential, 4403],
        ['broken', credential, 1011],
      ] as const) {
        const refused = new RawClient(server.url, documentId, dialect, undefined, { token })
        await refused.open()
        expect((await refused.ended()).code).toBe(code)
        refused.close()
      }
    }
    await server.kill('SIGTERM')
    expect(server.log()).toContain('the answer of the webhook cannot be used: access')
    for (const secret of [SECRET, credential, 'opaque-wrong']) {
      expect(server.log()).not.toContain(secret)
    }
  })
})

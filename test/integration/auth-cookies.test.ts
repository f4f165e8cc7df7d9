import { connect } from '@coscribe/client'
import { createServer } from '@coscribe/server'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { ask, originOf, signedIn, webSocketWith } from '../support/api-client.js'
import { docCondition, stockProvider, stockVersions } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import { startGuardedServer, type GuardedServer } from '../support/guarded-server.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { RawSocket, upgradeRequest } from '../support/raw-socket.js'
import { folderForTest } from '../support/test-server.js'
import { OTHER_SECRET, seconds, SECRET, token, tokenFor } from '../support/tokens.js'
import { typed } from '../support/typed-text.js'

type Headers = Readonly<Record<string, string>>

/** The status that a request to become a WebSocket is answered with. */
async function upgradeStatus({ port }: GuardedServer, headers: Headers): Promise<number> {
  const raw = new RawSocket(port)
  raw.send(upgradeRequest(port, '/doc', headers))
  await raw.until('an answer', () => raw.head !== null)
  raw.destroy()
  return raw.status
}

describe('signing in', () => {
  it('[A52] exchanges a token for a cookie that ends with it, and says whose it is', async () => {
    const server = await startGuardedServer()
    const exp = seconds(600)
    const credential = await token({ exp })
    const Origin = originOf(server)
    const byBody = await ask(server, 'POST', '/api/v1/session', {
      headers: { Origin },
      body: { token: credential },
    })
    expect(byBody.status).toBe(201)
    expect(byBody.json).toEqual({
      subject: 'ada',
      expiresAt: exp * 1_000,
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    })
    const [cookie = ''] = byBody.headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^coscribe=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
    const maxAge = Number(/\d+$/.exec(cookie)?.[0])
    expect(maxAge).toBeGreaterThan(500)
    expect(maxAge).toBeLessThanOrEqual(600)
    expect(byBody.text).not.toContain(credential.split('.')[2])

    const byHeader = await ask(server, 'POST', '/api/v1/session', {
      headers: { Origin, Authorization: `Bearer ${credential}` },
    })
    expect(byHeader.json).toEqual(byBody.json)
    const who = await ask(server, 'GET', '/api/v1/session', {
      headers: { Cookie: cookie.split(';')[0] ?? '' },
    })
    expect(who.status).toBe(200)
    expect(who.json).toEqual(byBody.json)
  })

  it('[A52] by https the cookie is of this host alone, and not sent otherwise', async () => {
    const server = await startGuardedServer({ allowedOrigins: 'https://app.example' })
    const signIn = async (headers: Headers): Promise<string> => {
      const body = { token: await token() }
      const reply = await ask(server, 'POST', '/api/v1/session', { headers, body })
      return reply.headers['set-cookie']?.[0] ?? `${reply.status}`
    }
    const expected = /^__Host-coscribe=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=/
    expect(await signIn({ Origin: 'https://app.example' })).toMatch(expected)
    expect(await signIn({ Host: 'docs.example', Origin: 'https://docs.example' })).toMatch(expected)
    // Who does not say is given the careful one, where others could listen.
    expect(await signIn({ Host: 'docs.example' })).toMatch(expected)
    expect(await signIn({})).toMatch(/^coscribe=/)
  })

  it.each<[string, () => Promise<Record<string, unknown>>]>([
    ['nothing', () => Promise.resolve({})],
    ['nonsense', () => Promise.resolve({ token: 'nonsense' })],
    ['a token of another secret', async () => ({ token: await token({ secret: OTHER_SECRET }) })],
    ['a token that has expired', async () => ({ token: await token({ exp: seconds(-1) }) })],
  ])('[A52] with %s gives no cookie', async (_name, make) => {
    const server = await startGuardedServer()
    const headers = { Origin: originOf(server) }
    const reply = await ask(server, 'POST', '/api/v1/session', { headers, body: await make() })
    expect(reply.status).toBe(401)
    expect(reply.json).toMatchObject({ type: 'urn:coscribe:problem:not-authenticated' })
    expect(reply.headers['set-cookie']).toBeUndefined()
  })

  it('[A52] with two tokens, or one that no browser would keep, gives no cookie', async () => {
    const server = await startGuardedServer()
    const credential = await token()
    const headers = { Origin: originOf(server), Authorization: `Bearer ${credential}` }
    const body = { token: credential }
    const two = await ask(server, 'POST', '/api/v1/session', { headers, body })
    expect(two.status).toBe(401)
    const documents = Object.fromEntries(
      Array.from({ length: 120 }, (_, index) => [`a document with a long name ${index}`, 'read']),
    )
    const long = await ask(server, 'POST', '/api/v1/session', {
      headers: { Origin: originOf(server) },
      body: { token: await token({ documents }) },
    })
    expect(long.status).toBe(413)
    for (const reply of [two, long]) expect(reply.headers['set-cookie']).toBeUndefined()
  })

  it('[A52] as somebody else takes the place of the cookie, which by itself does not sign anybody in', async () => {
    const server = await startGuardedServer()
    const headers = { Cookie: await signedIn(server, await token()), Origin: originOf(server) }
    const body = { token: await token({ sub: 'grace' }) }
    const again = await ask(server, 'POST', '/api/v1/session', { headers, body })
    expect(again.status).toBe(201)
    expect(again.json).toMatchObject({ subject: 'grace' })
    expect((await ask(server, 'POST', '/api/v1/session', { headers })).status).toBe(401)
  })

  it('[A52] outlives the server, and ends when somebody signs out', async () => {
    const before = await startGuardedServer()
    const Cookie = await signedIn(before, await token())
    await before.server.stop()
    const server = await startGuardedServer()
    const who = await ask(server, 'GET', '/api/v1/session', { headers: { Cookie } })
    expect(who.json).toMatchObject({ subject: 'ada' })
    const Origin = originOf(server)
    const out = await ask(server, 'DELETE', '/api/v1/session', { headers: { Cookie, Origin } })
    expect(out.status).toBe(204)
    expect(out.text).toBe('')
    const forgotten = out.headers['set-cookie'] ?? []
    expect(forgotten.map((cookie) => cookie.split('=', 1)[0])).toEqual([
      'coscribe',
      '__Host-coscribe',
    ])
    for (const cookie of forgotten) expect(cookie).toMatch(/=; Path=\/; .*Max-Age=0$/)
    expect((await ask(server, 'GET', '/api/v1/session')).status).toBe(401)
  })
})

describe('a cookie as the credential of a WebSocket', () => {
  it.each(dialects)('[A53] lets its owner in, %s', async (dialect) => {
    const server = await startGuardedServer()
    const headers = { Cookie: await signedIn(server, await token()), Origin: originOf(server) }
    const client = await RawClient.joined(server.url, 'doc', dialect, { headers })
    client.edit(typed('hello'))
    await client.sync()
    await expect.poll(() => server.stored('doc')).not.toBe('')
    client.close()
    const stranger = new RawClient(server.url, 'other', dialect, undefined, { headers })
    await stranger.open()
    expect((await stranger.ended()).code).toBe(4403)
  })

  it.each(stockVersions)('[A53] lets %s and our own client in together', async (version) => {
    const server = await startGuardedServer()
    const Origin = originOf(server)
    const stockSocket = webSocketWith({ Cookie: await signedIn(server, await token()), Origin })
    const grace = await signedIn(server, await tokenFor('grace', { doc: 'write' }))
    const doc = new Y.Doc()
    const provider = stockProvider(version, server.url, 'doc', doc, {
      WebSocketPolyfill: stockSocket as unknown as typeof globalThis.WebSocket,
    })
    const own = connect({
      url: server.url,
      doc: 'doc',
      WebSocket: webSocketWith({ Cookie: grace, Origin }),
    })
    own.text('t').insert(0, 'hello')
    await docCondition(doc, () => doc.getText('t').toString() === 'hello')
    provider.destroy()
    own.destroy()
    doc.destroy()
  })

  it('[A53, A37] ends the session when its credential does', async () => {
    const server = await startGuardedServer()
    const credential = await token({ exp: seconds(60) })
    const headers = { Cookie: await signedIn(server, credential), Origin: originOf(server) }
    const client = await RawClient.joined(server.url, 'doc', 'y-websocket', { headers })
    server.forward(61_000)
    expect((await client.ended()).code).toBe(4401)
  })

  it('[A53] is looked at for pages of this server and of named sites only', async () => {
    const named = 'https://app.example'
    const server = await startGuardedServer({ allowedOrigins: named })
    const Cookie = await signedIn(server, await token())
    const secure = await signedIn(server, await token(), named)
    const own = originOf(server)
    expect(await upgradeStatus(server, { Cookie, Origin: own })).toBe(101)
    expect(await upgradeStatus(server, { Cookie: secure, Origin: named })).toBe(101)
    const foreign: (string | null)[] = [
      null,
      'null',
      '',
      'https://evil.example',
      'https://app.example.evil',
      'https://sub.app.example',
      'https://app.example:8443',
      'http://app.example',
      `http://127.0.0.1:${server.port}.evil.example`,
      `http://evil.example/${own}`,
      'http://localhost:5173',
      'http://127.0.0.1:5173',
      `http://localhost:${server.port}`,
      `ws://127.0.0.1:${server.port}`,
      'file://',
      'chrome-extension://abcdefghijklmnop',
    ]
    for (const Origin of foreign) {
      const headers = { Cookie, ...(Origin === null ? {} : { Origin }) }
      expect(await upgradeStatus(server, headers), String(Origin)).toBe(403)
    }
    expect(server.loaded.filter((documentId) => documentId !== 'doc')).toEqual([])
  })

  it('[A53] the controls: a token instead is no page, and a cookie that is not ours is none', async () => {
    const server = await startGuardedServer()
    const other = { Cookie: 'session=x; coscribe_theme=dark' }
    expect(await upgradeStatus(server, other)).toBe(101)
    const Authorization = `Bearer ${await token()}`
    const Cookie = await signedIn(server, await token())
    expect(await upgradeStatus(server, { Cookie, Authorization })).toBe(101)
    expect(await upgradeStatus(server, { Cookie, Origin: 'http://localhost:5173' })).toBe(403)
    const dev = { Authorization, Origin: 'http://localhost:5173' }
    expect(await upgradeStatus(server, { Cookie, ...dev })).toBe(101)
  })

  it.each(dialects)('[A53] is outranked by a token, %s', async (dialect) => {
    const server = await startGuardedServer()
    const headers = {
      Cookie: await signedIn(server, await tokenFor('ada', { doc: 'read' })),
      Origin: originOf(server),
    }
    const arrival = { headers, token: await tokenFor('grace', { mine: 'write' }) }
    const client = await RawClient.joined(server.url, 'mine', dialect, arrival)
    client.close()
    // The cookie would have opened this one; and a bad token is not made up for by a good cookie.
    const refused = new RawClient(server.url, 'doc', dialect, undefined, arrival)
    await refused.open()
    expect((await refused.ended()).code).toBe(4403)
    const bad = new RawClient(server.url, 'doc', dialect, undefined, { headers, token: 'nonsense' })
    await bad.open()
    expect((await bad.ended()).code).toBe(4401)
  })

  it('[A53, A38] is outranked by a token in-band, also if it is worth nothing', async () => {
    const server = await startGuardedServer()
    const Origin = originOf(server)
    for (const credential of [await token(), await token({ exp: seconds(-1) })]) {
      const headers = { Cookie: `coscribe=${credential}`, Origin }
      const client = new RawClient(server.url, 'mine', 'coscribe.v1', undefined, { headers })
      await client.until(() => client.socket.readyState === client.socket.OPEN)
      client.auth(await tokenFor('grace', { mine: 'write' }))
      await client.open()
      expect(client.hello?.access).toBe('write')
      // From here on it is hers.
      client.auth(await tokenFor('ada', { mine: 'write' }))
      expect((await client.ended()).code).toBe(4403)
    }
    await server.server.revoke({ subject: 'ada' })
    const revoked = { Cookie: `coscribe=${await token({ iat: seconds(-60) })}`, Origin }
    const grace = new RawClient(server.url, 'mine', 'coscribe.v1', undefined, { headers: revoked })
    await grace.until(() => grace.socket.readyState === grace.socket.OPEN)
    grace.auth(await tokenFor('grace', { mine: 'write' }))
    await grace.open()
    expect(grace.hello?.access).toBe('write')
    grace.close()
    const headers = { Cookie: `coscribe=${await token({ exp: seconds(-1) })}`, Origin }
    const nobody = new RawClient(server.url, 'doc', 'coscribe.v1', undefined, { headers })
    await nobody.open()
    expect((await nobody.ended()).code).toBe(4401)
    nobody.close()
  })

  it('[A53] is one credential: two of the name, or one of the other scheme, let nobody in', async () => {
    const server = await startGuardedServer()
    const Cookie = await signedIn(server, await token())
    const Origin = originOf(server)
    const secure = Cookie.replace('coscribe=', '__Host-coscribe=')
    for (const cookie of [`${Cookie}; ${Cookie}`, secure, 'coscribe=', 'coscribe=%ff']) {
      const arrival = { headers: { Cookie: cookie, Origin } }
      const client = new RawClient(server.url, 'doc', 'y-websocket', undefined, arrival)
      expect((await client.ended()).code, cookie.slice(0, 20)).toBe(4401)
    }
    // Beside the right one, that of the other scheme does no harm.
    const arrival = { headers: { Cookie: `${secure}; ${Cookie}`, Origin } }
    const client = await RawClient.joined(server.url, 'doc', 'y-websocket', arrival)
    client.close()
    await eventually('all are gone', () => server.server.connections === 0)
  })

  it('[A53] is none where cookies are off, or nobody is asked', async () => {
    const off = await startGuardedServer({ cookies: 'off' })
    const Cookie = `coscribe=${await token()}`
    expect(await upgradeStatus(off, { Cookie })).toBe(101)
    const arrival = { headers: { Cookie, Origin: originOf(off) } }
    const client = new RawClient(off.url, 'doc', 'y-websocket', undefined, arrival)
    expect((await client.ended()).code).toBe(4401)
    const who = await ask(off, 'GET', '/api/v1/session', { headers: { Cookie } })
    expect(who.status).toBe(401)
    const signIn = await ask(off, 'POST', '/api/v1/session', { body: { token: await token() } })
    expect(signIn.status).toBe(404)
    expect(signIn.json['detail']).toContain('--cookies on')
  })
})

describe('a request to the API with a cookie', () => {
  it('[A53] that changes something needs the Origin of a page; one that reads may come without', async () => {
    const server = await startGuardedServer()
    const Cookie = await signedIn(server, await token())
    const status = async (method: string, headers: Headers = {}): Promise<number> =>
      (await ask(server, method, '/api/v1/session', { headers: { Cookie, ...headers } })).status
    expect(await status('DELETE')).toBe(403)
    expect(await status('DELETE', { Origin: 'https://evil.example' })).toBe(403)
    expect(await status('DELETE', { Origin: 'http://localhost:5173' })).toBe(403)
    expect(await status('DELETE', { Origin: originOf(server) })).toBe(204)
    expect(await status('GET')).toBe(200)
    expect(await status('GET', { 'Sec-Fetch-Site': 'same-origin' })).toBe(200)
    expect(await status('GET', { 'Sec-Fetch-Site': 'same-site' })).toBe(403)
    expect(await status('GET', { 'Sec-Fetch-Site': 'cross-site' })).toBe(403)
    expect(await status('GET', { Origin: 'null' })).toBe(403)
  })
})

describe('a server that others reach', () => {
  const setup = { host: '0.0.0.0', authSecret: SECRET, port: 0 }

  it('[A54] does not start with cookies unless the sites are named, and says what to add', () => {
    const data = folderForTest()
    expect(() => createServer({ ...setup, data })).toThrow(
      /add the address that people open[^]*\n {2}--allowed-origins https:\/\/docs\.example\n {2}--cookies off\n$/,
    )
    expect(() => createServer({ ...setup, data, allowedOrigins: ' , ' })).toThrow(/people open/)
    for (const added of [
      { allowedOrigins: 'https://docs.example' },
      { cookies: 'off' as const },
      { host: 'localhost' },
    ]) {
      expect(createServer({ ...setup, data, ...added }).options.port).toBe(0)
    }
  })
})

import { expect, it } from 'vitest'
import type { ServerSetup } from '@coscribe/server'
import { silentLogger, type LogFields } from '../../server/src/log.js'
import { ask, originOf, signedIn } from '../support/api-client.js'
import { startProxied } from '../support/elsewhere.js'
import type { GuardedServer } from '../support/guarded-server.js'
import { RawClient } from '../support/raw-client.js'
import { OTHER_SECRET, token, tokenFor } from '../support/tokens.js'

const address = '203.0.113.7'

interface World {
  readonly server: GuardedServer
  /** What was written down so far. */
  readonly lines: readonly LogFields[]
}

async function world(setup: ServerSetup = {}): Promise<World> {
  const lines: LogFields[] = []
  const info = ({ audit, ...line }: LogFields): void => {
    if (audit === true) lines.push(line)
  }
  const server = await startProxied({ logger: { ...silentLogger, info }, ...setup })
  return { server, lines }
}

const from = { 'X-Forwarded-For': address }
const bearer = (credential: string): Record<string, string> => ({
  ...from,
  Authorization: `Bearer ${credential}`,
})

it('[A43] writes down who signs in by a cookie and out again', async () => {
  const { server, lines } = await world({ cookies: 'on' })
  const Cookie = await signedIn(server, await token({ jti: 'adas' }))
  const who = { subject: 'ada', tokenId: 'adas' }
  expect(lines).toEqual([{ event: 'signed-in', ...who, address: '127.0.0.1' }])
  const headers = { ...from, Cookie, Origin: originOf(server) }
  await ask(server, 'DELETE', '/api/v1/session', { headers })
  await expect.poll(() => lines.length).toBe(2)
  expect(lines[1]).toEqual({ event: 'signed-out', ...who, address })
  // There is nothing to sign out of by a cookie that is worth nothing.
  await ask(server, 'DELETE', '/api/v1/session', {
    headers: { ...headers, Cookie: Cookie.replace(/[^.]+$/, 'forged') },
  })
  await ask(server, 'DELETE', '/api/v1/session', { headers: from })
  expect(lines).toHaveLength(2)
})

it('[A43] writes down each ticket, and who comes in by one or does not', async () => {
  const { server, lines } = await world({ urlCredentials: 'tickets' })
  const headers = bearer(await token({ jti: 'adas' }))
  const ticket = async (): Promise<string> => {
    const body = { document: 'doc' }
    const reply = await ask(server, 'POST', '/api/v1/tickets', { headers, body })
    return String(reply.json['ticket'])
  }
  const by = async (value: string, document: string): Promise<void> => {
    const client = new RawClient(server.url, document, 'y-websocket', `${document}?ticket=${value}`)
    await client.open()
    await client.sync()
    client.close()
  }
  const good = await ticket()
  await by(good, 'doc')
  await by(good, 'doc')
  await by(await ticket(), 'other')
  const issued = { subject: 'ada', tokenId: 'adas', documentId: 'doc', access: 'write', address }
  const who = { subject: 'ada', tokenId: 'adas', via: 'ticket', address: '127.0.0.1' }
  expect(lines).toEqual([
    { event: 'ticket-issued', ...issued },
    { event: 'admitted', ...who, documentId: 'doc', access: 'write' },
    expect.objectContaining({ event: 'refused', documentId: 'doc', address: '127.0.0.1' }),
    { event: 'ticket-issued', ...issued },
    expect.objectContaining({ event: 'refused', ...who, documentId: 'other' }),
  ])
  expect(JSON.stringify(lines)).not.toContain(good)
})

it('[A44] writes down which requests were refused to whom, and by what route', async () => {
  const { server, lines } = await world({ cookies: 'on' })
  const forged = await token({ secret: OTHER_SECRET })
  const reader = await tokenFor('ben', { doc: 'read' }, { jti: 'bens' })
  const asked = [
    ['POST', '/api/v1/session', { headers: from, body: { token: forged } }],
    ['GET', '/api/v1/session', { headers: bearer(forged) }],
    [
      'PUT',
      '/api/v1/documents/doc/access',
      { headers: bearer(reader), body: { subject: 'ada', access: 'read' } },
    ],
    ['POST', '/api/v1/revocations', { headers: bearer(reader), body: { subject: 'ada' } }],
    ['GET', '/api/v1/session?secret=1', { headers: { ...from, Origin: 'https://evil.example' } }],
  ] as const
  for (const [method, path, parts] of asked) {
    const { status } = await ask(server, method, path, parts)
    expect([401, 403]).toContain(status)
  }
  const ben = { subject: 'ben', tokenId: 'bens' }
  expect(lines.map(({ reason: _reason, ...line }) => line)).toEqual([
    { event: 'refused', request: 'POST /session', address },
    { event: 'refused', request: 'GET /session', address },
    {
      event: 'refused',
      request: 'PUT /documents/{document}/access',
      ...ben,
      documentId: 'doc',
      address,
    },
    { event: 'refused', request: 'POST /revocations', ...ben, address },
    { event: 'refused', address },
  ])
  for (const { reason } of lines) expect(reason).toEqual(expect.stringMatching(/\w/))
})

it('[A44] control: nothing is written down about who brings no credential, or is answered otherwise', async () => {
  const { server, lines } = await world({ cookies: 'on' })
  const headers = bearer(await token())
  expect((await ask(server, 'GET', '/api/v1/session', { headers: from })).status).toBe(401)
  expect((await ask(server, 'GET', '/api/v1/session', { headers })).status).toBe(200)
  expect((await ask(server, 'GET', '/api/v1/nothing', { headers })).status).toBe(404)
  expect((await ask(server, 'POST', '/api/v1/session', { headers: from })).status).toBe(401)
  expect(lines.map(({ event }) => event)).toEqual(['refused'])
})

it('[A44] a flood of them is counted like any other', async () => {
  const { server, lines } = await world()
  const headers = bearer(await token({ secret: OTHER_SECRET }))
  const attempts = Array.from({ length: 60 }, () =>
    ask(server, 'GET', '/api/v1/session', { headers }),
  )
  await Promise.all(attempts)
  await server.server.stop()
  const counted = lines.reduce((sum, { count = 1 }) => sum + Number(count), 0)
  expect(counted).toBe(60)
})

it('[A45] writes down whose credential it was that was revoked, is over or lives for too long', async () => {
  const { server, lines } = await world({ maxTokenLifeDays: 1 })
  await server.server.revoke({ subject: 'ada' })
  const revoked = await token({ jti: 'adas', iat: Math.floor(Date.now() / 1_000) - 120 })
  const long = await token({ sub: 'ben', jti: 'bens', exp: Math.floor(Date.now() / 1_000) + 1e6 })
  for (const credential of [revoked, long]) {
    const client = new RawClient(server.url, 'doc', 'y-websocket', undefined, { token: credential })
    await client.ended()
    await ask(server, 'GET', '/api/v1/session', { headers: bearer(credential) })
  }
  const refused = lines.filter(({ event }) => event === 'refused')
  const names = refused.map(({ subject, tokenId }) => `${String(subject)} ${String(tokenId)}`)
  expect(names).toEqual(['ada adas', 'ada adas', 'ben bens', 'ben bens'])
})

import type { Authenticator } from '@coscribe/server'
import type { Access } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import { ask } from '../support/api-client.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { LogLines } from '../support/log-lines.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { textOf, typed } from '../support/typed-text.js'

/** An application that has sessions in a table and roles in another, as an authenticator in code asks it. */
class Application implements Authenticator {
  readonly sessions = new Map([
    ['session-of-ada', 'ada'],
    ['session-of-ben', 'ben'],
  ])
  readonly roles = new Map<string, Access>([
    ['ada doc', 'write'],
    ['ben doc', 'write'],
  ])
  endsAt = Date.now() + 3_600_000
  isDown = false

  authenticate(credential: string) {
    const subject = this.sessions.get(credential)
    if (subject === undefined) return Promise.resolve({ fault: 'this session has ended' })
    const grants = { documents: new Map(), prefixes: new Map() }
    return Promise.resolve({ subject, tokenId: credential, expiresAt: this.endsAt, grants })
  }

  authorize({ subject, tokenId }: { subject: string; tokenId: string }, documentId: string) {
    if (this.isDown) return Promise.reject(new Error('the database is down'))
    if (!this.sessions.has(tokenId)) return Promise.resolve({ fault: 'this session has ended' })
    const access = this.roles.get(`${subject} ${documentId}`) ?? 'none'
    const grants = { documents: new Map([[documentId, access]]), prefixes: new Map() }
    return Promise.resolve({ subject, tokenId, expiresAt: this.endsAt, grants })
  }
}

describe.each(dialects)('an application that decides in code, in %s', (dialect) => {
  it('[A77] lets in whom it knows, to what they may see, before any document is looked at', async () => {
    const authenticator = new Application()
    const { url, loaded } = await startGuardedServer({ authenticator })
    for (const [session, documentId, code] of [
      ['session-of-eve', 'doc', 4401],
      ['session-of-ada', 'other', 4403],
    ] as const) {
      const client = new RawClient(url, documentId, dialect, undefined, { token: session })
      await client.open()
      expect((await client.ended()).code).toBe(code)
      client.close()
    }
    authenticator.isDown = true
    const early = new RawClient(url, 'doc', dialect, undefined, { token: 'session-of-ada' })
    await early.open()
    expect((await early.ended()).code).toBe(1011)
    early.close()
    expect(loaded).toEqual([])
    authenticator.isDown = false
    const ada = await RawClient.joined(url, 'doc', dialect, { token: 'session-of-ada' })
    const ben = await RawClient.joined(url, 'doc', dialect, { token: 'session-of-ben' })
    ada.edit(typed('hello'))
    await ben.until(() => textOf(ben) === 'hello')
    ada.close()
    ben.close()
  })

  it('[A77] takes rights away and gives them while people write, without a new connection', async () => {
    const authenticator = new Application()
    const { url, pass } = await startGuardedServer({ authenticator })
    const ada = await RawClient.joined(url, 'doc', dialect, { token: 'session-of-ada' })
    const ben = await RawClient.joined(url, 'doc', dialect, { token: 'session-of-ben' })
    const refusal = dialect === 'y-websocket' ? 'auth-denied' : 'rejected'
    authenticator.roles.set('ada doc', 'read')
    pass(31_000)
    const refusals = (): number => {
      ada.edit(typed('.'))
      return ada.count(refusal)
    }
    await expect.poll(refusals, { interval: 100 }).toBeGreaterThan(0)
    ada.edit(typed('not this'))
    ben.edit(typed('seen'))
    await ada.until(() => textOf(ada).includes('seen'))
    expect(textOf(ben)).not.toContain('not this')
    if (dialect === 'coscribe.v1') {
      expect(ada.last('access')?.access).toBe('read')
      authenticator.roles.set('ada doc', 'write')
      pass(31_000)
      await ada.until(() => ada.last('access')?.access === 'write')
      expect(ada.count('hello')).toBe(1)
    }
    authenticator.sessions.delete('session-of-ada')
    authenticator.roles.delete('ben doc')
    pass(31_000)
    expect((await ada.ended()).code).toBe(4401)
    expect((await ben.ended()).code).toBe(4403)
    ada.close()
    ben.close()
  })

  it('[A68, A77] it is written down whose session ended by what the application said, and why', async () => {
    const authenticator = new Application()
    const log = new LogLines()
    const setup = { authenticator, logger: log, logLevel: 'info' } as const
    const { url, pass } = await startGuardedServer(setup)
    const ada = await RawClient.joined(url, 'doc', dialect, { token: 'session-of-ada' })
    const ben = await RawClient.joined(url, 'doc', dialect, { token: 'session-of-ben' })
    authenticator.sessions.delete('session-of-ada')
    authenticator.roles.delete('ben doc')
    pass(31_000)
    await Promise.all([ada.ended(), ben.ended()])
    const written = log.lines.filter((line) => line.includes("event: 'refused'"))
    expect(written).toHaveLength(2)
    for (const [subject, reason] of [
      ['ada', 'this session has ended'],
      ['ben', 'this credential does not open this document'],
    ]) {
      const line = written.find((one) => one.includes(`subject: '${subject}'`))
      expect(line).toContain(`tokenId: 'session-of-${subject}'`)
      expect(line).toContain("documentId: 'doc'")
      expect(line).toContain(`reason: '${reason}'`)
    }
    ada.close()
    ben.close()
  })

  it('[A77] that fails for a while costs nobody their session, and after five minutes everybody', async () => {
    const authenticator = new Application()
    const { url, pass } = await startGuardedServer({ authenticator })
    const ada = await RawClient.joined(url, 'doc', dialect, { token: 'session-of-ada' })
    authenticator.isDown = true
    pass(120_000)
    await ada.sync()
    expect(ada.ending).toBeNull()
    pass(180_000)
    expect((await ada.ended()).code).toBe(1011)
    ada.close()
  })
})

describe('a new credential in-band, where each document is asked about,', () => {
  it('[A38, A77] carries the session on if the application says so of this document', async () => {
    const authenticator = new Application()
    authenticator.sessions.set('newer-session-of-ada', 'ada')
    const { url } = await startGuardedServer({ authenticator })
    const ada = await RawClient.joined(url, 'doc', 'coscribe.v1', { token: 'session-of-ada' })
    authenticator.roles.set('ada doc', 'read')
    ada.auth('newer-session-of-ada')
    await ada.until(() => ada.last('access')?.access === 'read')
    ada.auth('session-of-ben')
    expect((await ada.ended()).code).toBe(4403)
    ada.close()
  })
})

it('[A64, A77] what is set here is only ever less than what the application says', async () => {
  const authenticator = new Application()
  const { url, server } = await startGuardedServer({ authenticator })
  authenticator.roles.set('ada doc', 'none')
  await server.setAccess({ subject: 'ada', document: 'doc' }, 'write')
  const ada = { token: 'session-of-ada' }
  const refused = new RawClient(url, 'doc', 'coscribe.v1', undefined, ada)
  await refused.open()
  expect((await refused.ended()).code).toBe(4403)
  authenticator.roles.set('ada doc', 'write')
  await server.setAccess({ subject: 'ada', document: 'doc' }, 'read')
  const reader = await RawClient.joined(url, 'doc', 'coscribe.v1', ada)
  expect(reader.hello?.access).toBe('read')
  reader.close()
})

it('[A66] who administers a document by what the application says sees and revokes there', async () => {
  const authenticator = new Application()
  const server = await startGuardedServer({ authenticator })
  authenticator.roles.set('ben doc', 'admin')
  const ada = await RawClient.joined(server.url, 'doc', 'coscribe.v1', { token: 'session-of-ada' })
  const headers = { Authorization: 'Bearer session-of-ben' }
  const seen = await ask(server, 'GET', '/api/v1/sessions?document=doc', { headers })
  expect(seen.json['sessions']).toMatchObject([{ subject: 'ada' }])
  const body = { subject: 'ada', document: 'doc' }
  expect((await ask(server, 'POST', '/api/v1/revocations', { headers, body })).status).toBe(200)
  expect((await ada.ended()).code).toBe(4403)
})

it('[A55] a ticket opens what the application says at each moment, and nothing beside its document', async () => {
  const authenticator = new Application()
  const server = await startGuardedServer({ authenticator, urlCredentials: 'tickets' })
  authenticator.roles.set('ada other', 'write')
  const headers = { Authorization: 'Bearer session-of-ada' }
  const ticket = async (document: string): Promise<string> => {
    const reply = await ask(server, 'POST', '/api/v1/tickets', { headers, body: { document } })
    expect(reply.status, reply.text).toBe(201)
    return `?ticket=${String(reply.json['ticket'])}`
  }
  const [doc, again] = [await ticket('doc'), await ticket('doc')]
  const elsewhere = new RawClient(server.url, 'other', 'y-websocket', `other${again}`)
  await elsewhere.open()
  expect((await elsewhere.ended()).code).toBe(4403)
  const ada = new RawClient(server.url, 'doc', 'y-websocket', `doc${doc}`)
  await ada.open()
  await ada.sync()
  ada.edit(typed('hello'))
  await expect.poll(() => server.stored('doc')).not.toBe('')
  authenticator.roles.set('ada doc', 'none')
  server.pass(31_000)
  expect((await ada.ended()).code).toBe(4403)
  const refused = await ask(server, 'POST', '/api/v1/tickets', {
    headers,
    body: { document: 'doc' },
  })
  expect(refused.status).toBe(403)
})

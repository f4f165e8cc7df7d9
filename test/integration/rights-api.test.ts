import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, type ServerSetup } from '@coscribe/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.js'
import { startGuardedServer } from '../support/guarded-server.js'
import { RawClient } from '../support/raw-client.js'
import { folderForTest, STOP_MS } from '../support/test-server.js'
import { SECRET, seconds, token, tokenFor } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Asks the API of a server with a credential. */
function asking(url: string, credential: string) {
  return async (method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${credential}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
}

const operator = (): Promise<string> =>
  token({ sub: 'olga', documents: {}, prefixes: { '': 'admin' }, jti: 'olgas' })

/** Ada and Ben in `doc`, Cyd in `other`, and those who administer. */
async function world(setup: ServerSetup = {}) {
  const guarded = await startGuardedServer(setup)
  const { url, server } = guarded
  const tokens = {
    ada: await tokenFor('ada', { doc: 'write' }, { jti: 'adas' }),
    ben: await tokenFor('ben', { doc: 'write', other: 'read' }),
    cyd: await tokenFor('cyd', { other: 'write' }),
    // Administers `doc`.
    dora: await tokenFor('dora', { doc: 'admin' }),
    olga: await operator(),
  }
  const joined = async (who: keyof typeof tokens, id: string): Promise<RawClient> => {
    const client = await RawClient.joined(url, id, 'coscribe.v1', { token: tokens[who] })
    onTestFinished(() => client.close())
    return client
  }
  const clients = {
    ada: await joined('ada', 'doc'),
    ben: await joined('ben', 'doc'),
    cyd: await joined('cyd', 'other'),
  }
  const ids = Object.fromEntries(server.sessions().map(({ subject, id }) => [subject, id]))
  const as = Object.fromEntries(
    Object.entries(tokens).map(([who, credential]) => [who, asking(url, credential)]),
  ) as Record<keyof typeof tokens, ReturnType<typeof asking>>
  return { ...guarded, tokens, clients, ids, as }
}

function subjectsIn({ body }: Answer): string[] {
  return (body['sessions'] as { subject: string }[]).map(({ subject }) => subject).toSorted()
}

describe('the API', () => {
  it('[A66] shows everybody the sessions that they may see, and no others', async () => {
    const { as, ids } = await world()
    const seen = {
      ada: ['ada'],
      ben: ['ben'],
      cyd: ['cyd'],
      dora: ['ada', 'ben'],
      olga: ['ada', 'ben', 'cyd'],
    } as const
    for (const [who, subjects] of Object.entries(seen)) {
      const ask = as[who as keyof typeof seen]
      expect(subjectsIn(await ask('GET', '/sessions')), who).toEqual(subjects)
      for (const [subject, id] of Object.entries(ids)) {
        const { status } = await ask('GET', `/sessions/${id}`)
        expect(status, `${who}, ${subject}`).toBe(
          subjects.some((one) => one === subject) ? 200 : 404,
        )
      }
    }
    const page = await as.olga('GET', '/sessions?limit=2')
    const rest = await as.olga('GET', `/sessions?limit=2&after=${String(page.body['next'])}`)
    expect([...subjectsIn(page), ...subjectsIn(rest)].toSorted()).toEqual(seen.olga)
    expect(rest.body['next']).toBeNull()
    expect(subjectsIn(await as.olga('GET', '/sessions?document=other'))).toEqual(['cyd'])
    expect((await as.olga('GET', '/sessions?limit=0')).status).toBe(400)
    expect(await as.ada('GET', `/sessions/${ids['ada']}`)).toEqual({
      status: 200,
      body: {
        id: ids['ada'],
        subject: 'ada',
        tokenId: 'adas',
        documentId: 'doc',
        access: 'write',
        expiresAt: expect.any(Number),
        address: '127.0.0.1',
      },
    })
  })

  it('[A66] ends a session for who may see it', async () => {
    const { as, ids, clients } = await world()
    expect((await as.ada('DELETE', `/sessions/${ids['ben']}`)).status).toBe(404)
    expect((await as.dora('DELETE', `/sessions/${ids['cyd']}`)).status).toBe(404)
    expect(await as.dora('DELETE', `/sessions/${ids['ben']}`)).toEqual({
      status: 200,
      body: { sessions: 1, pending: false },
    })
    expect((await clients.ben.ended()).code).toBe(4403)
    expect((await as.ada('DELETE', `/sessions/${ids['ada']}`)).status).toBe(200)
    expect((await clients.ada.ended()).code).toBe(4403)
    expect((await as.ada('DELETE', `/sessions/${ids['ada']}`)).status).toBe(404)
    expect(clients.cyd.ending).toBeNull()
  })

  it('[A66] revokes and sets access for who administers what it is about', async () => {
    const { as, clients, server } = await world()
    const refused: [keyof typeof as, object, number][] = [
      ['ada', { subject: 'ben' }, 403],
      ['ada', { subject: 'ben', document: 'doc' }, 403],
      ['dora', { subject: 'ben' }, 403],
      ['dora', { document: 'other' }, 403],
      ['olga', {}, 400],
      ['olga', { subject: 'ben', tokenId: 'x' }, 400],
      ['olga', { subject: '' }, 400],
      ['olga', { everybody: 'x' }, 400],
      ['olga', { document: '.hidden' }, 400],
    ]
    for (const [who, body, status] of refused) {
      expect((await as[who]('POST', '/revocations', body)).status, JSON.stringify(body)).toBe(
        status,
      )
    }
    expect(server.sessions()).toHaveLength(3)

    const toRead = { subject: 'ada', access: 'read' }
    expect((await as.ada('PUT', '/documents/doc/access', toRead)).status).toBe(403)
    expect(
      (await as.dora('PUT', '/documents/doc/access', { subject: 'ada', access: 'admin' })).status,
    ).toBe(400)
    expect((await as.dora('PUT', '/documents/doc/access', { access: 'read' })).status).toBe(400)
    expect(await as.dora('PUT', '/documents/doc/access', toRead)).toEqual({
      status: 200,
      body: { sessions: 1, pending: false },
    })
    await clients.ada.until(() => clients.ada.last('access')?.access === 'read')

    const change = { status: 200, body: { sessions: 1, pending: false } }
    expect(await as.dora('POST', '/revocations', { subject: 'ben', document: 'doc' })).toEqual(
      change,
    )
    expect((await clients.ben.ended()).code).toBe(4403)
    expect(await as.olga('POST', '/revocations', { tokenId: 'adas' })).toEqual(change)
    expect((await clients.ada.ended()).code).toBe(4403)
    // A credential that was taken back opens the API no more than documents.
    expect((await as.ada('GET', '/sessions')).status).toBe(403)
    expect((await as.ben('GET', '/sessions')).status).toBe(200)
  })

  it('[A66] leaves who administers everything in charge, whatever is decided about a document', async () => {
    const { as } = await world()
    const change = { subject: 'olga', access: 'none' }
    expect((await as.dora('PUT', '/documents/doc/access', change)).status).toBe(200)
    expect(subjectsIn(await as.olga('GET', '/sessions?document=doc'))).toEqual(['ada', 'ben'])
    const back = { subject: 'ada', access: 'read' }
    expect((await as.olga('PUT', '/documents/doc/access', back)).status).toBe(200)
  })

  it('[A67] takes the links of somebody along who is put out', async () => {
    const { as, url, server } = await world()
    const { body } = await as.dora('POST', '/documents/doc/links', { access: 'write' })
    const guest = { token: String(body['token']) }
    const before = await RawClient.joined(url, 'doc', 'coscribe.v1', guest)
    expect(before.ending).toBeNull()
    expect(await server.revoke({ subject: 'dora' })).toMatchObject({ sessions: 1 })
    expect((await before.ended()).code).toBe(4403)
    const again = new RawClient(url, 'doc', 'y-websocket', undefined, guest)
    await again.open()
    expect((await again.ended()).code).toBe(4403)
  })

  it('[A67] makes links to a document, lists them, and takes them back', async () => {
    const { as, url, clients, server } = await world()
    const wrong: [keyof typeof as, object, number][] = [
      ['ada', { access: 'read' }, 403],
      ['dora', { access: 'admin' }, 400],
      ['dora', { access: 'none' }, 400],
      ['dora', { access: 'read', ttl: 59 }, 400],
      ['dora', { access: 'read', ttl: 31 * 24 * 3_600 }, 400],
    ]
    for (const [who, body, status] of wrong) {
      expect((await as[who]('POST', '/documents/doc/links', body)).status).toBe(status)
    }
    const made = await as.dora('POST', '/documents/doc/links', { access: 'write', ttl: 600 })
    expect(made.status).toBe(201)
    const { token: link, ...listed } = made.body
    expect((await as.dora('GET', '/documents/doc/links')).body).toEqual({ links: [listed] })
    expect(listed).toMatchObject({ access: 'write', by: 'dora' })

    const visitor = await RawClient.joined(url, 'doc', 'coscribe.v1', { token: String(link) })
    visitor.edit(typed('hello'))
    await clients.ada.until(() => textOf(clients.ada) === 'hello')
    expect(server.sessions().map(({ subject }) => subject)).toContain(
      `link:${String(listed['id'])}`,
    )
    const elsewhere = new RawClient(url, 'other', 'y-websocket', undefined, { token: String(link) })
    expect((await elsewhere.ended()).code).toBe(4403)

    const path = `/documents/doc/links/${String(listed['id'])}`
    expect((await as.ada('DELETE', path)).status).toBe(403)
    expect(await as.dora('DELETE', path)).toEqual({
      status: 200,
      body: { sessions: 1, pending: false },
    })
    expect((await visitor.ended()).code).toBe(4403)
    const again = new RawClient(url, 'doc', 'y-websocket', undefined, { token: String(link) })
    expect((await again.ended()).code).toBe(4403)
    expect((await as.dora('GET', '/documents/doc/links')).body).toEqual({ links: [] })
    expect((await as.dora('DELETE', path)).status).toBe(404)
    for (const client of [visitor, elsewhere, again]) client.close()
  })

  it('[A67] makes no link where it has no secret to sign with', async () => {
    const folder = folderForTest()
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const authKeyFile = join(folder, 'key.pem')
    writeFileSync(authKeyFile, publicKey.export({ type: 'spki', format: 'pem' }))
    const server = createServer({
      port: 0,
      logLevel: 'silent',
      data: join(folder, 'data'),
      stopTimeoutMs: STOP_MS,
      authKeyFile,
    })
    await server.start()
    onTestFinished(() => server.stop())
    const claims = {
      sub: 'dora',
      iss: 'coscribe',
      aud: 'coscribe',
      exp: seconds(60),
      documents: { doc: 'admin' },
    }
    const head = [{ alg: 'EdDSA' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const signature = sign(null, Buffer.from(head), privateKey).toString('base64url')
    const ask = asking(server.url, `${head}.${signature}`)
    expect((await ask('POST', '/documents/doc/links', { access: 'read' })).status).toBe(409)
    expect((await ask('GET', '/documents/doc/links')).body).toEqual({ links: [] })
  })

  it('[A67] links are listed after a restart, and those that were taken back let nobody in', async () => {
    const setup = {
      port: 0,
      logLevel: 'silent',
      authSecret: SECRET,
      data: folderForTest(),
    } as const
    const dora = await tokenFor('dora', { doc: 'admin' })
    const first = createServer(setup)
    await first.start()
    const ask = asking(first.url, dora)
    const kept = (await ask('POST', '/documents/doc/links', { access: 'read' })).body
    const gone = (await ask('POST', '/documents/doc/links', { access: 'read' })).body
    expect((await ask('DELETE', `/documents/doc/links/${String(gone['id'])}`)).status).toBe(200)
    await first.stop()
    const second = createServer(setup)
    await second.start()
    onTestFinished(() => second.stop())
    const { token: _token, ...listed } = kept
    const links = await asking(second.url, dora)('GET', '/documents/doc/links')
    expect(links.body).toEqual({ links: [listed] })
    const back = new RawClient(second.url, 'doc', 'y-websocket', undefined, {
      token: String(gone['token']),
    })
    expect((await back.ended()).code).toBe(4403)
    const good = await RawClient.joined(second.url, 'doc', 'y-websocket', {
      token: String(kept['token']),
    })
    for (const client of [back, good]) client.close()
  })
})

describe('the audit log', () => {
  it('[A68] says who came in, who did not, and who changed what', async () => {
    const auditFile = join(folderForTest(), 'audit')
    const { as, url, clients, tokens, forward } = await world({ auditFile })
    const stranger = new RawClient(url, 'doc', 'y-websocket', undefined, { token: 'nonsense' })
    await stranger.ended()
    const burglar = new RawClient(url, 'other', 'y-websocket', undefined, { token: tokens.ada })
    await burglar.ended()
    await as.dora('PUT', '/documents/doc/access', { subject: 'ada', access: 'read' })
    const link = await as.dora('POST', '/documents/doc/links', { access: 'read', ttl: 600 })
    const id = String(link.body['id'])
    await as.dora('DELETE', `/documents/doc/links/${id}`)
    await as.olga('POST', '/revocations', { subject: 'ben' })
    await clients.ben.ended()
    forward(3_600_000)
    await clients.cyd.ended()
    let lines: Record<string, unknown>[] = []
    const address = '127.0.0.1'
    await eventually('all is written', () => {
      const text = readFileSync(auditFile, 'utf8')
      lines = text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      return lines.some(({ event, subject }) => event === 'expired' && subject === 'cyd')
    })
    const expected = [
      {
        event: 'admitted',
        subject: 'ada',
        tokenId: 'adas',
        documentId: 'doc',
        access: 'write',
        address,
      },
      { event: 'refused', reason: 'the credential is not valid', address },
      { event: 'refused', subject: 'ada', documentId: 'other', address },
      { event: 'access-set', subject: 'ada', documentId: 'doc', access: 'read', by: 'dora' },
      { event: 'link-made', tokenId: id, documentId: 'doc', access: 'read', by: 'dora' },
      { event: 'link-revoked', tokenId: id, documentId: 'doc', by: 'dora' },
      { event: 'revoked', subject: 'ben', by: 'olga' },
      { event: 'session-ended', subject: 'ben', documentId: 'doc', address },
      { event: 'expired', subject: 'cyd', documentId: 'other', address },
    ]
    for (const line of expected) expect(lines).toContainEqual(expect.objectContaining(line))
    for (const line of lines) expect(Date.parse(String(line['time']))).toBeGreaterThan(0)
    expect(statSync(auditFile).mode & 0o777).toBe(0o600)
    const text = readFileSync(auditFile, 'utf8')
    const secrets = [...Object.values(tokens), String(link.body['token']), 'nonsense']
    for (const secret of secrets) expect(text).not.toContain(secret.split('.').at(-1))
    for (const client of [stranger, burglar]) client.close()
  })
})

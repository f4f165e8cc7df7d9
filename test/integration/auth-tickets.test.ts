import { connect } from '@coscribe/client'
import type { ServerSetup } from '@coscribe/server'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { ask } from '../support/api-client.js'
import { docCondition, stockProvider, stockVersions } from '../support/clients.js'
import { startGuardedServer, type GuardedServer } from '../support/guarded-server.js'
import { LogLines } from '../support/log-lines.js'
import { RawClient } from '../support/raw-client.js'
import { RawSocket, upgradeRequest } from '../support/raw-socket.js'
import { seconds, token, tokenFor } from '../support/tokens.js'
import { textOf, typed } from '../support/typed-text.js'

const withTickets: ServerSetup = { urlCredentials: 'tickets' }
const withTokens: ServerSetup = { urlCredentials: 'tokens' }

/** A ticket for a document, as an app's page asks for one. */
async function ticketFor(
  server: GuardedServer,
  document: string,
  credential?: string,
): Promise<string> {
  const headers = { Authorization: `Bearer ${credential ?? (await token())}` }
  const reply = await ask(server, 'POST', '/api/v1/tickets', { headers, body: { document } })
  expect(reply.status, reply.text).toBe(201)
  return String(reply.json['ticket'])
}

/** A y-websocket client at an address with this query. */
function at(url: string, document: string, query: string, arrival = {}): RawClient {
  const path = `${encodeURIComponent(document)}?${query}`
  return new RawClient(url, document, 'y-websocket', path, arrival)
}

/** The code with which a client at this address is turned away, or 0. */
async function endOf(url: string, document: string, query: string, arrival = {}): Promise<number> {
  const client = at(url, document, query, arrival)
  await client.open()
  await client.sync()
  const code = client.ending?.code ?? 0
  client.close()
  return code
}

/** A token that may stand in an address. */
function small(parts: Parameters<typeof token>[0] = {}): Promise<string> {
  return token({ exp: seconds(600), ...parts })
}

describe('a ticket', () => {
  it('[A55] is random, over in half a minute, and of nothing but itself', async () => {
    const server = await startGuardedServer(withTickets)
    const headers = { Authorization: `Bearer ${await token()}` }
    const body = { document: 'doc' }
    const first = await ask(server, 'POST', '/api/v1/tickets', { headers, body })
    const second = await ask(server, 'POST', '/api/v1/tickets', { headers, body })
    expect(first.json['ticket']).toMatch(/^cst_[\w-]{43}$/)
    expect(first.json['ticket']).not.toBe(second.json['ticket'])
    const left = Number(first.json['expiresAt']) - Date.now()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(30_000)
    expect(server.loaded).toEqual([])
  })

  it.each(stockVersions)('[A55] lets %s and our own client in', async (version) => {
    const server = await startGuardedServer(withTickets)
    const doc = new Y.Doc()
    const params = { ticket: await ticketFor(server, 'doc') }
    const provider = stockProvider(version, server.url, 'doc', doc, { params })
    const grace = await ticketFor(server, 'doc', await tokenFor('grace', { doc: 'write' }))
    const own = connect({ url: `${server.url}?ticket=${grace}`, doc: 'doc', WebSocket })
    own.text('t').insert(0, 'hello')
    await docCondition(doc, () => doc.getText('t').toString() === 'hello')
    provider.destroy()
    own.destroy()
    doc.destroy()
  })

  it('[A55] opens its document once, with the access of whoever asked for it', async () => {
    const server = await startGuardedServer(withTickets)
    const reader = await tokenFor('ada', { doc: 'read', other: 'write' })
    const ticket = await ticketFor(server, 'doc', reader)
    const client = at(server.url, 'doc', `ticket=${ticket}`)
    await client.open()
    await client.sync()
    client.edit(typed('not mine to write'))
    await client.until(() => client.count('auth-denied') === 1)
    expect(client.ending).toBeNull()
    expect(await server.stored('doc')).toBe('')
    expect(await endOf(server.url, 'doc', `ticket=${ticket}`)).toBe(4401)
    client.close()
  })

  it('[A55] opens no other document either whose access was set for its owner', async () => {
    const server = await startGuardedServer(withTickets)
    await server.server.setAccess({ subject: 'ada', document: 'other' }, 'write')
    const ticket = await ticketFor(server, 'doc', await tokenFor('ada', { doc: 'write' }))
    expect(await endOf(server.url, 'other', `ticket=${ticket}`)).toBe(4403)
  })

  it('[A55] opens no other document, and is used up by the attempt', async () => {
    const server = await startGuardedServer(withTickets)
    const both = await tokenFor('ada', { doc: 'write', other: 'write' })
    const ticket = await ticketFor(server, 'doc', both)
    expect(await endOf(server.url, 'other', `ticket=${ticket}`)).toBe(4403)
    expect(await endOf(server.url, 'doc', `ticket=${ticket}`)).toBe(4401)
    const own = new RawClient(
      `${server.url}/?ticket=${await ticketFor(server, 'doc', both)}`,
      'other',
      'coscribe.v1',
    )
    await own.open()
    expect((await own.ended()).code).toBe(4403)
    expect(server.loaded).toEqual([])
  })

  it('[A55] is worth nothing late, nor after its owner’s credential', async () => {
    const server = await startGuardedServer(withTickets)
    const late = await ticketFor(server, 'doc')
    const short = await ticketFor(server, 'doc', await token({ exp: seconds(20) }))
    server.forward(21_000)
    expect(await endOf(server.url, 'doc', `ticket=${short}`)).toBe(4401)
    server.forward(10_000)
    expect(await endOf(server.url, 'doc', `ticket=${late}`)).toBe(4401)
    expect(server.loaded).toEqual([])
  })

  it('[A55] is one credential, and a credential nowhere else', async () => {
    const server = await startGuardedServer(withTokens)
    const fresh = (): Promise<string> => ticketFor(server, 'doc')
    const two = `ticket=${await fresh()}&ticket=${await fresh()}`
    expect(await endOf(server.url, 'doc', two)).toBe(4401)
    const besideUrl = `ticket=${await fresh()}&token=${await small()}`
    expect(await endOf(server.url, 'doc', besideUrl)).toBe(4401)
    const besideHeader = { token: await token() }
    expect(await endOf(server.url, 'doc', `ticket=${await fresh()}`, besideHeader)).toBe(4401)
    const elsewhere = { token: await fresh() }
    expect(await endOf(server.url, 'doc', '', elsewhere)).toBe(4401)
    const headers = { Authorization: `Bearer ${await fresh()}` }
    expect((await ask(server, 'GET', '/api/v1/session', { headers })).status).toBe(401)
    expect(server.loaded).toEqual([])
  })

  it('[A55] is given to those who may read the document, and nobody where they are off', async () => {
    const server = await startGuardedServer(withTickets)
    const headers = { Authorization: `Bearer ${await token()}` }
    const ticket = (body: object): Promise<number> =>
      ask(server, 'POST', '/api/v1/tickets', { headers, body }).then(({ status }) => status)
    expect(await ticket({ document: 'other' })).toBe(403)
    expect(await ticket({ document: '.hidden' })).toBe(400)
    const off = await startGuardedServer()
    const reply = await ask(off, 'POST', '/api/v1/tickets', { headers, body: { document: 'doc' } })
    expect(reply.status).toBe(404)
    expect(reply.json['detail']).toContain('--url-credentials tickets')
    expect(await endOf(off.url, 'doc', 'ticket=cst_x')).toBe(4401)
    // What an app means by the parameter is its own affair there.
    expect(await endOf(off.url, 'doc', 'ticket=cst_x', { token: await token() })).toBe(0)
  })

  it('[A55] is one of at most 100 that somebody has at the same time', async () => {
    const server = await startGuardedServer(withTickets)
    const headers = { Authorization: `Bearer ${await token()}` }
    const body = { document: 'doc' }
    const asked = Array.from({ length: 101 }, () =>
      ask(server, 'POST', '/api/v1/tickets', { headers, body }),
    )
    const refused = (await Promise.all(asked)).filter(({ status }) => status !== 201)
    expect(refused.map(({ status }) => status)).toEqual([429])
    expect(refused[0]?.headers['retry-after']).toBe('30')
    await ticketFor(server, 'doc', await tokenFor('grace', { doc: 'read' }))
    server.forward(30_000)
    await ticketFor(server, 'doc')
  })
})

describe('a token in an address', () => {
  it.each(stockVersions)('[A56] lets %s in, and again when it returns', async (version) => {
    const server = await startGuardedServer(withTokens)
    const doc = new Y.Doc()
    const params = { token: await small() }
    const provider = stockProvider(version, server.url, 'doc', doc, { params })
    const writer = await RawClient.joined(server.url, 'doc', 'y-websocket', {
      token: await token(),
    })
    writer.edit(typed('one'))
    await docCondition(doc, () => doc.getText('t').toString() === 'one')
    provider.disconnect()
    writer.edit((d) => d.getText('t').insert(3, ' two'))
    provider.connect()
    await docCondition(doc, () => doc.getText('t').toString() === 'one two')
    expect(textOf(writer)).toBe('one two')
    provider.destroy()
    writer.close()
    doc.destroy()
  })

  it.each<[string, Parameters<typeof token>[0]]>([
    ['lives longer than 15 minutes', { exp: seconds(901 + 60) }],
    ['names two documents', { documents: { doc: 'read', other: 'read' } }],
    ['names another document', { documents: { other: 'write' } }],
    ['names none', { documents: {} }],
    ['has a prefix', { prefixes: { d: 'read' } }],
    ['has a prefix only', { documents: {}, prefixes: { doc: 'read' } }],
  ])('[A56] that %s lets nobody in', async (_name, parts) => {
    const server = await startGuardedServer(withTokens)
    const credential = await small(parts)
    expect(await endOf(server.url, 'doc', `token=${credential}`)).toBe(4401)
    expect(server.loaded).toEqual([])
  })

  it('[A56] is one credential, and none where only tickets may stand there', async () => {
    const server = await startGuardedServer(withTokens)
    const credential = await small()
    const twice = `token=${credential}&token=${credential}`
    expect(await endOf(server.url, 'doc', twice)).toBe(4401)
    expect(await endOf(server.url, 'doc', `token=${credential}`, { token: credential })).toBe(4401)
    expect(await endOf(server.url, 'doc', `token=${credential}`)).toBe(0)
    for (const setup of [withTickets, {}]) {
      const { url } = await startGuardedServer(setup)
      expect(await endOf(url, 'doc', `token=${credential}`)).toBe(4401)
    }
  })

  it('[A56] outranks a cookie, which then needs no Origin', async () => {
    const server = await startGuardedServer(withTokens)
    const headers = { Cookie: `coscribe=${await token()}` }
    expect(await endOf(server.url, 'doc', `token=${await small()}`, { headers })).toBe(0)
    const raw = new RawSocket(server.port)
    raw.send(upgradeRequest(server.port, '/doc', headers))
    await raw.until('an answer', () => raw.head !== null)
    expect(raw.status).toBe(403)
    raw.destroy()
  })
})

describe('the log of a server with all carriers', () => {
  it('[A57] holds no credential, before anything is taken out of it', async () => {
    const log = new LogLines()
    const server = await startGuardedServer({ ...withTokens, logger: log })
    const ticket = await ticketFor(server, 'doc')
    const used = [ticket, 'nonsense-that-is-secret', await small(), await small({ sub: 'eve' })]
    for (const value of used) {
      await endOf(server.url, 'doc', `ticket=${value}`)
      await endOf(server.url, 'doc', `token=${value}`)
      await endOf(server.url, '%zz', `token=${value}&ticket=${value}`)
      for (const path of ['/api/v1/session', '/api/v1/none', '/', '/d/doc', '/healthz']) {
        await ask(server, 'GET', `${path}?token=${value}&ticket=${value}`)
        await ask(server, 'POST', path, {
          headers: { Cookie: `coscribe=${value}`, Authorization: `Bearer ${value}` },
          body: { token: value },
        })
      }
    }
    for (const value of used) {
      const parts = value.startsWith('eyJ') ? value.split('.').slice(1) : [value]
      for (const part of parts) expect(log.lines.filter((line) => line.includes(part))).toEqual([])
    }
    // The control: they were all looked at.
    expect(log.lines.join('\n')).toContain('somebody asked for a document')
    expect(log.lines.join('\n')).toContain('a credential was refused')
  })
})

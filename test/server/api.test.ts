import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { systemClock } from '@coscribe/shared'
import { describe, expect, it, onTestFinished } from 'vitest'
import { noAudit } from '../../server/src/audit.js'
import { Api } from '../../server/src/http/api/api.js'
import { openRoute, route, type ApiRoute } from '../../server/src/http/api/api-route.js'
import { Bodies } from '../../server/src/http/api/body.js'
import { fieldsFrom, type Fields } from '../../server/src/http/api/fields.js'
import { RouteTable } from '../../server/src/http/api/route-table.js'
import { createRouter } from '../../server/src/http/router.js'
import { trustedProxiesFrom } from '../../server/src/transport/client-address.js'
import { Gate } from '../../server/src/transport/gate.js'
import { ask } from '../support/api-client.js'
import { LogLines } from '../support/log-lines.js'
import { ManualClock } from '../support/manual-clock.js'

/** A server with these routes only; every credential is somebody who may read `doc`. */
async function serve(
  routes: readonly ApiRoute[],
  logger = new LogLines(),
): Promise<{ port: number; log: LogLines }> {
  const grants = { documents: new Map([['doc', 'read' as const]]), prefixes: new Map() }
  const identity = { subject: 'ada', tokenId: '', expiresAt: 1e15, grants }
  const authenticator = { authenticate: () => Promise.resolve(identity) }
  const rules = { loopbackOnly: false, origins: new Set<string>() }
  const clock = systemClock
  const gate = new Gate({ authenticator, clock, logger })
  const proxies = trustedProxiesFrom('', '--trusted-proxies')
  const own = { gate, rules, proxies, audit: noAudit }
  const parts = { ...own, clock, logger, cookies: true, bodyTimeoutMs: 10_000 }
  const api = new Api(parts, routes)
  const health = { ready: true }
  const server = createServer(createRouter({ rules, health, version: '1', page: null, api }))
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: (server.address() as AddressInfo).port, log: logger }
}

const headers = { Authorization: 'Bearer x' }

describe('a handler', () => {
  it('[A50] that fails is answered for, logged, and costs nobody else anything', async () => {
    const fail = route({
      method: 'GET',
      path: '/throw',
      access: 'identified',
      body: null,
      handle: () => {
        throw new Error('the secret plan')
      },
    })
    const reject = openRoute({
      method: 'GET',
      path: '/reject',
      access: 'anybody',
      body: null,
      handle: () => Promise.reject(new Error('the secret plan')),
    })
    const server = await serve([fail, reject])
    for (const path of ['/throw', '/reject']) {
      const reply = await ask(server, 'GET', `/api/v1${path}`, { headers })
      expect(reply.status).toBe(500)
      expect(reply.headers['content-type']).toBe('application/problem+json')
      expect(reply.json).toMatchObject({ type: 'urn:coscribe:problem:internal', status: 500 })
      expect(reply.text).not.toContain('plan')
    }
    expect(server.log.lines.filter((line) => line.includes('the secret plan'))).toHaveLength(2)
  })

  it('[A50] is given what the path, the query and the body say, and the right to the document', async () => {
    const seen: unknown[] = []
    const server = await serve([
      route({
        method: 'POST',
        path: '/documents/{document}/things',
        access: { atLeast: 'read', documentIn: 'document' },
        body: { count: { type: 'integer', min: 1, max: 9 } },
        handle: ({ parameters, query, body, access, identity, secure }) => {
          seen.push([parameters, query.get('q'), body, access, identity.subject, secure])
          return { status: 200, value: {} }
        },
      }),
    ])
    const post = async (document: string): Promise<number> => {
      const path = `/api/v1/documents/${document}/things?q=x`
      return (await ask(server, 'POST', path, { headers, body: { count: 3 } })).status
    }
    expect(await post('doc')).toBe(200)
    expect(seen).toEqual([[{ document: 'doc' }, 'x', { count: 3 }, 'read', 'ada', false]])
    expect(await post('other')).toBe(403)
    expect(await post('%00')).toBe(400)
    expect(await post('%ff')).toBe(404)
    expect(seen).toHaveLength(1)
  })

  it('[A50] is not reached with less than its route asks for', async () => {
    const server = await serve([
      route({
        method: 'DELETE',
        path: '/documents/{document}',
        access: { atLeast: 'admin', documentIn: 'document' },
        body: null,
        handle: () => ({ status: 204 }),
      }),
    ])
    const reply = await ask(server, 'DELETE', '/api/v1/documents/doc', { headers })
    expect(reply.status).toBe(403)
    expect(reply.json['detail']).toBe('this needs admin access to the document')
  })
})

/** A request of which a test sends the body. */
function arriving(): IncomingMessage & PassThrough {
  const sent = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
  return Object.assign(new PassThrough(), { headers: sent }) as never
}

describe('bodies', () => {
  const fields: Fields = { text: { type: 'text', maxLength: 60_000 } }

  it('[A58] that arrive at the same time have a bound together, and leave nothing behind', async () => {
    const clock = new ManualClock()
    const bodies = new Bodies({ clock, timeoutMs: 1_000, maxHeldBytes: 100_000 })
    const [first, second, third] = [arriving(), arriving(), arriving()]
    const [slow, refused, late] = [first, second, third].map((body) => bodies.read(body, fields))
    first.write('x'.repeat(60_000))
    await expect.poll(() => bodies.heldBytes).toBe(60_000)
    second.write('x'.repeat(60_000))
    expect(await refused).toMatchObject({ problem: 'overloaded' })
    expect(bodies.heldBytes).toBe(60_000)
    third.end('{"text":"x"}')
    expect(await late).toEqual({ values: { text: 'x' } })
    clock.advance(1_000)
    expect(await slow).toMatchObject({ problem: 'too-slow' })
    first.write('x'.repeat(60_000))
    first.destroy()
    const gone = arriving()
    const lost = bodies.read(gone, fields)
    gone.write('{"text":')
    await expect.poll(() => bodies.heldBytes).toBe(8)
    gone.destroy(new Error('reset'))
    expect(await lost).toMatchObject({ problem: 'too-slow' })
    expect(bodies.heldBytes).toBe(0)
  })
})

function routeAt(path: `/${string}`): ApiRoute {
  return openRoute({
    method: 'GET',
    path,
    access: 'anybody',
    body: null,
    handle: () => ({ status: 204 }),
  })
}

describe('the table of routes', () => {
  const table = new RouteTable((['/session', '/sessions/{id}', '/a/{b}/c'] as const).map(routeAt))

  it.each([
    ['/session', {}],
    ['/sessions/x%2Fy', { id: 'x/y' }],
    ['/sessions/__proto__', { id: '__proto__' }],
    ['/a/%D0%BF/c', { b: 'п' }],
  ])('[A50] finds %s', (path, parameters) => {
    expect(table.find(path)?.parameters).toEqual(parameters)
  })

  it.each([
    '',
    '/',
    '/session/',
    '/Session',
    '/sessions',
    '/sessions/',
    '/sessions/%',
    '/a/b/c/d',
    '/a//c',
  ])('[A50] finds nothing at %j', (path) => {
    expect(table.find(path)).toBeNull()
  })
})

describe('the fields of a body', () => {
  const fields: Fields = {
    name: { type: 'text', maxLength: 5 },
    count: { type: 'integer', min: 1, max: 9, optional: true },
  }

  it.each([
    ['{"name":"a"}', { name: 'a' }],
    ['{"name":"a","count":9}', { name: 'a', count: 9 }],
    [' {"name" : "\\"count\\":" , "count":1} ', { name: '"count":', count: 1 }],
  ])('[A58] takes %s', (json, values) => {
    // A string that looks like a field is none.
    const lenient = { ...fields, name: { type: 'text', maxLength: 9 } } as const
    expect(fieldsFrom(json, lenient)).toEqual({ values })
  })

  it.each([
    ['', 'one JSON object'],
    ['name=a', 'one JSON object'],
    ['null', 'one JSON object'],
    ['"name"', 'one JSON object'],
    ['[{"name":"a"}]', 'one JSON object'],
    ['{"name":"a"}{}', 'one JSON object'],
    ['{"name":"a","count":NaN}', 'one JSON object'],
    ['{}', '"name" must be a text of 1 to 5 characters'],
    ['{"name":""}', '"name" must be'],
    ['{"name":"abcdef"}', '"name" must be'],
    ['{"name":null}', '"name" must be'],
    ['{"name":["a"]}', '"name" must be'],
    ['{"name":{"toString":"a"}}', '"name" must be'],
    ['{"name":"a","count":"1"}', '"count" must be a whole number from 1 to 9'],
    ['{"name":"a","count":null}', '"count" must be'],
    ['{"name":"a","count":0}', '"count" must be'],
    ['{"name":"a","count":1.5}', '"count" must be'],
    ['{"name":"a","count":1e300}', '"count" must be'],
    ['{"name":"a","other":1}', 'the body may hold "name", "count", and nothing else'],
    ['{"name":"a","__proto__":{"count":1}}', 'nothing else'],
    ['{"name":"a","constructor":1}', 'nothing else'],
    ['{"name":"a","name":"b"}', 'a field twice'],
    ['{"name":"a","n\\u0061me":"b"}', 'a field twice'],
    ['{"name":"a","other":{"x":[{}]},"name":"b"}', 'a field twice'],
  ])('[A58] refuses %s', (json, fault) => {
    const outcome = fieldsFrom(json, fields)
    expect('fault' in outcome ? outcome.fault : outcome).toContain(fault)
  })

  it('[A58] tells nested repetitions, which no field has, from those at the top', () => {
    const outcome = fieldsFrom('{"name":{"a":1,"a":2},"count":1}', fields)
    expect(outcome).toEqual({ fault: '"name" must be a text of 1 to 5 characters' })
  })
})

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ApiRoute } from '../../server/src/http/api/api-route.js'
import type { ApiParts } from '../../server/src/http/api/api-parts.js'
import { apiRoutes } from '../../server/src/http/api/api-routes.js'
import { ask, originOf, type ApiReply } from '../support/api-client.js'
import { startGuardedServer, type GuardedServer } from '../support/guarded-server.js'
import { RawSocket } from '../support/raw-socket.js'
import { startTestServer } from '../support/test-server.js'
import { OTHER_SECRET, seconds, token, tokenFor } from '../support/tokens.js'

type Headers = Readonly<Record<string, string>>

/** Every route there is: one that is added is tested by what follows. */
const routes = apiRoutes({ tickets: null } as ApiParts)

const DOCUMENT = 'doc'

/** Something that the route accepts as its body. */
function bodyFor({ body, access }: ApiRoute): object | undefined {
  if (body === null) return undefined
  const named = typeof access === 'object' ? access.documentIn : null
  const entries = Object.entries(body)
    .filter(([, field]) => field.optional !== true)
    .map(([name, field]) => {
      if (name === named) return [name, DOCUMENT]
      return [name, field.type === 'text' ? 'x' : field.min]
    })
  return Object.fromEntries(entries) as object
}

function pathFor({ path, access }: ApiRoute): string {
  const named = typeof access === 'object' ? access.documentIn : null
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === named ? DOCUMENT : 'x'))
  return `/api/v1${filled}`
}

function call(server: GuardedServer, route: ApiRoute, headers: Headers = {}): Promise<ApiReply> {
  const body = bodyFor(route)
  const content = body === undefined ? {} : { body }
  return ask(server, route.method, pathFor(route), { headers, ...content })
}

function expectProblem(reply: ApiReply, status: number, name: string): void {
  expect(reply.status, reply.text).toBe(status)
  expect(reply.headers['content-type']).toBe('application/problem+json')
  expect(reply.headers['cache-control']).toBe('no-store')
  expect(reply.headers['x-content-type-options']).toBe('nosniff')
  expect(Object.keys(reply.json)).toEqual(['type', 'title', 'status', 'detail'])
  expect(reply.json).toMatchObject({ type: `urn:coscribe:problem:${name}`, status })
  expect(String(reply.json['detail'])).not.toBe('')
  expect(reply.headers['set-cookie']).toBeUndefined()
}

describe.each(routes.map((route) => ({ name: `${route.method} ${route.path}`, route })))(
  '$name',
  ({ route }) => {
    it('[A50] is nobody’s without a valid credential', async () => {
      const server = await startGuardedServer({ urlCredentials: 'tickets' })
      const bad: Headers[] = [{}]
      for (const make of [
        token({ secret: OTHER_SECRET }),
        token({ exp: seconds(-1) }),
        Promise.resolve('nonsense'),
      ]) {
        const credential = await make
        bad.push({ Authorization: `Bearer ${credential}` })
        bad.push({ Cookie: `coscribe=${credential}`, Origin: originOf(server) })
      }
      const two = { Authorization: `Bearer ${await token()}` }
      bad.push({ ...two, 'Sec-WebSocket-Protocol': `coscribe.token.${await token()}` })
      for (const headers of bad) {
        const reply = await call(server, route, headers)
        // Who signs out need not be in.
        if (route.access === 'anybody' && reply.status === 204) continue
        expectProblem(reply, 401, 'not-authenticated')
        expect(reply.headers['www-authenticate']).toBe('Bearer realm="coscribe"')
        for (const value of Object.values(headers)) expect(reply.text).not.toContain(value)
      }
      expect(server.loaded).toEqual([])
    })

    it('[A51] is not for pages of other sites, whatever they bring', async () => {
      const server = await startGuardedServer({ urlCredentials: 'tickets' })
      const Authorization = `Bearer ${await token()}`
      const Cookie = `coscribe=${await token()}`
      const other = [
        'null',
        '',
        'https://evil.example',
        `${originOf(server)}0`,
        'http://localhost:1',
      ]
      for (const Origin of other) {
        for (const headers of [{ Authorization }, { Cookie }, {}]) {
          const reply = await call(server, route, { Origin, ...headers })
          expectProblem(reply, 403, 'foreign-origin')
          expect(reply.headers['access-control-allow-origin']).toBeUndefined()
          expect(reply.headers['access-control-allow-credentials']).toBeUndefined()
          expect(reply.headers['vary']).toBe('Origin')
        }
      }
    })

    if (route.method !== 'GET') {
      it('[A53] changes nothing for a cookie without the Origin of a page', async () => {
        const server = await startGuardedServer({ urlCredentials: 'tickets' })
        const reply = await call(server, route, { Cookie: `coscribe=${await token()}` })
        expectProblem(reply, 403, 'foreign-origin')
      })
    }

    if (typeof route.access === 'object') {
      it('[A50] is not for those without a right to the document', async () => {
        const server = await startGuardedServer({ urlCredentials: 'tickets' })
        const credential = await tokenFor('eve', { other: 'admin', [DOCUMENT]: 'none' })
        const reply = await call(server, route, { Authorization: `Bearer ${credential}` })
        expectProblem(reply, 403, 'forbidden')
        expect(server.loaded).toEqual([])
      })
    }

    it('[A50] does nothing where nobody is asked who they are', async () => {
      const { url } = await startTestServer()
      const port = Number(new URL(url).port)
      const reply = await call({ port } as GuardedServer, route, { Authorization: 'Bearer x' })
      if ('withoutAuthentication' in route && route.withoutAuthentication)
        expect(reply.status).not.toBe(401)
      else if (route.access !== 'anybody' || reply.status !== 204) {
        expectProblem(reply, 401, 'not-authenticated')
      }
    })
  },
)

describe('the API', () => {
  it('[A50] says what is at a path, and what can be done there', async () => {
    const server = await startGuardedServer()
    const headers = { Authorization: `Bearer ${await token()}` }
    for (const path of ['/api/', '/api/v1', '/api/v1/', '/api/v2/session', '/api/v1/session/x']) {
      expectProblem(await ask(server, 'GET', path, { headers }), 404, 'not-found')
    }
    const wrong = await ask(server, 'PUT', '/api/v1/session', { headers, body: {} })
    expectProblem(wrong, 405, 'method-not-allowed')
    expect(wrong.headers['allow']).toBe('POST, GET, DELETE, HEAD, OPTIONS')
    expectProblem(await ask(server, 'TRACE', '/api/v1/tickets'), 405, 'method-not-allowed')
    const options = await ask(server, 'OPTIONS', '/api/v1/tickets')
    expect(options.status).toBe(204)
    expect(options.headers['allow']).toBe('POST, OPTIONS')
    const head = await ask(server, 'HEAD', '/api/v1/session', { headers })
    const get = await ask(server, 'GET', '/api/v1/session?x=y', { headers })
    expect([head.status, head.text]).toEqual([200, ''])
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
    expect(get.headers['cache-control']).toBe('no-store')
  })

  it('[A50, A3] answers a request that is none in the same form', async () => {
    const server = await startGuardedServer()
    const long = await ask(server, 'GET', `/api/v1/session?${'x'.repeat(2_100)}`)
    expectProblem(long, 414, 'bad-request')
    const raw = new RawSocket(server.port)
    const twice = 'Authorization: Bearer a\r\nAuthorization: Bearer b\r\n'
    raw.send(`GET /api/v1/session HTTP/1.1\r\nHost: x\r\n${twice}Connection: close\r\n\r\n`)
    await raw.ended()
    expect(raw.status).toBe(400)
    expect(raw.head).toContain('Content-Type: application/problem+json')
    const { url } = await startTestServer()
    const open = { port: Number(new URL(url).port) }
    const rebound = await ask(open, 'GET', '/api/v1/session', { headers: { Host: 'evil.example' } })
    expectProblem(rebound, 403, 'bad-request')
  })

  it('[A51] lets pages of its own and of named sites read the answers, with cookies', async () => {
    const named = 'https://app.example'
    const server = await startGuardedServer({ allowedOrigins: named })
    const Cookie = `coscribe=${await token()}; __Host-coscribe=${await token()}`
    for (const Origin of [named, originOf(server)]) {
      const reply = await ask(server, 'GET', '/api/v1/session', { headers: { Cookie, Origin } })
      expect(reply.status).toBe(200)
      expect(reply.headers).toMatchObject({
        vary: 'Origin',
        'access-control-allow-origin': Origin,
        'access-control-allow-credentials': 'true',
      })
      const asked = { 'Access-Control-Request-Method': 'POST' }
      const headers = { Origin, ...asked, 'Access-Control-Request-Headers': 'authorization' }
      const preflight = await ask(server, 'OPTIONS', '/api/v1/session', { headers })
      expect(preflight.status).toBe(204)
      expect(preflight.headers).toMatchObject({
        'access-control-allow-origin': Origin,
        'access-control-allow-methods': 'POST, GET, DELETE, HEAD, OPTIONS',
        'access-control-allow-headers': 'authorization, content-type',
      })
    }
    const anonymous = await ask(server, 'GET', '/api/v1/session', { headers: { Origin: named } })
    expect(anonymous.headers['access-control-allow-origin']).toBe(named)
    const headers = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' }
    const foreign = await ask(server, 'OPTIONS', '/api/v1/session', { headers })
    expectProblem(foreign, 403, 'foreign-origin')
    expect(foreign.headers['access-control-allow-methods']).toBeUndefined()
  })
})

describe('a body', () => {
  const json = { 'Content-Type': 'application/json' }

  it.each<[string, { headers?: Headers; body: object | string | Uint8Array }, number, string]>([
    ['that is a form', { headers: { 'Content-Type': 'text/plain' }, body: '{}' }, 415, 'not-json'],
    [
      'in another encoding',
      { headers: { 'Content-Type': 'application/json; charset=utf-16' }, body: '{}' },
      415,
      'not-json',
    ],
    ['that is no JSON', { body: '{"token":' }, 400, 'bad-body'],
    ['that is an array', { body: ['x'] }, 400, 'bad-body'],
    ['that is no UTF-8', { body: Uint8Array.of(0x7b, 0xff, 0x7d) }, 400, 'bad-body'],
    ['that begins with a mark', { body: '\ufeff{}' }, 400, 'bad-body'],
    ['with a field too many', { body: { token: 'x', admin: true } }, 400, 'bad-body'],
    ['with __proto__', { body: '{"__proto__":{"token":"x"}}' }, 400, 'bad-body'],
    ['with one field twice', { body: '{"token":"x","token":"y"}' }, 400, 'bad-body'],
    ['of a wrong type', { body: { token: 5 } }, 400, 'bad-body'],
    ['of 65 KB', { body: { token: 'x'.repeat(65 * 1024) } }, 413, 'too-large'],
  ])('[A58] %s is refused', async (_name, { headers = {}, body }, status, name) => {
    const server = await startGuardedServer()
    const reply = await ask(server, 'POST', '/api/v1/session', {
      headers: { ...json, ...headers },
      body,
    })
    expectProblem(reply, status, name)
  })

  it('[A58] is refused where none belongs, and is not needed where every field may be absent', async () => {
    const server = await startGuardedServer()
    const Authorization = `Bearer ${await token()}`
    const Origin = originOf(server)
    const extra = await ask(server, 'DELETE', '/api/v1/session', { body: {} })
    expectProblem(extra, 400, 'bad-body')
    const bare = await ask(server, 'POST', '/api/v1/session', {
      headers: { Authorization, Origin },
    })
    expect(bare.status).toBe(201)
    const missing = await ask(server, 'POST', '/api/v1/tickets', { headers: { Authorization } })
    expectProblem(missing, 400, 'bad-body')
  })

  it('[A58] is not read from those who may not send it', async () => {
    const server = await startGuardedServer()
    const raw = new RawSocket(server.port)
    const head = 'POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    raw.send(`${head}Content-Length: 20\r\n\r\n`)
    await raw.until('the answer', () => raw.head !== null)
    expect(raw.status).toBe(401)
    await raw.ended()
  })

  it('[A58] without a length is counted as it comes', async () => {
    const server = await startGuardedServer()
    const raw = new RawSocket(server.port)
    const head = 'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    raw.send(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    for (let count = 0; count < 300; count++) raw.send(`400\r\n${'x'.repeat(1_024)}\r\n`)
    await raw.until('the answer', () => raw.head !== null)
    expect(raw.status).toBe(413)
    await raw.ended()
  })

  it('[A58] that drips ends at its deadline', async () => {
    const server = await startGuardedServer({ httpTimeoutMs: 1_000 })
    const raw = new RawSocket(server.port)
    const head = 'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    raw.send(`${head}Content-Length: 60000\r\n\r\n`)
    for (let count = 0; count < 2_000 && !raw.closed; count++) {
      raw.send(' ')
      await pause(10)
    }
    expect(raw.closed).toBe(true)
    expect(raw.status).toBe(408)
  })
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, request as ask, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { brotliDecompressSync, brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { createServer as createCoscribe } from '@coscribe/server'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { readPageFiles } from '../../server/src/http/page-files.js'
import { Page } from '../../server/src/http/page.js'
import { createRouter } from '../../server/src/http/router.js'
import { folderForTest, startTestServer } from '../support/test-server.js'

const rules = { loopbackOnly: true, origins: new Set<string>() }

const files: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><title>Page</title>',
  'assets/main-abc.js': 'export const main = 1'.repeat(20),
  'coscribe-editor.js': 'editor()',
  'service-worker.js': 'worker()',
  'manifest.webmanifest': '{}',
  'icon-192.png': 'icon',
  '.stamp': 'secret',
  '.vite/manifest.json': '{}',
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

let port = 0

beforeEach(async () => {
  const folder = join(folderForTest(), 'page')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const script = join(folder, 'assets/main-abc.js')
  writeFileSync(`${script}.br`, brotliCompressSync(files['assets/main-abc.js'] ?? ''))
  writeFileSync(`${script}.gz`, gzipSync(files['assets/main-abc.js'] ?? ''))
  writeFileSync(join(folder, '..', 'outside.js'), 'outside')
  const table = readPageFiles(folder)
  if (table === null) throw new Error('the page was not found')
  const router = createRouter({
    rules,
    health: { ready: true },
    version: '1',
    page: new Page(table),
  })
  const server = createServer(router).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  port = (server.address() as AddressInfo).port
})

/** The path goes out as it is: no client tidies it up. */
async function get(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const request = ask({ port, path, method, headers, host: '127.0.0.1', agent: false })
  request.end()
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks),
  }
}

describe('the page as it is served', () => {
  it.each(['/', '/d/minutes', '/d/any%20room/name', '/?x=1'])(
    '[E39] the shell is at %s',
    async (path) => {
      const { status, headers, body } = await get(path)
      expect(status).toBe(200)
      expect(body.toString()).toBe(files['index.html'])
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      })
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; ")
      expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${port} wss://127.0.0.1:${port};`)
      expect(policy).toContain("require-trusted-types-for 'script'")
      expect(policy).not.toContain('unsafe')
    },
  )

  it.each(['/d/100%', '/d/%ff', '/d/.hidden', `/d/${'x'.repeat(256)}`])(
    '[E30] %s is no address of a document: the shell is there to say so, and is not kept',
    async (path) => {
      const { status, headers, body } = await get(path, { 'If-None-Match': '*' })
      expect(status).toBe(400)
      expect(body.toString()).toBe(files['index.html'])
      expect(headers['cache-control']).toBe('no-store')
      expect(headers.etag).toBeUndefined()
      expect(headers['content-security-policy']).toContain("script-src 'self'")
    },
  )

  it('[E39] a whole address is as good as a path, and its host counts', async () => {
    const here = `127.0.0.1:${port}`
    const shell = await get(`http://${here}/d/minutes?x=1`, { Host: 'elsewhere.test' })
    expect(shell.status).toBe(200)
    expect(shell.body.toString()).toBe(files['index.html'])
    expect(shell.headers['content-security-policy']).toContain(`ws://${here} `)
    const asset = await get(`HTTP://${here}/assets/main-abc.js`)
    expect(asset.body.toString()).toBe(files['assets/main-abc.js'])
    expect((await get(`http://${here}`)).status).toBe(200)
    expect((await get(`http://${here}?x=1`)).status).toBe(200)
    expect((await get(`http://${here}/assets/../outside.js`)).status).toBe(404)
    expect((await get('http://elsewhere.test/', { Host: here })).status).toBe(403)
    for (const target of [`http://a@${here}/`, `https://${here}/`, 'http:///', '*', 'assets']) {
      expect((await get(target)).status).toBe(400)
    }
  })

  it('[A85] nobody shows it in a frame, and what it has no use for is closed', async () => {
    const { headers } = await get('/d/minutes')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none';")
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    expect(headers['permissions-policy']).toContain('camera=(), display-capture=()')
    expect(headers['permissions-policy']).not.toMatch(/=\([^)]|clipboard/)
  })

  it('[A85] a site may, that is named by an option, and by nothing else', async () => {
    const frameAncestors = 'https://a.example, https://b.example:8443'
    const { url } = await startTestServer({ frameAncestors })
    for (const path of ['/', '/d/minutes', '/d/100%']) {
      const policy = (await fetch(url + path)).headers.get('content-security-policy')
      expect(policy).toContain('frame-ancestors https://a.example https://b.example:8443;')
    }
    const editor = await fetch(`${url}/coscribe-editor.js`)
    expect(editor.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    for (const wrong of [
      '*',
      'a.example',
      'https://a.example/x',
      "'self'",
      'https://a;script-src *',
    ])
      expect(() => createCoscribe({ frameAncestors: wrong })).toThrow('--frame-ancestors takes')
  })

  it('[E39] a Host header adds nothing to the policy but a host', async () => {
    const { headers } = await get('/', { Host: 'x; script-src *; a.localhost' })
    expect(headers['content-security-policy']).toContain("connect-src 'self';")
    expect(headers['content-security-policy']).not.toContain('script-src *')
  })

  it.each([
    '/assets/../outside.js',
    '/assets/%2e%2e/outside.js',
    '/../outside.js',
    '/assets/..%2foutside.js',
    '//assets/main-abc.js',
    '/assets',
    '/assets/',
    '/.stamp',
    '/.vite/manifest.json',
    '/assets/main-abc.js.br',
    '/assets/main-abc.js%00',
    '/constructor',
    '/__proto__',
  ])('[E39] nothing is at %s', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  it('[E39] names with a hash are cached for ever, and the others validated', async () => {
    const asset = await get('/assets/main-abc.js')
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    const shell = await get('/')
    const again = await get('/', { 'If-None-Match': String(shell.headers.etag) })
    expect(again.status).toBe(304)
    expect(again.body.length).toBe(0)
    expect(again.headers['content-security-policy']).toBe(shell.headers['content-security-policy'])
    for (const known of ['*', `W/${shell.headers.etag}`, `"other", W/"x",${shell.headers.etag}`]) {
      expect((await get('/', { 'If-None-Match': known })).status).toBe(304)
    }
    for (const other of ['"other"', '', '"*"', String(shell.headers.etag).slice(1)]) {
      expect((await get('/', { 'If-None-Match': other })).status).toBe(200)
    }
    expect((await get('/nothing', { 'If-None-Match': '*' })).status).toBe(404)
  })

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['', undefined],
    ['identity', undefined],
  ])('[E39] a browser that takes %j gets %s', async (accepted, encoding) => {
    const { headers, body } = await get('/assets/main-abc.js', { 'Accept-Encoding': accepted })
    expect(headers['content-encoding']).toBe(encoding)
    expect(headers.vary).toBe('Accept-Encoding')
    expect(Number(headers['content-length'])).toBe(body.length)
    const plain =
      encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body
    expect(plain.toString()).toBe(files['assets/main-abc.js'])
  })

  it('[E39] only the script for other pages may be loaded from elsewhere', async () => {
    const script = await get('/coscribe-editor.js')
    expect(script.headers['access-control-allow-origin']).toBe('*')
    expect(script.headers['cross-origin-resource-policy']).toBe('cross-origin')
    const asset = await get('/assets/main-abc.js')
    expect(asset.headers['access-control-allow-origin']).toBeUndefined()
    expect(asset.headers['cross-origin-resource-policy']).toBe('same-origin')
    const worker = await get('/service-worker.js')
    expect(worker.headers['content-security-policy']).toContain("connect-src 'self'")
  })

  it('[E142] what installs the page is served as what it is', async () => {
    const manifest = await get('/manifest.webmanifest')
    expect(manifest.headers['content-type']).toBe('application/manifest+json')
    expect((await get('/icon-192.png')).headers['content-type']).toBe('image/png')
    expect((await get('/')).headers['content-security-policy']).toContain("manifest-src 'self'")
  })

  it('[E39] only GET and HEAD, and HEAD without a body', async () => {
    expect((await get('/', {}, 'POST')).status).toBe(405)
    const head = await get('/', {}, 'HEAD')
    expect(head.status).toBe(200)
    expect(head.body.length).toBe(0)
  })

  it('[L6] where no page was built, the status page is at / and the rest is not there', async () => {
    expect(readPageFiles(folderForTest())).toBeNull()
    const router = createRouter({ rules, health: { ready: true }, version: '1', page: null })
    const server = createServer(router).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    port = (server.address() as AddressInfo).port
    expect((await get('/')).body.toString()).toContain('The server is running.')
    expect((await get('/d/minutes')).status).toBe(404)
    expect((await get('/status')).status).toBe(200)
  })
})

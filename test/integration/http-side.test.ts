import { createServer } from '@coscribe/server'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import { RawClient } from '../support/raw-client.js'
import { RawSocket } from '../support/raw-socket.js'
import { folderForTest, startTestServer, STOP_MS } from '../support/test-server.js'
import { textOf, typed } from '../support/typed-text.js'

describe('the http side', () => {
  it('[L6] answers health checks and shows a page that loads nothing', async () => {
    const server = createServer({
      port: 0,
      data: folderForTest(),
      logLevel: 'silent',
      stopTimeoutMs: STOP_MS,
    })
    const { url } = await server.start()
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' })
    const page = await fetch(`${url}/status`)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    const html = await page.text()
    expect(html).toContain(url.replace('http', 'ws'))
    expect(html).not.toMatch(/<script|src=|href=/)
    expect((await fetch(`${url}/nothing`)).status).toBe(404)
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405)
    await server.stop()
    await expect(fetch(`${url}/readyz`)).rejects.toThrow()
  })

  it('[A1] answers loopback names and pages only', async () => {
    const { url } = await startTestServer()
    const port = Number(new URL(url).port)
    const statusFor = async (headers: Record<string, string | null>): Promise<number> => {
      const raw = new RawSocket(port)
      const lines = Object.entries({ Host: 'localhost', ...headers })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')
      raw.send(`GET / HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`)
      await raw.ended()
      return raw.status
    }
    expect(await statusFor({})).toBe(200)
    expect(await statusFor({ Host: 'evil.example' })).toBe(403)
    const upgrade = async (headers: Record<string, string>): Promise<number> => {
      const raw = await RawSocket.upgraded(port, '/doc', headers).catch((error: unknown) =>
        Number(/HTTP\/1\.1 (\d+)/.exec(String(error))?.[1]),
      )
      if (typeof raw === 'number') return raw
      raw.destroy()
      return raw.status
    }
    expect(await upgrade({ Origin: 'http://localhost:5173' })).toBe(101)
    expect(await upgrade({ Origin: 'https://evil.example' })).toBe(403)
    expect(await upgrade({ Origin: 'null' })).toBe(403)
    expect(await upgrade({ Host: 'rebound.example' })).toBe(403)
  })

  it('[A2] refuses to listen for everybody', () => {
    expect(() => createServer({ host: '0.0.0.0' })).toThrow(
      /no authentication: use --host 127\.0\.0\.1/,
    )
  })

  it('[L7] closes everything in time when the store hangs, and says so', async () => {
    class HangingStore extends MemoryStore {
      override append(): Promise<void> {
        return new Promise(() => {})
      }
    }
    const server = createServer({
      port: 0,
      logLevel: 'silent',
      store: new HangingStore(),
      stopTimeoutMs: 1_000,
    })
    const { url } = await server.start()
    const client = await RawClient.joined(url, 'doc', 'coscribe.v1')
    client.edit(typed('never saved'))
    const other = await RawClient.joined(url, 'doc', 'y-websocket')
    await other.until(() => textOf(other) === 'never saved')
    await expect(server.stop()).rejects.toThrow(/could not be written/)
    expect(await other.ended()).toMatchObject({ code: 1012 })
    expect(client.acked).toBe(0)
  })
  it('[L7] says that everything is on disk when only the store does not close', async () => {
    class OpenStore extends MemoryStore {
      override close(): Promise<void> {
        return new Promise(() => {})
      }
    }
    const store = new OpenStore()
    const server = createServer({ port: 0, logLevel: 'silent', store, stopTimeoutMs: 2_000 })
    const { url } = await server.start()
    const client = await RawClient.joined(url, 'doc', 'coscribe.v1')
    client.edit(typed('saved'))
    await client.until(() => client.acked === 1)
    await expect(server.stop()).rejects.toThrow(/every edit is on disk/)
  })
})

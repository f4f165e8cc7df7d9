import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { LevelStore } from '@coscribe/storage'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../support/eventually.js'
import { RawClient } from '../support/raw-client.js'
import { RawSocket } from '../support/raw-socket.js'
import { folderForTest, spawnServer, STOP_MS } from '../support/test-server.js'

const typed = (text: string) => (doc: Y.Doc) => doc.getText('t').insert(0, text)
const bin = fileURLToPath(new URL('../../server/bin/coscribe.mjs', import.meta.url))

async function storedText(path: string, documentId: string): Promise<string> {
  const store = new LevelStore({ path })
  await store.open()
  const stored = await store.load(documentId)
  await store.close()
  const doc = new Y.Doc()
  for (const update of [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]) {
    Y.applyUpdate(doc, update)
  }
  return doc.getText('t').toString()
}

describe('stopping', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '[L4] on %s commits and acknowledges what was received, says when to come back, exits with 0',
    async (signal) => {
      const data = folderForTest()
      // A window that would outlast the test: only the stop commits.
      const server = await spawnServer({ data, commitWindowMs: 1_000, stopTimeoutMs: STOP_MS })
      const own = await RawClient.joined(server.url, 'doc', 'coscribe.v1')
      const stock = await RawClient.joined(server.url, 'doc', 'y-websocket')
      own.edit(typed('first '))
      await own.until(() => own.acked === 1)
      own.edit(typed('last '))
      await stock.until(() => stock.doc.getText('t').length === 11)
      const exit = server.kill(signal)
      expect(await own.ended()).toEqual({ code: 1012, reason: 'restarting' })
      expect(await stock.ended()).toEqual({ code: 1012, reason: 'restarting' })
      expect(await exit).toEqual({ code: 0, signal: null })
      expect(own.acked).toBe(2)
      expect(own.last('going-away')?.delayMs).toBeLessThanOrEqual(10_000)
      expect(await storedText(data, 'doc')).toBe('last first ')
    },
  )

  it('[L4] does not wait for clients that never answer', async () => {
    // A fifth of it is for their goodbye, and as much for closing the store on a busy disk.
    const server = await spawnServer({ data: folderForTest(), stopTimeoutMs: 10_000 })
    const silent = await RawSocket.upgraded(server.port)
    const half = new RawSocket(server.port)
    half.send('GET / HTTP/1.1\r\nHost: local')
    silent.socket.pause()
    const start = performance.now()
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(performance.now() - start).toBeLessThan(30_000)
    silent.destroy()
    half.destroy()
  })

  it('[L4] a second signal ends at once', async () => {
    const server = await spawnServer({ data: folderForTest(), stopTimeoutMs: 600_000 })
    const silent = await RawSocket.upgraded(server.port)
    silent.socket.pause()
    server.process.kill('SIGTERM')
    await eventually('the stop begins', () => server.log().includes('"msg":"stopping"'))
    expect(await server.kill('SIGTERM')).toEqual({ code: 1, signal: null })
    silent.destroy()
  })

  it('[L5] ends with the parent that npm started it under', async () => {
    // A parent that is killed without a word, as npm ends its child's shell.
    const script = `
      const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, [${JSON.stringify(bin)}, 'serve', '--port', '0', '--data', ${JSON.stringify(folderForTest())}], { stdio: ['ignore', 'pipe', 'ignore'] })
      child.stdout.on('data', (text) => process.stdout.write(child.pid + ' ' + text))
    `
    const parent = spawn(process.execPath, ['-e', script], {
      env: { ...process.env, npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const [, pid, url] = /^(\d+) coscribe listening on (\S+)/.exec(line.toString()) ?? []
    onTestFinished(() => killQuietly(Number(pid)))
    const client = await RawClient.joined(url ?? '', 'doc', 'y-websocket')
    parent.kill('SIGKILL')
    expect(await client.ended()).toMatchObject({ code: 1012 })
  })
})

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended: that is what the test is about.
  }
}

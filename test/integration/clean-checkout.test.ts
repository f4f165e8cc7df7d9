import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { scratch } from '../support/scratch.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = await scratch()
const running: ChildProcess[] = []

afterAll(async () => {
  for (const child of running) if (child.exitCode === null) child.kill('SIGKILL')
  await folder.remove()
})

/** A copy of what a clone of this checkout would contain, changes included. */
function cleanCheckout(): string {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root })
  const checkout = join(folder.path, 'checkout')
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    // A file that was removed and not yet committed is still listed.
    if (existsSync(join(root, file))) cpSync(join(root, file), join(checkout, file))
  }
  return checkout
}

/** Runs an npm script in the checkout as a person would, with nothing of this run's environment. */
function npm(checkout: string, ...args: string[]): { child: ChildProcess; output: () => string } {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config)|VITEST|NODE_ENV|COSCRIBE_)/.test(name),
  )
  const child = spawn('npm', args, {
    cwd: checkout,
    env: Object.fromEntries(inherited),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  return { child, output: () => output }
}

it('[L8] npm start and npm test work on a clean checkout, both at once', async () => {
  const checkout = cleanCheckout()
  const data = join(folder.path, 'data')
  const server = npm(checkout, 'start', '--', '--port', '0', '--data', data)
  const tests = npm(checkout, 'test', '--', 'test/shared/ranges.test.ts')
  const serverEnded = once(server.child, 'exit')
  const [code] = (await once(tests.child, 'exit')) as [number | null]
  expect(`exit ${code}: ${tests.output()}`).toMatch(/^exit 0: [^]*\n\d+ passed, 0 failed\n$/)

  const listening = /^coscribe listening on (http:\/\/127\.0\.0\.1:\d+)$/m
  await eventually('the server listens', () => listening.test(server.output()), 120_000)
  const url = listening.exec(server.output())?.[1] ?? ''
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(await (await fetch(url)).text()).toContain('<title>')
  server.child.kill('SIGTERM')
  await serverEnded
  await eventually('the server has stopped', () => server.output().includes('"msg":"stopped"'))
}, 600_000)

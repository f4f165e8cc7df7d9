import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { isLoopbackHostHeader, isLoopbackOrigin } from '../../server/src/transport/loopback.js'
import { errorLog } from '../support/error-log.js'
import {
  bounds,
  CAMPAIGN_TIMEOUT_MS,
  runCampaign,
  type FuzzTarget,
} from '../support/fuzz/campaign.js'
import { bytesOf, injure, injureRaw, type ListField } from '../support/fuzz/fields.js'
import { forgedRequest, forgedUpgrade } from '../support/fuzz/forged-requests.js'
import type { SeededRandom } from '../support/random.js'
import { CLOSE, serverFrames } from '../support/server-frames.js'
import { startTestServer } from '../support/test-server.js'

const HTTP_TIMEOUT_MS = 1_000
/** After the end of its input a connection is closed soon, but machines stand still at times. */
const DEADLINE_MS = 20_000

/** Sends bytes and nothing more, and returns everything that comes until the server closes. */
function exchange(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const received: Buffer[] = []
    const late = setTimeout(() => {
      socket.destroy()
      reject(new Error('the connection was not closed'))
    }, DEADLINE_MS)
    socket.on('data', (data: Buffer) => received.push(data))
    // A server that has said what is wrong need not read the rest.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(late)
      resolve(Buffer.concat(received).toString('latin1'))
    })
    socket.end(bytes)
  })
}

/** What a request may be answered with at all. */
const statuses = new Set([
  0, 100, 101, 200, 204, 304, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 426, 431,
])

/** Checks the answer to these bytes, and returns its status. */
function checked(request: string, answer: string): number {
  const status = Number(/^HTTP\/1\.1 (\d{3}) [\w -]*\r\n/.exec(answer)?.[1] ?? 0)
  expect(answer === '' || status > 0).toBe(true)
  expect(statuses).toContain(status)
  const head = answer.split('\r\n\r\n', 1)[0] ?? ''
  for (const line of head.split('\r\n').slice(1)) expect(line).toMatch(/^[\w-]+: [^\r\n\0]*$/)
  expect(head.toLowerCase()).not.toContain('injected')
  expect(answer).not.toMatch(/node:internal|\n +at .+:\d+:\d+/)
  if (status === 101) expectRightful(request)
  return status
}

/** What the server's last frame says; 0 when it just closed. */
function closeCodeIn(answer: string): number {
  const rest = Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1')
  const close = serverFrames(new Uint8Array(rest)).find(({ opcode }) => opcode === CLOSE)
  return close === undefined ? 0 : Buffer.from(close.payload).readUInt16BE(0)
}

/** A WebSocket is given to a request that says everything once, and comes from this machine. */
function expectRightful(request: string): void {
  const [start = '', ...lines] = (request.split('\r\n\r\n', 1)[0] ?? '').split('\r\n')
  // Node's parser takes several blanks for one.
  expect(start).toMatch(/^GET +\/[^ ]* HTTP\/1\.1$/)
  const values = (name: string): string[] =>
    lines
      .filter((line) => line.toLowerCase().startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim())
  expect(values('upgrade').map((value) => value.toLowerCase())).toEqual(['websocket'])
  expect(values('sec-websocket-version')).toEqual(['13'])
  expect(values('sec-websocket-key')).toEqual([expect.stringMatching(/^[\w+/]{22}==$/)])
  expect(values('host').map(isLoopbackHostHeader)).toEqual([true])
  expect(values('origin').every(isLoopbackOrigin)).toBe(true)
}

function requests(
  name: string,
  forge: (random: SeededRandom) => ListField,
  server: { port: number; errors: readonly string[] },
): FuzzTarget {
  return {
    name,
    // Both ends of a connection, the system between them, and a file of the page that one sends and the other keeps.
    bounds: { ...bounds, cpuMs: 25, memoryBytes: 16 * 1024 * 1024 },

    generate(random) {
      const tree = forge(random)
      const hostility = random.pick([0, 0.5, 0.9])
      if (random.chance(hostility)) injure(random, tree, [forge(random), tree])
      const bytes = bytesOf(tree)
      return [random.chance(hostility / 4) ? injureRaw(random, bytes) : bytes]
    },

    async run([bytes = new Uint8Array()], meter) {
      const answer = await meter.measured(bytes.length, () => exchange(server.port, bytes))
      expect(server.errors).toEqual([])
      const status = checked(Buffer.from(bytes).toString('latin1'), answer)
      if (status === 101) return `101, closed with ${closeCodeIn(answer)}`
      const reason = /\r\n\r\n([\x20-\x7e]{0,60})\n$/.exec(answer)?.[1] ?? ''
      return `${status} ${reason.replaceAll(/\d+/g, 'N')}`.trim()
    },
  }
}

async function watchedServer(): Promise<{
  port: number
  errors: readonly string[]
  open: () => number
}> {
  const { logger, errors } = errorLog()
  const server = await startTestServer({ logger, httpTimeoutMs: HTTP_TIMEOUT_MS })
  return { port: Number(new URL(server.url).port), errors, open: () => server.connections }
}

it.each([
  ['requests', forgedRequest],
  ['upgrades', forgedUpgrade],
] as const)(
  '[A81] %s of any bytes are answered or closed, and only one that is right in all parts becomes a WebSocket',
  async (name, forge) => {
    const server = await watchedServer()
    const report = await runCampaign(requests(name, forge, server))
    expect(report.outcomes).toBeGreaterThan(5)
    await expect.poll(server.open, { timeout: DEADLINE_MS }).toBe(0)
  },
  CAMPAIGN_TIMEOUT_MS,
)

import { readFileSync } from 'node:fs'
import { encodeClientFrame, PROTOCOL_VERSION, systemClock, type Clock } from '@coscribe/shared'
import type { ServerSetup } from '@coscribe/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { count } from '../support/count.js'
import { numbersOf } from '../support/elsewhere.js'
import { item, section, text, update, type DeleteRange } from '../support/forge.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { stateHash } from '../support/replica-state.js'
import { folderForTest, startTestServer } from '../support/test-server.js'

const ID = 'busy'
const MiB = 1024 * 1024
const UPDATE_BYTES = 60 * 1024
const BEFORE = 50
const WINDOW = 32
const AUTHOR = 4_242

/** What two sockets of this machine's may hold between them, in bytes; it differs from kernel to kernel. */
const KERNEL_BYTES = kernelBytes()
/** As many updates as it takes that so much passes which no kernel took for somebody who does not read. */
const updatesPast = (bytes: number): number => Math.ceil((KERNEL_BYTES + bytes) / UPDATE_BYTES)
const UPDATES = Math.max(
  updatesPast(16 * MiB),
  Math.ceil((count('COSCRIBE_SLOW_MEGABYTES', 1) * MiB) / UPDATE_BYTES),
)
/** What one who does not read may cost. */
const SHARE_BYTES = 2 * MiB

function kernelBytes(): number {
  return mostOf('tcp_rmem') + mostOf('tcp_wmem')
}

function mostOf(setting: string): number {
  const [most] = readFileSync(`/proc/sys/net/ipv4/${setting}`, 'utf8').trim().split(/\s+/).slice(-1)
  return Number(most)
}

/** Replaces the whole text again and again: much passes through the room, and little of it stays. */
function replacement(index: number): Uint8Array {
  const clock = index * UPDATE_BYTES
  const content = String.fromCharCode(97 + (index % 26)).repeat(UPDATE_BYTES)
  const deletes: DeleteRange[] = index === 0 ? [] : [[AUTHOR, clock - UPDATE_BYTES, UPDATE_BYTES]]
  return update([section(AUTHOR, clock, [item(text(content), {})])], deletes)
}

/** Writes updates number `from` to before `to`, as fast as the server acknowledges. */
async function pour(author: RawClient, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    author.say({ type: 'update', update: replacement(i) })
    if (i >= WINDOW) await author.until(() => author.acked > i - WINDOW)
  }
  await author.until(() => author.acked >= to)
  expect(author.ending).toBeNull()
}

/** What the server holds for all connections together that they have not read. */
async function unsentBytes(url: string): Promise<number> {
  return (await numbersOf(url)).get('coscribe_unsent_bytes') ?? Infinity
}

/** Who reads nothing for half a minute is gone; in that, a busy machine does not let this much pass. */
const patientClock: Clock = { ...systemClock, now: () => systemClock.now() / 20 }

async function urlOf(setup: ServerSetup = {}): Promise<string> {
  return (await startTestServer({ data: folderForTest(), clock: patientClock, ...setup })).url
}

interface Passed {
  readonly slow: readonly RawClient[]
  /** The most that the server held for all that was unread, looked at a hundred times. */
  readonly peakBytes: number
}

/** The stream passes one who reads and two who have stopped reading, who read on when it is over. */
async function pass(url: string, updates: number): Promise<Passed> {
  const author = new RawClient(url, ID, 'coscribe.v1')
  await author.open()
  const fast = await RawClient.joined(url, ID, 'coscribe.v1')
  await pour(author, 0, BEFORE)
  const slow = await Promise.all(dialects.map((dialect) => RawClient.joined(url, ID, dialect)))
  onTestFinished(() => [author, fast, ...slow].forEach((client) => client.close()))
  for (const { socket } of slow) socket.pause()
  let peakBytes = 0
  const step = Math.ceil(updates / 100)
  for (let from = BEFORE; from < BEFORE + updates; from += step) {
    await pour(author, from, Math.min(from + step, BEFORE + updates))
    peakBytes = Math.max(peakBytes, await unsentBytes(url))
  }
  for (const { socket } of slow) socket.resume()
  await fast.sync()
  expect(fast.doc.getText('content').length).toBe(UPDATE_BYTES)
  for (const reader of slow) {
    await reader.sync()
    expect(reader.ending).toBeNull()
    expect(stateHash(reader.doc)).toBe(stateHash(fast.doc))
  }
  return { slow, peakBytes }
}

describe('somebody who stops reading while much more passes than the kernel takes', () => {
  it('[B2] costs a place in the log, and ends equal when they read on, in both dialects', async () => {
    const { slow, peakBytes } = await pass(await urlOf(), UPDATES)
    console.log(`${UPDATES * UPDATE_BYTES} bytes passed, at most ${peakBytes} held for two`)
    expect(peakBytes).toBeLessThan(slow.length * SHARE_BYTES)
    // What the kernel had taken for them, and the state as it is now: the rest of what passed was never theirs.
    for (const reader of slow) {
      expect(receivedBytes(reader)).toBeLessThan(KERNEL_BYTES + 8 * MiB)
    }
  })

  it('[B2] control: without the bound the server keeps everything for them', async () => {
    const url = await urlOf({ lagBytes: 256 * MiB, unsentBytes: 256 * MiB })
    const updates = updatesPast(8 * MiB)
    const { slow, peakBytes } = await pass(url, updates)
    expect(peakBytes).toBeGreaterThan(slow.length * SHARE_BYTES)
    for (const reader of slow) {
      expect(receivedBytes(reader)).toBeGreaterThan(updates * UPDATE_BYTES)
    }
  })
})

it('[B2] documents of one connection take turns: a small one does not wait for the end of a large one', async () => {
  const server = await startTestServer()
  const author = await RawClient.joined(server.url, 'large', 'coscribe.v1')
  const pieces = 200
  for (let i = 0; i < pieces; i++) {
    const letter = item(text('x'.repeat(UPDATE_BYTES)), {})
    author.say({ type: 'update', update: update([section(AUTHOR + i, 0, [letter])]) })
  }
  await author.until(() => author.acked >= pieces)
  const reader = new RawClient(server.url, 'large', 'coscribe.v1')
  onTestFinished(() => [author, reader].forEach((client) => client.close()))
  await reader.open()
  const [small, open] = [2, { version: PROTOCOL_VERSION, documentId: 'small', secret: '' }]
  const request = { ...open, type: 'open', historyId: '', resume: null } as const
  reader.sendFrame(encodeClientFrame(small, request))
  await reader.until(() => reader.count('hello') === 2)
  const stateVector = Uint8Array.of(0)
  reader.say({ type: 'sync-step-1', stateVector })
  reader.sendFrame(encodeClientFrame(small, { type: 'sync-step-1', stateVector }))
  await reader.until(() => reader.count('sync-step-2') === 2)
  const ends = reader.frames.filter((frame) => isStep2(frame)).map(([channel]) => channel)
  expect(ends).toEqual([small, 1])
})

/** Whether a frame, behind its channel, is a step 2. */
function isStep2([, sync, step]: Uint8Array): boolean {
  return sync === 0 && step === 1
}

function receivedBytes(client: RawClient): number {
  return client.frames.reduce((sum, frame) => sum + frame.length, 0)
}

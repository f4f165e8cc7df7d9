import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryOf } from '../support/child-memory.js'
import { eventually } from '../support/eventually.js'
import { item, section, text, update, type DeleteRange } from '../support/forge.js'
import { dialects, RawClient } from '../support/raw-client.js'
import { stateHash } from '../support/replica-state.js'
import { folderForTest, spawnServer, type ServerProcess } from '../support/test-server.js'

const ID = 'busy'
const MiB = 1024 * 1024
const UPDATE_BYTES = 60 * 1024
const UPDATES = 1_000
const WARM_UP = 500
const WINDOW = 32
const DEADLINE_MS = 45_000
const AUTHOR = 4_242

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

interface Outcome {
  /** One for each dialect. */
  readonly slow: readonly RawClient[]
  readonly fast: RawClient
  /** Bytes of memory the server needed at its peak above what the same stream needs without slow readers. */
  readonly grown: number
}

/**
 * The stream passes one who reads and two who have stopped reading; these read again when the log says that as many
 * were given up, or not at all.
 */
async function pass(
  server: ServerProcess,
  updates: number,
  givenUp: ((log: string) => number) | null,
): Promise<Outcome> {
  const author = new RawClient(server.url, ID, 'coscribe.v1')
  await author.open()
  const fast = await RawClient.joined(server.url, ID, 'coscribe.v1')
  const pid = server.process.pid ?? 0
  await pour(author, 0, WARM_UP)
  const usual = memoryOf(pid).peak
  const slow = await Promise.all(
    dialects.map((dialect) => RawClient.joined(server.url, ID, dialect)),
  )
  onTestFinished(() => [author, fast, ...slow].forEach((client) => client.close()))
  for (const { socket } of slow) socket.pause()
  const poured = pour(author, WARM_UP, WARM_UP + updates)
  if (givenUp !== null) {
    // Whoever does not read their closing frame either is cut off after a while, without a code.
    await eventually('given up', () => givenUp(server.log()) === slow.length, DEADLINE_MS)
    for (const { socket } of slow) socket.resume()
  }
  await poured
  const grown = memoryOf(pid).peak - usual
  await fast.sync()
  expect(fast.doc.getText('content').length).toBe(UPDATE_BYTES)
  return { slow, fast, grown }
}

describe('somebody who stops reading while 60 MB pass', () => {
  it('[B2] is closed with 1013 and resyncs; the others go on, in both dialects', async () => {
    const server = await spawnServer({ data: folderForTest(), logLevel: 'debug' })
    const { slow, fast, grown } = await pass(server, UPDATES, closings)
    // The bound is 8 MiB each, and 60 each would show; the rest is the noise of two garbage collectors.
    expect(grown).toBeLessThan(50 * MiB)
    for (const reader of slow) {
      expect((await reader.ended()).code).toBe(1013)
      expect(receivedBytes(reader)).toBeLessThan(30 * MiB)
      const again = await RawClient.joined(server.url, ID, reader.dialect)
      expect(stateHash(again.doc)).toBe(stateHash(fast.doc))
      again.close()
    }
  })

  it('[B2] control: without the bound the server keeps everything for them', async () => {
    const server = await spawnServer({ data: folderForTest(), unsentBytes: 1024 * MiB })
    const updates = UPDATES / 2
    const { slow } = await pass(server, updates, null)
    for (const reader of slow) {
      reader.socket.resume()
      await reader.sync()
      expect(reader.ending).toBeNull()
      expect(receivedBytes(reader)).toBeGreaterThan(updates * UPDATE_BYTES)
    }
  })
})

/** Connections closed for reading too slowly. */
function closings(log: string): number {
  return log.split('reads too slowly').length - 1
}

function receivedBytes(client: RawClient): number {
  return client.frames.reduce((sum, frame) => sum + frame.length, 0)
}

import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryOf } from '../support/child-memory.js'
import { item, section, text, update, type DeleteRange } from '../support/forge.js'
import { dialects, RawClient, type DialectName } from '../support/raw-client.js'
import { stateHash } from '../support/replica-state.js'
import { folderForTest, spawnServer, type ServerProcess } from '../support/test-server.js'

const ID = 'busy'
const MiB = 1024 * 1024
const UPDATE_BYTES = 60 * 1024
const UPDATES = 1_000
const WARM_UP = 700
const WINDOW = 32
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
  readonly slow: RawClient
  readonly fast: RawClient
  /** Bytes of memory the server needed at its peak above what the same stream needs without a slow reader. */
  readonly grown: number
}

/** The stream passes one who reads and one who has stopped reading. */
async function pass(server: ServerProcess, dialect: DialectName): Promise<Outcome> {
  const author = new RawClient(server.url, ID, 'coscribe.v1')
  await author.open()
  const fast = await RawClient.joined(server.url, ID, 'coscribe.v1')
  const pid = server.process.pid ?? 0
  await pour(author, 0, WARM_UP)
  const usual = memoryOf(pid).peak
  const slow = await RawClient.joined(server.url, ID, dialect)
  onTestFinished(() => [author, fast, slow].forEach((client) => client.close()))
  slow.socket.pause()
  await pour(author, WARM_UP, WARM_UP + UPDATES)
  const grown = memoryOf(pid).peak - usual
  await fast.sync()
  expect(fast.doc.getText('content').length).toBe(UPDATE_BYTES)
  return { slow, fast, grown }
}

describe('somebody who stops reading while 60 MB pass', () => {
  it.each(dialects)(
    '[B2] is closed with 1013 and resyncs; the others go on, in %s',
    async (dialect) => {
      const server = await spawnServer({ data: folderForTest() })
      const { slow, fast, grown } = await pass(server, dialect)
      console.log('grown', grown / MiB)
      slow.socket.resume()
      expect((await slow.ended()).code).toBe(1013)
      const received = slow.frames.reduce((sum, frame) => sum + frame.length, 0)
      expect(received).toBeLessThan(30 * MiB)
      const again = await RawClient.joined(server.url, ID, dialect)
      expect(stateHash(again.doc)).toBe(stateHash(fast.doc))
      again.close()
    },
  )

  it('[B2] control: without the bound the server keeps everything for them', async () => {
    const server = await spawnServer({ data: folderForTest(), unsentBytes: 1024 * MiB })
    const { slow } = await pass(server, 'y-websocket')
    slow.socket.resume()
    await slow.sync()
    expect(slow.ending).toBeNull()
    expect(receivedBytes(slow)).toBeGreaterThan(UPDATES * UPDATE_BYTES)
  })
})

function receivedBytes(client: RawClient): number {
  return client.frames.reduce((sum, frame) => sum + frame.length, 0)
}

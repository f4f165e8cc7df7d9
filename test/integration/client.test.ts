import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { connect, type ConnectOptions, type Room } from '@coscribe/client'
import { decodeServerFrame, systemClock, type Clock, type ServerMessage } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import * as Y from 'yjs'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { docCondition } from '../support/clients.js'
import { eventually } from '../support/eventually.js'
import { FaultyStore } from '../support/faulty-store.js'
import { SeededRandom } from '../support/random.js'
import { RestartableServer } from '../support/restartable-server.js'
import { TcpProxy } from '../support/tcp-proxy.js'
import { folderForTest, spawnServer, startTestServer } from '../support/test-server.js'

const DEADLINE = { timeout: 60_000 }

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Comes back at once: tests of the delays themselves use a virtual clock. */
class Hurried extends SeededRandom {
  override fraction(): number {
    return 0.01
  }
}

/** Twenty seconds pass in one. */
const fastClock: Clock = {
  ...systemClock,
  now: () => systemClock.now() * 20,
  after: (delayMs, callback) => systemClock.after(delayMs / 20, callback),
}

function join(url: string, doc: string, options: Partial<ConnectOptions> = {}): Room {
  const room = connect({ url, doc, WebSocket, random: new Hurried(1), ...options })
  cleanups.push(() => room.destroy())
  return room
}

/** Every value `save` had, from now on. */
function saves(room: Room): string[] {
  const seen = [room.status.save as string]
  room.on('save', (save) => seen.push(save))
  return seen
}

function textOf(room: Room): string {
  return room.text('content').toString()
}

function append(room: Room, text: string): void {
  room.text('content').insert(room.text('content').length, text)
}

async function shows(room: Room, text: string): Promise<void> {
  await docCondition(room.ydoc, () => textOf(room) === text)
}

async function inStatus(room: Room, what: Partial<Room['status']>): Promise<void> {
  const matches = () =>
    Object.entries(what).every(([key, value]) => room.status[key as 'save'] === value)
  await eventually(`status ${JSON.stringify(what)}`, matches, DEADLINE.timeout)
}

/** A WebSocket class that notes what the server says. */
function listening(heard: ServerMessage[]): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      this.on('message', (data: ArrayBuffer) => {
        const frame = decodeServerFrame(new Uint8Array(data))
        if (frame.type === 'frame') heard.push(frame.message)
      })
    }
  } as unknown as typeof WebSocket
}

describe('the client with a real server', () => {
  it('[K1] two people write one document, see each other, and both are saved', async () => {
    const { url } = await startTestServer()
    const [ada, bob] = [
      join(url, 'plan', { user: { name: 'Ada' } }),
      join(url, 'plan', { user: { name: 'Bob' } }),
    ]
    await Promise.all([ada.whenReady(DEADLINE), bob.whenReady(DEADLINE)])
    expect(ada.status).toMatchObject({ connection: 'connected', save: 'saved', access: 'write' })
    append(ada, 'hello ')
    expect(ada.status.save).toBe('saving')
    await shows(bob, 'hello ')
    append(bob, 'there')
    await shows(ada, 'hello there')
    await Promise.all([ada.whenSaved(DEADLINE), bob.whenSaved(DEADLINE)])
    await inStatus(ada, { save: 'saved', error: null })
    await eventually('Ada sees Bob', () => ada.presence.others[0]?.state['name'] === 'Bob')
    bob.presence.set({ cursor: 3 })
    await eventually('the cursor', () => ada.presence.others[0]?.state['cursor'] === 3)
    bob.destroy()
    await eventually('Bob is gone', () => ada.presence.others.length === 0)
  })

  it('[K2] offline edits come up, and the others had theirs meanwhile', async () => {
    const { url } = await startTestServer()
    const [ada, bob] = [join(url, 'plan'), join(url, 'plan')]
    await Promise.all([ada.whenReady(DEADLINE), bob.whenReady(DEADLINE)])
    append(ada, 'A')
    await shows(bob, 'A')
    ada.disconnect()
    append(ada, ' offline')
    expect(ada.status).toMatchObject({ connection: 'offline', save: 'unsaved' })
    bob.text('content').insert(0, 'online ')
    await bob.whenSaved(DEADLINE)
    ada.connect()
    await ada.whenSaved(DEADLINE)
    await shows(ada, 'online A offline')
    await shows(bob, 'online A offline')
  })

  it('[K1] is never saved while the disk hangs, though everybody has the text; then it is', async () => {
    const store = new FaultyStore(new MemoryStore())
    const server = await startTestServer({ store })
    cleanups.push(() => store.heal())
    const proxy = await TcpProxy.open(Number(new URL(server.url).port))
    cleanups.push(() => proxy.close())
    const ada = join(`ws://127.0.0.1:${proxy.port}`, 'plan')
    const bob = join(server.url, 'plan')
    await Promise.all([ada.whenReady(DEADLINE), bob.whenReady(DEADLINE)])
    const seen = saves(ada)
    store.hang()
    append(ada, 'text')
    await shows(bob, 'text')
    // Reconnecting, when all sides have everything, must not be taken for being saved either.
    proxy.cut()
    await inStatus(ada, { connection: 'connected', save: 'saving' })
    expect(seen.slice(1)).not.toContain('saved')
    expect(ada.status.pending.updates).toBeGreaterThan(0)
    store.heal()
    await ada.whenSaved(DEADLINE)
    await inStatus(ada, { save: 'saved' })
    // Control: the same look at the same list sees "saved" when it is there.
    expect(seen.slice(1)).toContain('saved')
  })

  it('[K1] a server that dies before the ack never had it saved; the next one gets it again', async () => {
    const data = folderForTest()
    // A window that leaves time to die in.
    const killed = await spawnServer({ data, commitWindowMs: 1_000 })
    const bob = join(killed.url, 'plan')
    await bob.whenReady(DEADLINE)
    const seen = saves(bob)
    append(bob, 'unacknowledged')
    await inStatus(bob, { save: 'saving' })
    await killed.kill('SIGKILL')
    await inStatus(bob, { save: 'unsaved' })
    expect(seen.slice(1)).not.toContain('saved')
    expect(bob.status.pending.updates).toBe(1)
    await spawnServer({ data, port: killed.port })
    await bob.whenSaved(DEADLINE)
    await shows(join(killed.url, 'plan'), 'unacknowledged')
  })

  it('[K9] a full disk is said, and heals by itself', async () => {
    const store = new FaultyStore(new MemoryStore())
    const server = await startTestServer({ store })
    cleanups.push(() => store.heal())
    const ada = join(server.url, 'plan', { clock: fastClock })
    await ada.whenReady()
    store.fail()
    append(ada, 'while full')
    // By this clock half a second in which the machine did something else is ten: then it connects again.
    await inStatus(ada, { connection: 'connected', save: 'unsaved' })
    expect(ada.status.error).toMatchObject({ retryable: true })
    append(ada, ', and more')
    store.heal()
    await ada.whenSaved()
    await inStatus(ada, { save: 'saved', error: null })
    const reader = join(server.url, 'plan')
    await shows(reader, 'while full, and more')
  })

  it('[K3] a restart: told to go away, comes back, and everything is there exactly once', async () => {
    const server = await RestartableServer.started()
    cleanups.push(() => server.remove())
    const heard: ServerMessage[] = []
    const [ada, bob] = [
      join(server.url, 'plan', { WebSocket: listening(heard) }),
      join(server.url, 'plan'),
    ]
    await Promise.all([ada.whenReady(DEADLINE), bob.whenReady(DEADLINE)])
    append(ada, 'before ')
    await ada.whenSaved(DEADLINE)
    await server.stop()
    await inStatus(ada, { connection: 'reconnecting', error: null })
    expect(heard.some((message) => message.type === 'going-away')).toBe(true)
    append(ada, 'while away ')
    await server.start()
    await ada.whenSaved(DEADLINE)
    await shows(bob, 'before while away ')
    await server.stop()
    const stored = await server.storedDoc('plan')
    expect(stored.getText('content').toString()).toBe('before while away ')
  })

  it('[K5] a short drop resumes by number: the server sends the tail and nothing else', async () => {
    const { url } = await startTestServer()
    const proxy = await TcpProxy.open(Number(new URL(url).port))
    cleanups.push(() => proxy.close())
    const heard: ServerMessage[] = []
    const ada = join(`ws://127.0.0.1:${proxy.port}`, 'plan', { WebSocket: listening(heard) })
    const bob = join(url, 'plan')
    await Promise.all([ada.whenReady(DEADLINE), bob.whenReady(DEADLINE)])
    append(bob, 'x'.repeat(10_000))
    await shows(ada, textOf(bob))
    await eventually('a resume point', () =>
      heard.some((message) => message.type === 'resume-point' && message.seq > 0),
    )
    const before = heard.length
    ada.disconnect()
    append(bob, 'tail')
    await bob.whenSaved(DEADLINE)
    ada.connect()
    await shows(ada, textOf(bob))
    const again = heard.slice(before)
    expect(again.find((message) => message.type === 'hello')).toMatchObject({ resumed: true })
    const bytes = again.flatMap((m) =>
      m.type === 'update' || m.type === 'sync-step-2' ? [m.update.length] : [],
    )
    expect(bytes.reduce((sum, length) => sum + length, 0)).toBeLessThan(200)
  })

  it('[K7] more than a message takes is saved and arrives whole', async () => {
    const { url } = await startTestServer()
    const ada = join(url, 'book')
    await ada.whenReady(DEADLINE)
    append(ada, '🦊 and '.repeat(900_000))
    await ada.whenSaved(DEADLINE)
    const bob = join(url, 'book')
    await shows(bob, textOf(ada))
  })

  it('[K2] several rooms over one server keep apart', async () => {
    const { url } = await startTestServer()
    const rooms = ['one', 'two', 'a/b c%', 'ärger'].map((doc) => join(url, doc))
    for (const room of rooms) append(room, room.documentId)
    await Promise.all(rooms.map((room) => room.whenSaved(DEADLINE)))
    for (const room of rooms) {
      const reader = join(url, room.documentId)
      await shows(reader, room.documentId)
    }
  })

  it('[K2] two replicas that never met merge what they brought along', async () => {
    const { url } = await startTestServer()
    const brought = new Y.Doc()
    brought.getText('content').insert(0, 'brought')
    const ada = join(url, 'plan', { ydoc: brought })
    expect(ada.status.save).toBe('unsaved')
    await ada.whenSaved(DEADLINE)
    await shows(join(url, 'plan'), 'brought')
  })

  it('[K12] destroy lets the process end, with a server that answers and with one that is gone', async () => {
    const { url } = await startTestServer()
    const script = `
      import { connect } from '@coscribe/client'
      import { WebSocket } from 'ws'
      const room = connect({ url: ${JSON.stringify(url)}, doc: 'plan', WebSocket })
      const nobody = connect({ url: 'ws://127.0.0.1:9', doc: 'plan', WebSocket })
      room.text('content').insert(0, 'from a script')
      await room.whenSaved({ timeout: 60_000 })
      nobody.destroy()
      room.destroy()
    `
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    cleanups.push(() => child.kill('SIGKILL'))
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(errors).toBe('')
    expect(code).toBe(0)
    await shows(join(url, 'plan'), 'from a script')
  })
})

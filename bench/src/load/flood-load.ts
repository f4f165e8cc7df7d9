import { connect, type Socket } from 'node:net'
import { clientFrame } from './client-frames.js'
import { insertUpdate, pushedRun } from './edits.js'
import { PRESENCE, STEP_1, SYNC, UPDATE } from './dialects.js'
import { upgradeRequest } from './raw-socket.js'
import { pushString, pushVarUint } from './wire.js'

/** What somebody does as fast as it is taken. */
export const floodKinds = [
  'updates',
  'bytes',
  'messages',
  'step 1s',
  'presence',
  'pings',
  'tiny pieces',
  'documents',
  'connections',
  'half handshakes',
] as const

export type FloodKind = (typeof floodKinds)[number]

export interface FloodPlan {
  readonly port: number
  readonly kind: FloodKind
  readonly documentId: string
  /** Of the one user that the flood is from. */
  readonly headers: Readonly<Record<string, string>>
}

export interface FloodReport {
  /** Fraction of a core that flooding took. */
  readonly cores: number
  readonly connections: number
}

/** Connections at the same time. */
const LINES = 10
const WAVE = 50
const AHEAD_BYTES = 256 * 1024
const LOOK_MS = 2
/** Writes to one socket before it is the next one's turn. */
const WRITES = 8
const QUERY_PRESENCE = 3
const PING = 9
const CLIENT = 0x5000_0000

/** One user who floods a server. */
export class FloodLoad {
  readonly #plan: FloodPlan
  readonly #sockets = new Set<Socket>()
  readonly #repeated: Buffer
  #timer: NodeJS.Timeout | null = null
  #connections = 0
  #next = 0
  #cpu = process.cpuUsage()
  #startedAt = 0

  constructor(plan: FloodPlan) {
    this.#plan = plan
    this.#repeated = repeatedOf(plan.kind)
  }

  start(): void {
    this.#cpu = process.cpuUsage()
    this.#startedAt = performance.now()
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  stop(): FloodReport {
    if (this.#timer !== null) clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.destroy()
    const { user, system } = process.cpuUsage(this.#cpu)
    const cores = (user + system) / 1_000 / (performance.now() - this.#startedAt)
    return { cores, connections: this.#connections }
  }

  #look(): void {
    const { kind } = this.#plan
    const many = kind === 'connections' || kind === 'half handshakes'
    while (this.#sockets.size < (many ? WAVE : LINES)) this.#open(kind)
    if (many) return
    for (const socket of this.#sockets) {
      // A sink may take it as fast as it is made.
      for (let i = 0; i < WRITES && socket.writable; i++) {
        if (socket.writableLength >= AHEAD_BYTES) break
        socket.write(kind === 'documents' ? this.#documents() : this.#repeated)
      }
    }
  }

  #open(kind: FloodKind): void {
    const { port, documentId, headers } = this.#plan
    const own = kind === 'documents'
    const path = own ? '/' : `/${encodeURIComponent(documentId)}`
    const request = upgradeRequest(port, path, own ? 'coscribe.v1' : null, headers)
    const socket = connect({ port, host: '127.0.0.1' })
    this.#connections++
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.write(kind === 'half handshakes' ? request.slice(0, -2) : request)
    // Gone as soon as it is let in, and the next comes.
    if (kind === 'connections') socket.once('data', () => socket.destroy())
    else socket.resume()
  }

  /** A new document is opened and left, again and again. */
  #documents(): Buffer {
    const frames = Array.from({ length: 100 }, () => {
      const open = [1, 80, 1]
      pushString(open, `flood ${this.#next++}`)
      open.push(0, 0, 0)
      return Buffer.concat([clientFrame(Uint8Array.from(open)), clientFrame(Uint8Array.of(1, 82))])
    })
    return Buffer.concat(frames)
  }
}

function repeatedOf(kind: FloodKind): Buffer {
  switch (kind) {
    case 'updates':
      return Buffer.concat(series(2_000, (i) => update(insertUpdate(CLIENT, i))))
    case 'bytes':
      return update(pushedRun(CLIENT, 0, 1_000_000))
    case 'step 1s':
      return Buffer.concat(series(2_000, () => clientFrame(Uint8Array.of(SYNC, STEP_1, 1, 0))))
    case 'presence':
      return Buffer.concat(series(2_000, presence))
    case 'pings':
      return Buffer.concat(series(5_000, () => clientFrame(new Uint8Array(0), PING)))
    case 'tiny pieces':
      return pieces()
    default:
      return Buffer.concat(series(2_000, () => clientFrame(Uint8Array.of(QUERY_PRESENCE))))
  }
}

function series(length: number, make: (index: number) => Buffer): Buffer[] {
  return Array.from({ length }, (_, index) => make(index))
}

function update(content: Uint8Array): Buffer {
  const head: number[] = [SYNC, UPDATE]
  pushVarUint(head, content.length)
  return clientFrame(Buffer.concat([Uint8Array.from(head), content]))
}

function presence(clock: number): Buffer {
  const content: number[] = [1]
  pushVarUint(content, CLIENT)
  pushVarUint(content, clock)
  pushString(content, `{"n":${clock}}`)
  return clientFrame(Uint8Array.from([PRESENCE, content.length, ...content]))
}

/** A message of a type that means nothing to anybody, byte by byte. */
function pieces(): Buffer {
  const first = clientFrame(Uint8Array.of(99))
  first[0] = 2
  const more = clientFrame(Uint8Array.of(0), 0)
  const last = Buffer.from(more)
  more[0] = 0
  return Buffer.concat([first, ...series(3_000, () => more), last])
}

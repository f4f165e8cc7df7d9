import {
  decodeServerFrame,
  decodeStockReply,
  defaultLimits,
  encodeClientFrame,
  PROTOCOL_VERSION,
  walkUpdate,
  UpdateScan,
  type Access,
  type Clock,
  type ServerMessage,
} from '@coscribe/shared'
import type { Authenticator } from '@coscribe/server'
import { Metrics } from '../../../server/src/metrics/metrics.js'
import type { Logger } from '../../../server/src/log.js'
import { decodePresence } from '../../../server/src/rooms/presence-codec.js'
import type { Room } from '../../../server/src/rooms/room.js'
import { Admission } from '../../../server/src/transport/admission.js'
import { Connection, type ConnectionContext } from '../../../server/src/transport/connection.js'
import { CoscribeDialect } from '../../../server/src/transport/coscribe-dialect.js'
import type { Entry } from '../../../server/src/transport/entry.js'
import { FlushTurn } from '../../../server/src/transport/flush-turn.js'
import { Gate } from '../../../server/src/transport/gate.js'
import { Heartbeat } from '../../../server/src/transport/heartbeat.js'
import { InboundBudget } from '../../../server/src/transport/inbound-budget.js'
import { RoomDoor } from '../../../server/src/transport/room-door.js'
import { StockDialect } from '../../../server/src/transport/stock-dialect.js'
import { UnsentBudget } from '../../../server/src/transport/unsent-budget.js'
import { errorLog, type ErrorLog } from '../error-log.js'
import type { DialectName } from '../raw-client.js'
import { RoomWorld } from '../room-world.js'
import { HostileLine, NEIGHBOUR } from './hostile-line.js'
import { TARGET_DOCUMENT } from './forged-messages.js'

const MiB = 1024 * 1024
const scan = new UpdateScan()

/** What somebody may do; `null` is of a server that lets everybody in. */
export type HostileRole = null | 'write' | 'read' | 'comment' | 'none' | 'expiring'

const accesses = new Set<string>(['read', 'comment', 'write'])

/** How long the credential `expiring` lasts, which is one to write. */
export const EXPIRES_MS = 500

/** Takes the name of an access for a credential that grants it. */
function authenticatorOf(clock: Clock): Authenticator {
  return {
    authenticate: (credential) => {
      const expires = credential === 'expiring'
      if (!expires && !accesses.has(credential)) {
        return Promise.resolve({ fault: 'no such credential' })
      }
      const access = expires ? 'write' : (credential as Access)
      const grants = { documents: new Map([[TARGET_DOCUMENT, access]]), prefixes: new Map() }
      const expiresAt = expires ? clock.wallTime() + EXPIRES_MS : Infinity
      return Promise.resolve({ subject: 'eve', tokenId: '', expiresAt, grants })
    },
  }
}

/**
 * The real way of a message, from a connection to the disk, without sockets and in a time of its own; and somebody who
 * has the document open and sees what is relayed.
 */
export class HostileWorld {
  readonly #world: RoomWorld
  readonly #context: ConnectionContext
  readonly #entry: Entry
  readonly #heartbeat: Heartbeat
  readonly errors: readonly string[]
  /** Why connections were closed, oldest first. */
  readonly reasons: readonly string[]
  readonly watcher = new HostileLine()
  #room: Room | null = null
  /** What everybody is told of titles. */
  readonly #renames: ServerMessage[] = []

  private constructor(world: RoomWorld, guarded: boolean, log: Log) {
    const { logger } = log
    this.#world = world
    this.errors = log.errors
    this.reasons = log.reasons
    const { clock, random, rooms } = world
    this.#heartbeat = new Heartbeat(clock)
    const limits = { documentIdBytes: 255, maxConnectionsPerDocument: 100 }
    this.#entry = {
      gate: new Gate({ authenticator: guarded ? authenticatorOf(clock) : null, clock, logger }),
      door: new RoomDoor(rooms, limits, logger, new Admission({ clock })),
      titles: {
        rename: (_documentId, title) => {
          this.#renames.push({ type: 'info', title })
          return Promise.resolve()
        },
      },
    }
    this.#context = {
      clock,
      random,
      logger,
      heartbeat: this.#heartbeat,
      turn: new FlushTurn(clock),
      inbound: new InboundBudget(4 * MiB, MiB),
      bounds: { lagBytes: MiB, unsentBytes: MiB, budget: new UnsentBudget(4 * MiB) },
      messageBytes: defaultLimits.messageBytes,
      echoes: false,
      questions: 5,
      strangerBytes: 64 * 1024,
      metrics: new Metrics(),
      connections: new Set(),
      closed: () => {},
    }
  }

  static async open(guarded: boolean): Promise<HostileWorld> {
    const log = listening()
    const world = await RoomWorld.open({ logger: log.logger })
    const hostile = new HostileWorld(world, guarded, log)
    hostile.#heartbeat.addEveryTick(hostile.#entry.gate.expiries)
    hostile.#heartbeat.start()
    hostile.connect(hostile.watcher, 'coscribe.v1', guarded ? 'read' : null)
    await world.clock.settle()
    hostile.watcher.bring(
      encodeClientFrame(1, {
        type: 'open',
        version: PROTOCOL_VERSION,
        documentId: TARGET_DOCUMENT,
        secret: '',
        historyId: '',
        resume: null,
      }),
    )
    await world.clock.settle()
    hostile.#room = await world.room(TARGET_DOCUMENT)
    return hostile
  }

  get room(): Room {
    if (this.#room === null) throw new TypeError('the world is not open')
    return this.#room
  }

  connect(line: HostileLine, dialect: DialectName, role: HostileRole): void {
    const credentials = role === null || role === 'none' ? [] : [role]
    const limits = { session: defaultLimits, maxChannels: 4, credentialMs: 10_000 }
    const connection = new Connection(this.#context, line.ws, line.socket, (made) =>
      dialect === 'coscribe.v1'
        ? new CoscribeDialect(made, this.#entry, limits, credentials)
        : new StockDialect(made, this.#entry, TARGET_DOCUMENT, credentials),
    )
    connection.open()
  }

  settle(): Promise<void> {
    return this.#world.clock.settle()
  }

  advance(ms: number): Promise<void> {
    return this.#world.clock.advance(ms)
  }

  /** Everything of the document on disk. */
  async stored(): Promise<readonly Uint8Array[]> {
    const document = await this.#world.disk.load(TARGET_DOCUMENT)
    return [...(document?.snapshot?.parts ?? []), ...(document?.tail ?? [])]
  }

  /** What the watcher was sent of others' doing. */
  relayed(): ServerMessage[] {
    const relayed = messagesTo(this.watcher, 'coscribe.v1').filter(({ type }) => relays.has(type))
    return [...relayed, ...this.#renames]
  }

  async close(): Promise<void> {
    this.#heartbeat.stop()
    await this.#world.rooms.close(1_000)
  }
}

const relays: ReadonlySet<string> = new Set(['update', 'presence'])

interface Log extends ErrorLog {
  readonly reasons: readonly string[]
}

function listening(): Log {
  const { logger, errors } = errorLog()
  const reasons: string[] = []
  const debug: Logger['debug'] = ({ reason }) => {
    if (typeof reason === 'string') reasons.push(reason)
  }
  return { logger: { ...logger, debug }, errors, reasons }
}

/**
 * What the server sent on a line.
 *
 * @throws Error when it is no message, or not one that everybody can read, or holds what was not meant for it
 */
export function messagesTo(line: HostileLine, dialect: DialectName): ServerMessage[] {
  if (Buffer.from(line.written).includes(NEIGHBOUR)) throw new Error('memory of others was sent')
  return line.messages.map((bytes) => {
    const decoded = dialect === 'coscribe.v1' ? decodeServerFrame(bytes) : decodeStockReply(bytes)
    if (decoded.type === 'fault') throw new Error(`the server sent nonsense: ${decoded.reason}`)
    const message = decoded.type === 'frame' ? decoded.message : decoded
    checkReadable(message)
    return message
  })
}

function checkReadable(message: ServerMessage): void {
  if (message.type === 'update' || message.type === 'sync-step-2') {
    const fault = walkUpdate(message.update, scan)
    if (fault !== null) throw new Error(`an update was sent that is none: ${fault.message}`)
  }
  if (message.type !== 'presence') return
  const entries = decodePresence(message.update)
  if (typeof entries === 'string') throw new Error(`presence was sent that is none: ${entries}`)
}

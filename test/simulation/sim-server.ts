import { CoscribeError, defaultLimits, SUBPROTOCOL } from '@coscribe/shared'
import { stopInOrder } from '../../server/src/lifecycle.js'
import type { LogFields, Logger } from '../../server/src/log.js'
import { Compactor } from '../../server/src/persistence/compactor.js'
import { DocumentTurns } from '../../server/src/persistence/document-turns.js'
import { foldUpdates, type FoldResult } from '../../server/src/persistence/fold.js'
import { Metrics } from '../../server/src/metrics/metrics.js'
import { GroupWriter } from '../../server/src/persistence/writer.js'
import { RoomRegistry } from '../../server/src/rooms/room-registry.js'
import { Connection, type ConnectionContext } from '../../server/src/transport/connection.js'
import { CoscribeDialect } from '../../server/src/transport/coscribe-dialect.js'
import { FlushTurn } from '../../server/src/transport/flush-turn.js'
import { Heartbeat } from '../../server/src/transport/heartbeat.js'
import { InboundBudget } from '../../server/src/transport/inbound-budget.js'
import { Admission } from '../../server/src/transport/admission.js'
import type { Entry } from '../../server/src/transport/entry.js'
import { Gate } from '../../server/src/transport/gate.js'
import { RoomDoor } from '../../server/src/transport/room-door.js'
import { StockDialect } from '../../server/src/transport/stock-dialect.js'
import { UnsentBudget } from '../../server/src/transport/unsent-budget.js'
import * as Y from 'yjs'
import { FakePeer } from '../support/fake-peer.js'
import * as forge from '../support/forge.js'
import { SeededRandom } from '../support/random.js'
import { docOf } from '../support/room-world.js'
import type { ServerEnd } from './server-end.js'
import type { ClockScope } from './sim-clock.js'
import type { SimDisk } from './sim-disk.js'
import type { Acceptor } from './sim-network.js'

/** What a server is run with; small, so that every bound is reached. */
export interface ServerBounds {
  readonly lagBytes: number
  readonly unsentBytes: number
  /** Of all connections together. */
  readonly unsentProcessBytes: number
  /** Not yet durable bytes a document may have. */
  readonly queueBytes: number
  readonly graceMs: number
  readonly windowMs: number
  /** Longest time a fold takes. */
  readonly foldMs: number
  /** Of which size a snapshot's parts are. */
  readonly pieceBytes: number
}

export interface ServerParts {
  readonly scope: ClockScope
  readonly disk: SimDisk
  readonly seed: number
  readonly bounds: ServerBounds
  /** Hears of what is an error for the server. */
  readonly onError: (message: string) => void
}

const STOP_MS = 5_000
/** What nobody types. */
const FORGED = '\u2620'
/** What a server may log as an error because its disk is made to fail. */
const expected = new Set(['append failed, trying again', 'the snapshot cannot be read again'])

/** A document that cannot be opened: the disk cannot be read, or the server stops. Any other error is one. */
export function noRoom(error: unknown): null {
  if (error instanceof CoscribeError) return null
  throw error
}

/** One process of the real server, put together as in production but for what it stands on. */
export class SimServer implements Acceptor {
  readonly rooms: RoomRegistry
  readonly writer: GroupWriter
  readonly #parts: ServerParts
  readonly #random: SeededRandom
  readonly #compactor: Compactor
  readonly #heartbeat: Heartbeat
  readonly #context: ConnectionContext
  readonly #entry: Entry
  #accepting = true
  #gone: (() => void) | null = null

  private constructor(parts: ServerParts, store: Awaited<ReturnType<SimDisk['mount']>>) {
    const { scope: clock, bounds } = parts
    this.#parts = parts
    const random = (this.#random = new SeededRandom(parts.seed))
    const logger = this.#logger()
    const turns = new DocumentTurns()
    const { windowMs, queueBytes: documentBytes } = bounds
    this.writer = new GroupWriter({ store, turns, clock, random, logger, windowMs, documentBytes })
    const runner = { fold: this.#fold, close: () => Promise.resolve() }
    this.#compactor = new Compactor({ store, turns, runner, logger })
    this.rooms = new RoomRegistry({
      store,
      writer: this.writer,
      compactor: this.#compactor,
      clock,
      random,
      logger,
      limits: defaultLimits,
      graceMs: bounds.graceMs,
    })
    this.#heartbeat = new Heartbeat(clock)
    this.#context = this.#createContext(logger)
    const doorLimits = { documentIdBytes: 255, maxConnectionsPerDocument: 100 }
    this.#entry = {
      gate: new Gate({ authenticator: null, clock, logger }),
      door: new RoomDoor(this.rooms, doorLimits, logger, new Admission({ clock })),
      // Nobody here gives a document a title.
      titles: { rename: () => Promise.resolve() },
    }
  }

  static async start(parts: ServerParts): Promise<SimServer> {
    const server = new SimServer(parts, await parts.disk.mount(parts.scope))
    server.#heartbeat.start()
    return server
  }

  get connections(): ReadonlySet<Connection> {
    return this.#context.connections
  }

  accept(end: ServerEnd, path: string, protocols: readonly string[]): boolean {
    if (!this.#accepting || this.#parts.scope.ended) return false
    const connection = new Connection(this.#context, end.ws, end.netSocket, (made) =>
      protocols.includes(SUBPROTOCOL)
        ? new CoscribeDialect(made, this.#entry, dialectLimits, [])
        : new StockDialect(made, this.#entry, path, []),
    )
    connection.open()
    return true
  }

  protocolFor(protocols: readonly string[]): string {
    return protocols.includes(SUBPROTOCOL) ? SUBPROTOCOL : ''
  }

  /** Compacts a document, due or not, if it can be opened. */
  async compact(documentId: string): Promise<void> {
    const room = await this.rooms.open(documentId).catch(noRoom)
    if (room !== null) await this.#compactor.compact(room)
  }

  /** Makes a snapshot if there is none, and lets go of it, as when memory is short. */
  async release(documentId: string): Promise<void> {
    const room = await this.rooms.open(documentId).catch(noRoom)
    if (room === null) return
    if (room.log.snapshotSeq === 0) await this.#compactor.compact(room)
    // Not in the turn in which somebody else found it in memory.
    await this.#parts.scope.sleep(0)
    room.releaseSnapshot()
  }

  /** A session of nobody else sends what the client of this id would write next, and leaves. */
  async forge(documentId: string, client: number): Promise<void> {
    const room = await this.rooms.open(documentId).catch(noRoom)
    // Somebody of whom only their own program thinks that they are connected is not here.
    if (room === null || room.presence.speakerOf(client) === null) return
    const forger = new FakePeer({ principal: 'a forger' })
    room.add(forger)
    const clock = Y.decodeStateVector(room.stateVector()).get(client) ?? 0
    const struct = forge.item(forge.text(FORGED), { root: 'text' })
    room.receive(forger, forge.update([forge.section(client, clock, [struct])]), false)
    await this.#parts.scope.sleep(500)
    room.remove(forger)
  }

  /** How what a room says it has differs from what yjs makes of what it sends to a newcomer, or `null`. */
  async audit(documentId: string): Promise<string | null> {
    const room = await this.rooms.open(documentId).catch(noRoom)
    if (room === null || !(await room.fetch())) return null
    const answer = room.answer(new Uint8Array([0]))
    if (answer === null || 'fault' in answer) return 'a room with its snapshot does not answer'
    const updates = answer.batches.flatMap((batch) => batch.updates.map((one) => one.update))
    // Twice, since yjs looks at what it holds back only when something else comes.
    const doc = docOf([...updates, ...updates])
    const own = clocksOf(room.stateVector())
    const theirs = clocksOf(Y.encodeStateVector(doc))
    return own === theirs ? null : `the room has ${own}, its bytes ${theirs}`
  }

  /**
   * The queue that is beyond its bound, in words, or `null`.
   *
   * @param received bytes that ever came, more than any document has
   */
  excess(documents: number, largestMessage: number, received: number): string | null {
    const { queueBytes, lagBytes, unsentBytes } = this.#parts.bounds
    const { queuedBytes } = this.writer
    // What is in the queue when it is full stays, and the message that filled it.
    if (queuedBytes > documents * (queueBytes + largestMessage)) {
      return `${queuedBytes} bytes wait for the disk`
    }
    for (const { queue } of this.connections) {
      // Beyond the bounds a piece of a document, which is never more than everything that was received.
      const most = lagBytes + unsentBytes + received
      if (queue.unsent > most) return `${queue.unsent} bytes are unsent, ${most} may be`
    }
    return null
  }

  /** Ends in order. Rejects when not everything could be written. */
  stop(): Promise<void> {
    const steps = {
      refuse: () => this.#refuse(),
      commit: async (deadlineMs: number) => {
        if ((await this.rooms.close(deadlineMs)) > 0) throw new Error('not everything is on disk')
      },
      farewell: () => this.#farewell(),
      gone: () => this.#everybodyGone(),
      cut: () => this.#cut(),
      release: () => Promise.resolve(),
    }
    return stopInOrder(steps, this.#parts.scope, STOP_MS)
  }

  #refuse(): void {
    this.#accepting = false
    for (const connection of this.connections) connection.pause()
  }

  #farewell(): void {
    for (const connection of this.connections) {
      connection.goingAway(Math.round(this.#random.fraction() * 500))
      connection.close('restarting', 'the server is stopping')
    }
  }

  #everybodyGone(): Promise<void> {
    if (this.connections.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#gone = resolve
    })
  }

  #cut(): void {
    this.#heartbeat.stop()
    for (const connection of this.connections) connection.terminate()
  }

  /** On this thread, in time of this world. */
  readonly #fold = async (records: readonly Uint8Array[]): Promise<FoldResult> => {
    const copies = records.map((record) => record.slice())
    await this.#parts.scope.sleep(this.#random.fraction() * this.#parts.bounds.foldMs)
    return foldUpdates(copies, this.#parts.bounds.pieceBytes)
  }

  #createContext(logger: Logger): ConnectionContext {
    const { scope: clock, bounds } = this.#parts
    const { messageBytes, documentBytes } = defaultLimits
    return {
      clock,
      random: this.#random,
      logger,
      heartbeat: this.#heartbeat,
      turn: new FlushTurn(clock),
      inbound: new InboundBudget(4 * documentBytes, documentBytes),
      bounds: {
        lagBytes: bounds.lagBytes,
        unsentBytes: bounds.unsentBytes,
        budget: new UnsentBudget(bounds.unsentProcessBytes),
      },
      messageBytes,
      echoes: false,
      questions: 5,
      strangerBytes: 64 * 1024,
      metrics: new Metrics(),
      connections: new Set(),
      closed: () => {
        if (this.connections.size === 0) this.#gone?.()
      },
    }
  }

  #logger(): Logger {
    const error = (fields: LogFields, message: string): void => {
      if (expected.has(message)) return
      const cause = fields['error'] ?? fields['err']
      const detail = cause instanceof Error ? `: ${cause.stack ?? cause.message}` : ''
      this.#parts.onError(message + detail)
    }
    return { error, warn: silent, info: silent, debug: silent }
  }
}

const dialectLimits = { session: defaultLimits, maxChannels: 4, credentialMs: 10_000 }

function silent(): void {
  // What a server tells in passing is of no interest here.
}

function clocksOf(stateVector: Uint8Array): string {
  const clocks = [...Y.decodeStateVector(stateVector)].sort(([one], [other]) => one - other)
  return clocks.map(([client, clock]) => `${client}:${clock}`).join(' ')
}

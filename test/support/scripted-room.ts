import { connect, type ConnectOptions, type Room } from '@coscribe/client'
import * as Y from 'yjs'
import { onTestFinished } from 'vitest'
import { SeededRandom } from './random.js'
import { ScriptedNetwork, SocketFactory, type ScriptedSocket } from './scripted-socket.js'
import { VirtualClock } from './virtual-clock.js'

/** An update without content. */
export const EMPTY_UPDATE = Uint8Array.of(0, 0)
/** The state vector of an empty document. */
export const EMPTY_VECTOR = Uint8Array.of(0)

/** A room whose server, time, chance and network are the test. */
export class ScriptedRoom {
  readonly clock = new VirtualClock()
  readonly network = new ScriptedNetwork()
  readonly factory = new SocketFactory()
  readonly room: Room

  constructor(options: Partial<ConnectOptions> = {}) {
    this.room = connect({
      url: 'ws://server.test',
      doc: 'document',
      WebSocket: this.factory.WebSocket,
      clock: this.clock,
      random: new SeededRandom(1),
      network: this.network,
      ...options,
    })
    onTestFinished(() => this.room.destroy())
  }

  get socket(): ScriptedSocket {
    return this.factory.last
  }

  get save(): string {
    return this.room.status.save
  }

  /** Begins a session with a server that holds `doc`, up to and including both halves of the handshake. */
  handshake(doc = new Y.Doc(), hello: Parameters<ScriptedSocket['welcome']>[0] = {}): void {
    this.socket.welcome(hello)
    this.socket.say({ type: 'sync-step-1', stateVector: Y.encodeStateVector(doc) })
    const [step1] = this.socket.of('sync-step-1')
    const update = Y.encodeStateAsUpdate(doc, step1?.stateVector)
    this.socket.say({ type: 'sync-step-2', update })
  }

  /** Acknowledges everything that was sent in this session. */
  ackAll(): void {
    this.socket.say({ type: 'ack', count: this.socket.updates.length })
  }

  /** Types `text` at the end; it leaves before this resolves, if it leaves at all. */
  async type(text: string): Promise<void> {
    const content = this.room.text('content')
    content.insert(content.length, text)
    await this.clock.settle()
  }

  /** Lets the connection drop and takes the next attempt. */
  async reconnect(code = 1006): Promise<void> {
    const before = this.factory.sockets.length
    this.socket.drop(code)
    await this.clock.advance((this.room.status.retryAt ?? Infinity) - this.clock.now())
    if (this.factory.sockets.length === before) throw new Error('the client did not come back')
  }

  /** The document as a server has it that took everything of this session. */
  uploaded(): Y.Doc {
    const doc = new Y.Doc()
    for (const update of this.socket.updates) Y.applyUpdate(doc, update)
    return doc
  }
}

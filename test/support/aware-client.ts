import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Room } from '../../server/src/rooms/room.js'
import { FakePeer, type FakePeerSetup } from './fake-peer.js'

interface Changes {
  readonly added: number[]
  readonly updated: number[]
  readonly removed: number[]
}

/**
 * Presence as a y-websocket provider keeps it: it announces itself when it connects, passes on every state it applies
 * to the server, whoever it is about, and forgets the others, but not their clocks, when it is cut off.
 */
export class AwareClient {
  readonly doc = new Y.Doc()
  readonly awareness: Awareness
  readonly #setup: FakePeerSetup
  #room: Room | null = null
  peer: FakePeer
  /** States of its own that it saw vanish or fall back to an earlier value. */
  reverts = 0
  /** Awareness updates it sent. */
  sent = 0

  constructor(setup: FakePeerSetup = {}) {
    this.#setup = setup
    this.peer = new FakePeer(setup)
    this.awareness = new Awareness(this.doc)
    this.awareness.on('update', ({ added, updated, removed }: Changes) => {
      this.#send([...added, ...updated, ...removed])
    })
  }

  get id(): number {
    return this.doc.clientID
  }

  /** The names it sees, its own included. */
  get names(): string[] {
    const names = [...this.awareness.getStates().values()].map((state) => String(state['name']))
    return names.sort()
  }

  say(name: string): void {
    this.awareness.setLocalState({ name })
  }

  /** Joins a room with a new session. */
  connect(room: Room): void {
    const peer = new Connection(this, this.#setup)
    this.peer = peer
    this.#room = room
    room.add(peer)
    if (this.awareness.getLocalState() !== null) this.#send([this.id])
    room.presence.sendAll(peer)
  }

  /** Loses its connection without a word: the session stays in the room until its server notices. */
  drop(): { readonly room: Room; readonly peer: FakePeer } | null {
    const room = this.#room
    this.#room = null
    const others = [...this.awareness.getStates().keys()].filter((id) => id !== this.id)
    for (const id of others) this.awareness.states.delete(id)
    return room === null ? null : { room, peer: this.peer }
  }

  /** Leaves in order: the server notices at once. */
  leave(): void {
    const left = this.drop()
    left?.room.remove(left.peer)
  }

  destroy(): void {
    this.leave()
    this.awareness.destroy()
    this.doc.destroy()
  }

  /** Whether this session is its living connection. */
  isOn(peer: FakePeer): boolean {
    return this.#room !== null && peer === this.peer
  }

  /** Applies what the server sent, through `peer`, if that is still its connection. */
  hear(peer: FakePeer, update: Uint8Array): void {
    if (!this.isOn(peer)) return
    const before = JSON.stringify(this.awareness.getLocalState())
    applyAwarenessUpdate(this.awareness, update, 'server')
    if (JSON.stringify(this.awareness.getLocalState()) !== before) this.reverts += 1
  }

  #send(clientIds: number[]): void {
    if (this.#room === null) return
    this.sent += 1
    this.#room.presence.receive(this.peer, encodeAwarenessUpdate(this.awareness, clientIds))
  }
}

/** A session whose client hears what it is told in the turn in which it is told. */
class Connection extends FakePeer {
  readonly #client: AwareClient

  constructor(client: AwareClient, setup: FakePeerSetup) {
    super(setup)
    this.#client = client
    this.onProbe = (alive) => {
      if (client.isOn(this)) alive()
    }
  }

  override presenceChanged(...change: Parameters<FakePeer['presenceChanged']>): void {
    super.presenceChanged(...change)
    const update = this.presence.at(-1)
    if (update !== undefined) queueMicrotask(() => this.#client.hear(this, update))
  }

  override send(message: Parameters<FakePeer['send']>[0]): void {
    super.send(message)
    if (message.type === 'presence') {
      queueMicrotask(() => this.#client.hear(this, message.update))
    }
  }
}

import * as Y from 'yjs'
import type { Room } from '../../server/src/rooms/room.js'
import type { UpdateBatch } from '../../server/src/rooms/update-batch.js'
import { FakePeer } from './fake-peer.js'
import type { SeededRandom } from './random.js'
import { updatesOf } from './room-world.js'

type Parcel =
  | {
      readonly to: 'server'
      readonly kind: 'update' | 'step-1' | 'step-2'
      readonly bytes: Uint8Array
    }
  | { readonly to: 'client'; readonly kind: 'update' | 'step-1'; readonly bytes: Uint8Array }

/**
 * Somebody with a Y.Doc and a connection that delivers when a test says so, in order in each direction, and loses
 * what is under way when it breaks. A lossy one also loses single updates on their way up, which no socket does, but
 * tabs that share a document around the server look like that.
 */
export class Replica {
  readonly doc = new Y.Doc()
  readonly #random: SeededRandom
  readonly #lossy: boolean
  #room: Room | null = null
  #peer: FakePeer | null = null
  #up: Parcel[] = []
  #down: Parcel[] = []

  constructor(random: SeededRandom, lossy: boolean) {
    this.#random = random
    this.#lossy = lossy
    this.doc.clientID = 1 + random.below(2 ** 31)
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this || this.#room === null) return
      if (this.#lossy && random.chance(0.1)) return
      this.#up.push({ to: 'server', kind: 'update', bytes: update })
    })
  }

  get connected(): boolean {
    return this.#room !== null
  }

  /** Messages under way. */
  get underWay(): number {
    return this.#up.length + this.#down.length
  }

  connect(room: Room): void {
    const peer = new ReplicaPeer((parcel) => {
      if (this.#peer === peer) this.#down.push(parcel)
    })
    this.#room = room
    this.#peer = peer
    room.add(peer)
    this.#down.push({ to: 'client', kind: 'step-1', bytes: room.stateVector() })
    this.#up.push({ to: 'server', kind: 'step-1', bytes: Y.encodeStateVector(this.doc) })
  }

  disconnect(): void {
    if (this.#room !== null && this.#peer !== null) this.#room.remove(this.#peer)
    this.#room = null
    this.#peer = null
    this.#up = []
    this.#down = []
  }

  /** One change somewhere in a text, a map or an array. */
  edit(): void {
    const random = this.#random
    const text = this.doc.getText('text')
    const roll = random.fraction()
    if (roll < 0.5) {
      text.insert(random.below(text.length + 1), random.pick(['a', 'bc', 'def', '\u{1f600}']))
    } else if (roll < 0.75 && text.length > 0) {
      const at = random.below(text.length)
      text.delete(at, 1 + random.below(Math.min(4, text.length - at)))
    } else if (roll < 0.9) {
      this.doc.getMap('map').set(random.pick(['x', 'y', 'z']), random.below(1_000))
    } else {
      const list = this.doc.getArray<number>('list')
      list.insert(random.below(list.length + 1), [random.below(1_000)])
    }
  }

  /** Delivers the oldest message of one direction. */
  deliverOne(): void {
    const [first, second] = this.#random.chance(0.5)
      ? [this.#up, this.#down]
      : [this.#down, this.#up]
    const parcel = first.shift() ?? second.shift()
    if (parcel?.to === 'server') this.#serverGets(parcel)
    else if (parcel !== undefined) this.#clientGets(parcel)
  }

  #serverGets({ kind, bytes }: Parcel): void {
    if (this.#room === null || this.#peer === null) return
    if (kind === 'step-1') {
      for (const update of updatesOf(this.#room.answer(bytes))) {
        this.#down.push({ to: 'client', kind: 'update', bytes: update })
      }
      return
    }
    const receipt = this.#room.receive(this.#peer, Uint8Array.from(bytes), kind === 'step-2')
    if (receipt.outcome === 'refused' || receipt.outcome === 'malformed') {
      throw new Error(`not taken: ${receipt.message}`)
    }
  }

  #clientGets({ kind, bytes }: Parcel): void {
    if (kind === 'update') {
      Y.applyUpdate(this.doc, bytes, this)
      return
    }
    const answer = Y.encodeStateAsUpdate(this.doc, bytes)
    this.#up.push({ to: 'server', kind: 'step-2', bytes: answer })
  }
}

class ReplicaPeer extends FakePeer {
  readonly #send: (parcel: Parcel) => void

  constructor(send: (parcel: Parcel) => void) {
    super()
    this.#send = send
  }

  override deliver(batch: UpdateBatch): void {
    for (const { author, update } of batch.updates) {
      if (author !== this.sessionId) this.#send({ to: 'client', kind: 'update', bytes: update })
    }
  }

  override send(message: Parameters<FakePeer['send']>[0]): void {
    if (message.type === 'sync-step-1') {
      this.#send({ to: 'client', kind: 'step-1', bytes: message.stateVector })
    } else if (message.type === 'update' || message.type === 'sync-step-2') {
      this.#send({ to: 'client', kind: 'update', bytes: message.update })
    }
  }
}

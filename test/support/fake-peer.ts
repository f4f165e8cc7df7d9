import type { Access, CloseName, ServerMessage } from '@coscribe/shared'
import type {
  HeldMessage,
  Peer,
  PresenceSource,
  ReadOnlyReason,
  Receipt,
} from '../../server/src/rooms/peer.js'
import { encodePresence } from '../../server/src/rooms/presence-codec.js'
import type { UpdateBatch } from '../../server/src/rooms/update-batch.js'

let sessions = 0

export interface FakePeerSetup {
  readonly principal?: string
  /** As who it is remembered for good; nobody when absent. */
  readonly authorId?: string
  readonly access?: Access
}

/** A session without a connection: it writes down what a room tells it. */
export class FakePeer implements Peer {
  readonly sessionId: string
  readonly principal: string
  readonly authorId: string
  access: Access
  readonly batches: UpdateBatch[] = []
  readonly sent: ServerMessage[] = []
  /** Awareness updates, read at once as a connection with nothing unsent does. */
  readonly presence: Uint8Array[] = []
  readonly durableSeqs: number[] = []
  readonly writableReasons: (ReadOnlyReason | null)[] = []
  readonly closed: CloseName[] = []
  /** What became of messages that were held. */
  readonly decisions: Receipt[] = []
  /** Whether the room wants nothing more read from it at the moment. */
  held = false
  /** Called when the room asks for a sign of life; a dead peer has none. */
  onProbe: (alive: () => void) => void = () => {}

  constructor(setup: FakePeerSetup = {}) {
    sessions += 1
    this.sessionId = `session-${sessions}`
    this.principal = setup.principal ?? `principal-${sessions}`
    this.authorId = setup.authorId ?? ''
    this.access = setup.access ?? 'write'
  }

  /** Updates of others that were delivered, in order. */
  get delivered(): Uint8Array[] {
    return this.batches.flatMap((batch) =>
      batch.updates.filter(({ author }) => author !== this.sessionId).map(({ update }) => update),
    )
  }

  /** Messages of one type, in order. */
  sentOf<Type extends ServerMessage['type']>(type: Type): Extract<ServerMessage, { type: Type }>[] {
    return this.sent.filter(
      (message): message is Extract<ServerMessage, { type: Type }> => message.type === type,
    )
  }

  /** The last number it heard to be on disk. */
  get durableSeq(): number {
    return this.durableSeqs.at(-1) ?? 0
  }

  deliver(batch: UpdateBatch): void {
    this.batches.push(batch)
  }

  send(message: ServerMessage): void {
    this.sent.push(message)
  }

  presenceChanged(clientIds: readonly number[], own: number | null, source: PresenceSource): void {
    const states = source.states(clientIds).filter(({ clientId }) => clientId !== own)
    if (states.length > 0) this.presence.push(encodePresence(states.map(({ encoded }) => encoded)))
  }

  durable(seq: number): void {
    this.durableSeqs.push(seq)
  }

  writable(reason: ReadOnlyReason | null): void {
    this.writableReasons.push(reason)
  }

  decided(_message: HeldMessage, receipt: Receipt): void {
    this.decisions.push(receipt)
  }

  hold(): void {
    this.held = true
  }

  letOn(): void {
    this.held = false
  }

  probe(alive: () => void): void {
    this.onProbe(alive)
  }

  close(name: CloseName): void {
    this.closed.push(name)
  }
}

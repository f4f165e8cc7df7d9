import type { Cancel, Clock, Off } from '@coscribe/shared'
import {
  applyAwarenessUpdate,
  Awareness,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import type * as Y from 'yjs'

/** What a person shows of themselves: any JSON object, a few hundred bytes. */
export type PresenceState = Readonly<Record<string, unknown>>

/** Somebody else in the room. */
export interface PresentPeer {
  /** Their Yjs client id. */
  readonly clientId: number
  /** As they sent it: check every field before use. */
  readonly state: PresenceState
}

/** Who is in the room, and where. */
export interface Presence {
  /** The y-protocols object underneath, for editor bindings. */
  readonly awareness: Awareness
  /** One's own state, or `null` when hidden. */
  readonly self: PresenceState | null
  /** Everybody else; the same array until something changes. Empty while not connected. */
  readonly others: readonly PresentPeer[]
  /** Adds to one's own state; a field set to `undefined` goes away. */
  set(patch: PresenceState): void
  /** Hides oneself until the next `set`. */
  hide(): void
  /** Calls `listener` with every new `others`, until the returned function is called. */
  subscribe(listener: (others: readonly PresentPeer[]) => void): Off
}

/** At most ten states a second leave; only the latest counts. */
const SEND_EVERY_MS = 100
/** Stock clients forget whoever is silent for 30 s. */
const RENEW_EVERY_MS = 15_000
/** At most what an awareness update adds to one state: count, client id, clock and length. */
const ENVELOPE_BYTES = 24

interface AwarenessChange {
  readonly added: readonly number[]
  readonly updated: readonly number[]
  readonly removed: readonly number[]
}

export interface PresenceOptions {
  readonly ydoc: Y.Doc
  readonly clock: Clock
  readonly user: PresenceState | undefined
  /** Sends an awareness update. */
  send(update: Uint8Array): void
  /** Called when `others` changed. */
  changed(others: readonly PresentPeer[]): void
}

/** The presence of a room, with the part that only the room uses. */
export class RoomPresence implements Presence {
  readonly awareness: Awareness
  readonly #options: PresenceOptions
  readonly #listeners = new Set<(others: readonly PresentPeer[]) => void>()
  #others: readonly PresentPeer[] = []
  #maxBytes: number | null = null
  #sentAt = -Infinity
  #cancelSend: Cancel | null = null
  #cancelRenewal: Cancel | null = null

  constructor(options: PresenceOptions) {
    this.#options = options
    this.awareness = new Awareness(options.ydoc)
    // Its timer forgets people by the machine's clock, while the server knows who is there; renewal is ours.
    clearInterval(this.awareness['_checkInterval'])
    this.awareness.setLocalState({ ...options.user })
    this.awareness.on('update', (change: AwarenessChange) => this.#updated(change))
    this.awareness.on('change', (change: AwarenessChange) => this.#changed(change))
  }

  get self(): PresenceState | null {
    return this.awareness.getLocalState()
  }

  get others(): readonly PresentPeer[] {
    return this.#others
  }

  set(patch: PresenceState): void {
    const state = { ...this.self, ...patch }
    for (const [name, value] of Object.entries(state)) {
      if (value === undefined) delete state[name]
    }
    this.awareness.setLocalState(state)
  }

  hide(): void {
    this.awareness.setLocalState(null)
  }

  subscribe(listener: (others: readonly PresentPeer[]) => void): Off {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A session began: says who is here. A state takes at most `maxBytes` as JSON. */
  online(maxBytes: number): void {
    this.#maxBytes = maxBytes
    this.#sentAt = -Infinity
    // With a higher clock than before, because others may have taken the silence for leaving.
    this.#renew()
  }

  /** The session is over: nobody can be seen. */
  offline(): void {
    this.#maxBytes = null
    this.#cancelSend?.()
    this.#cancelSend = null
    this.#cancelRenewal?.()
    this.#cancelRenewal = null
    const { awareness } = this
    const others = [...awareness.meta.keys()].filter((id) => id !== awareness.clientID)
    removeAwarenessStates(awareness, others, this)
    // Else people who did nothing meanwhile would stay invisible afterwards: their clocks would not be news.
    for (const id of others) awareness.meta.delete(id)
  }

  /** Takes in what the server says of others. */
  receive(update: Uint8Array): void {
    try {
      applyAwarenessUpdate(this.awareness, update, this)
    } catch {
      // A state that is not JSON, or bytes that end early: somebody is not seen, and nothing else depends on it.
    }
  }

  /** Sends one's own state now. */
  announce(): void {
    if (this.#maxBytes === null) return
    this.#cancelSend?.()
    this.#cancelSend = null
    this.#sentAt = this.#options.clock.now()
    const update = encodeAwarenessUpdate(this.awareness, [this.awareness.clientID])
    // Beyond the limit the server would drop it anyway; a binding may have put a whole selection in.
    if (update.length <= this.#maxBytes + ENVELOPE_BYTES) this.#options.send(update)
  }

  destroy(): void {
    this.offline()
    this.awareness.destroy()
    this.#listeners.clear()
  }

  #renew(): void {
    const { clock } = this.#options
    this.#cancelRenewal = clock.after(RENEW_EVERY_MS, () => this.#renew())
    if (this.self !== null) this.awareness.setLocalState({ ...this.self })
  }

  /** One's own state changed, here or because the server asks to show it again. */
  #updated({ added, updated, removed }: AwarenessChange): void {
    const own = this.awareness.clientID
    if (!added.includes(own) && !updated.includes(own) && !removed.includes(own)) return
    if (this.#maxBytes === null || this.#cancelSend !== null) return
    const { clock } = this.#options
    const waitMs = this.#sentAt + SEND_EVERY_MS - clock.now()
    if (waitMs > 0) this.#cancelSend = clock.after(waitMs, () => this.announce())
    else this.announce()
  }

  #changed({ added, updated, removed }: AwarenessChange): void {
    const own = this.awareness.clientID
    if ([...added, ...updated, ...removed].every((id) => id === own)) return
    this.#others = [...this.awareness.getStates()]
      .filter(([clientId]) => clientId !== own)
      .map(([clientId, state]) => ({ clientId, state }))
    this.#options.changed(this.#others)
    for (const listener of this.#listeners) listener(this.#others)
  }
}

import type { PresenceState, PresentPeer } from '@coscribe/client'
import type { CursorPresence } from '@coscribe/client/codemirror'

/** A presence whose others are the test. */
export class FakePresence implements CursorPresence {
  self: PresenceState | null
  others: readonly PresentPeer[] = []
  /** Everything that was published. */
  readonly published: PresenceState[] = []
  readonly #listeners = new Set<(others: readonly PresentPeer[]) => void>()

  constructor(self: PresenceState = {}) {
    this.self = self
  }

  get listeners(): number {
    return this.#listeners.size
  }

  set(patch: PresenceState): void {
    this.published.push(patch)
    this.self = { ...this.self, ...patch }
  }

  subscribe(listener: (others: readonly PresentPeer[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Somebody shows this of themselves, or is gone. It travels as JSON, if it can. */
  shows(clientId: number, state: unknown): void {
    const rest = this.others.filter((peer) => peer.clientId !== clientId)
    const arrived = JSON.parse(JSON.stringify(state)) as PresenceState | null
    this.others = arrived === null ? rest : [...rest, { clientId, state: arrived }]
    for (const listener of this.#listeners) listener(this.others)
  }
}

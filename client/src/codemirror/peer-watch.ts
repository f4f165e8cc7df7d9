import { EditorSelection, type SelectionRange } from '@codemirror/state'
import { logException, type EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view'
import type { Cancel, Clock, Off } from '@coscribe/shared'
import type * as Y from 'yjs'
import type { Presence, PresenceState } from '../presence.js'
import { peerStateOf, type PlacedRange } from './peer-state.js'
import { indexOf } from './place.js'
import { shownPeers, showPeers, type ShownPeer } from './shown-peers.js'

export interface PeerWatchOptions {
  readonly ytext: Y.Text
  readonly presence: Pick<Presence, 'others' | 'subscribe'>
  readonly clock: Clock
}

interface Seen {
  /** What was sent of the ranges, to tell whether it is news. */
  readonly sent: string
  /** Whether every range could be found. */
  readonly found: boolean
  readonly activeUntil: number
}

/** At most twenty times a second the view is changed by what others do. */
const REFRESH_EVERY_MS = 50
/** A name is seen for this long after its owner did something. */
const ACTIVE_MS = 2_000
/** People beyond this are not shown. */
const MAX_PEERS = 200

/** Keeps {@link shownPeers} as presence says. */
export class PeerWatch implements PluginValue {
  readonly #view: EditorView
  readonly #options: PeerWatchOptions
  readonly #off: Off
  #seen = new Map<number, Seen>()
  #refreshedAt = -Infinity
  #plannedAt = Infinity
  #cancel: Cancel | null = null

  constructor(view: EditorView, options: PeerWatchOptions) {
    this.#view = view
    this.#options = options
    this.#off = options.presence.subscribe(() => this.#plan(0))
    this.#plan(0)
  }

  update(update: ViewUpdate): void {
    // Somebody may be at a place that has just arrived.
    const lacking = update.docChanged && [...this.#seen.values()].some(({ found }) => !found)
    if (lacking) this.#plan(0)
  }

  destroy(): void {
    this.#off()
    this.#cancel?.()
  }

  #plan(delayMs: number): void {
    const { clock } = this.#options
    const at = Math.max(clock.now() + delayMs, this.#refreshedAt + REFRESH_EVERY_MS)
    if (at >= this.#plannedAt) return
    this.#cancel?.()
    this.#plannedAt = at
    this.#cancel = clock.after(at - clock.now(), () => this.#refresh())
  }

  #refresh(): void {
    this.#refreshedAt = this.#options.clock.now()
    this.#plannedAt = Infinity
    this.#cancel = null
    const before = this.#view.state.field(shownPeers)
    const seen = new Map<number, Seen>()
    const peers: ShownPeer[] = []
    for (const { clientId, state } of this.#options.presence.others.slice(0, MAX_PEERS)) {
      try {
        peers.push(this.#look(clientId, state, before, seen))
      } catch (error) {
        // One person's state must not make the others invisible.
        logException(this.#view.state, error, 'reading the presence of a peer')
      }
    }
    this.#seen = seen
    this.#planFading()
    if (!samePeers(before, peers)) this.#view.dispatch({ effects: showPeers.of(peers) })
  }

  #look(
    clientId: number,
    state: PresenceState,
    before: readonly ShownPeer[],
    seen: Map<number, Seen>,
  ): ShownPeer {
    const sent = JSON.stringify([state['cursor'], state['ranges']]) ?? ''
    const last = this.#seen.get(clientId)
    const news = last?.sent !== sent
    const now = this.#options.clock.now()
    const activeUntil = news ? now + ACTIVE_MS : last.activeUntil
    const { ranges: placed, ...peer } = peerStateOf(this.#options.ytext, clientId, state)
    const shown = before.find((other) => other.clientId === clientId)
    // Positions that moved with the text are as good as new ones, and cost nothing.
    const kept = !news && last.found ? shown?.ranges : undefined
    const ranges = kept ?? this.#find(placed)
    seen.set(clientId, { sent, found: ranges.length === placed.length, activeUntil })
    // What was shown is better than nothing while what they are at has not arrived.
    const best = ranges.length < placed.length ? (shown?.ranges ?? ranges) : ranges
    return { ...peer, clientId, active: peer.focused && now < activeUntil, ranges: best }
  }

  #find(placed: readonly PlacedRange[]): SelectionRange[] {
    const { ytext } = this.#options
    const { length } = this.#view.state.doc
    const ranges: SelectionRange[] = []
    for (const range of placed) {
      const anchor = indexOf(ytext, range.anchor)
      const head = range.head === range.anchor ? anchor : indexOf(ytext, range.head)
      if (anchor === null || head === null) continue
      // The document may be ahead of the view.
      ranges.push(EditorSelection.range(Math.min(anchor, length), Math.min(head, length)))
    }
    return ranges
  }

  #planFading(): void {
    const now = this.#options.clock.now()
    const ends = [...this.#seen.values()].map((seen) => seen.activeUntil).filter((at) => at > now)
    if (ends.length > 0) this.#plan(Math.min(...ends) - now)
  }
}

function samePeers(one: readonly ShownPeer[], two: readonly ShownPeer[]): boolean {
  return one.length === two.length && one.every((peer, i) => samePeer(peer, two[i]))
}

function samePeer(one: ShownPeer, two: ShownPeer | undefined): boolean {
  return (
    one.clientId === two?.clientId &&
    one.name === two.name &&
    one.hue === two.hue &&
    one.focused === two.focused &&
    one.active === two.active &&
    one.ranges.length === two.ranges.length &&
    one.ranges.every((range, i) => two.ranges[i] !== undefined && range.eq(two.ranges[i]))
  )
}

import { EditorSelection, type SelectionRange } from '@codemirror/state'
import { logException, type EditorView, type PluginValue, type ViewUpdate } from '@codemirror/view'
import type { Cancel, Clock, Off } from '@coscribe/shared'
import type * as Y from 'yjs'
import type { Presence, PresenceState, PresentPeer } from '../presence.js'
import { peerLooks } from './peer-looks.js'
import { peerStateOf, type PeerState } from './peer-state.js'
import { indicesOf, type Place } from './place.js'
import { shownPeers, showPeers, type ShownPeer } from './shown-peers.js'
import { moreActive, personOf, type Activity } from './who.js'

export interface PeerWatchOptions {
  readonly ytext: Y.Text
  readonly presence: Pick<Presence, 'self' | 'others' | 'subscribe'>
  readonly clock: Clock
}

/** What is known of somebody from the last time that they were looked at. */
interface Seen {
  /** As it came: whoever says nothing is not read again. */
  readonly state: PresenceState
  readonly peer: PeerState
  /** What was sent of the ranges, to tell whether it is news. */
  readonly sent: string
  /** Whether every range could be found. */
  found: boolean
  readonly activeUntil: number
}

/** At most twenty times a second the view is changed by what others do. */
const REFRESH_EVERY_MS = 50
/** A name is seen for this long after its owner did something. */
const ACTIVE_MS = 2_000
/** People beyond this are not shown. */
const MAX_PEERS = 200
/** Ranges of all of them together; everybody's main one is shown beyond it. */
const MAX_ALL_RANGES = 2_000

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
    const isKnown = update.startState.facet(peerLooks) !== update.state.facet(peerLooks)
    if (lacking || isKnown) this.#plan(0)
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
    const last = this.#seen
    this.#seen = this.#look(this.#options.presence.others.slice(0, MAX_PEERS), last)
    this.#planFading()
    const before = this.#view.state.field(shownPeers)
    const peers = this.#shown(before, last)
    if (!samePeers(before, peers)) this.#view.dispatch({ effects: showPeers.of(peers) })
  }

  #look(peers: readonly PresentPeer[], last: ReadonlyMap<number, Seen>): Map<number, Seen> {
    const seen = new Map<number, Seen>()
    for (const peer of peers) {
      try {
        seen.set(peer.clientId, this.#lookAt(peer, last.get(peer.clientId)))
      } catch (error) {
        // One person's state must not make the others invisible.
        logException(this.#view.state, error, 'reading the presence of a peer')
      }
    }
    return seen
  }

  #lookAt({ clientId, state }: PresentPeer, last: Seen | undefined): Seen {
    if (last?.state === state) return last
    const sent = JSON.stringify([state['cursor'], state['ranges']]) ?? ''
    const peer = peerStateOf(this.#options.ytext, clientId, state)
    const isNews = last?.sent !== sent
    const activeUntil = isNews ? this.#refreshedAt + ACTIVE_MS : last.activeUntil
    return { state, peer, sent, found: !isNews && last.found, activeUntil }
  }

  #shown(before: readonly ShownPeer[], last: ReadonlyMap<number, Seen>): readonly ShownPeer[] {
    const { self } = this.#options.presence
    const own = personOf(this.#options.ytext.doc?.clientID ?? 0, self ?? {})
    const shown = new Map(before.map((peer) => [peer.clientId, peer]))
    const activities = activitiesOf(this.#seen.values())
    const found = this.#find(shown, last)
    const looks = this.#view.state.facet(peerLooks)
    return [...this.#seen].map(([clientId, { peer, activeUntil }]) => ({
      clientId,
      name: peer.name,
      hue: peer.hue,
      ...looks?.(peer.person),
      person: peer.person,
      isSelf: peer.person === own,
      activity: activities.get(peer.person) ?? peer.activity,
      focused: peer.focused,
      active: peer.focused && this.#refreshedAt < activeUntil,
      ranges: found.get(clientId) ?? shown.get(clientId)?.ranges ?? [],
    }))
  }

  /** The ranges of those who have new ones, or whose ranges were not in the text yet. */
  #find(
    shown: ReadonlyMap<number, ShownPeer>,
    last: ReadonlyMap<number, Seen>,
  ): ReadonlyMap<number, readonly SelectionRange[]> {
    // Positions that moved with the text are as good as new ones, and cost nothing.
    const asking = [...this.#seen].filter(([id, { found }]) => !found || !shown.has(id))
    const allowed = allowance(this.#seen.values())
    const placed = asking.map(([, { peer }]) => peer.ranges.slice(0, allowed))
    const places = placed.flat().flatMap(({ anchor, head }): Place[] => [anchor, head])
    const indices = places.length === 0 ? [] : indicesOf(this.#options.ytext, places)
    const found = new Map<number, readonly SelectionRange[]>()
    let at = 0
    for (const [i, [clientId, seen]] of asking.entries()) {
      const wanted = placed[i]?.length ?? 0
      const ranges = this.#ranges(indices.slice(at, at + 2 * wanted))
      at += 2 * wanted
      seen.found = ranges.length === wanted
      // What was shown is better than nothing while what they are at has not arrived.
      const keeps = !seen.found && shown.has(clientId) && last.has(clientId)
      if (!keeps) found.set(clientId, ranges)
    }
    return found
  }

  #ranges(indices: readonly (number | null)[]): readonly SelectionRange[] {
    // The document may be ahead of the view.
    const { length } = this.#view.state.doc
    const ranges: SelectionRange[] = []
    for (let i = 0; i < indices.length; i += 2) {
      const [anchor = null, head = null] = indices.slice(i, i + 2)
      if (anchor === null || head === null) continue
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

/** How many ranges each may have, so that all together stay within their bound. */
function allowance(seen: Iterable<Seen>): number {
  const counts = [...seen].map(({ peer }) => peer.ranges.length)
  const all = counts.reduce((sum, count) => sum + count, 0)
  return all <= MAX_ALL_RANGES ? Infinity : Math.max(1, Math.floor(MAX_ALL_RANGES / counts.length))
}

/** What people are doing, each in the most active of their tabs. */
function activitiesOf(seen: Iterable<Seen>): ReadonlyMap<string, Activity> {
  const activities = new Map<string, Activity>()
  for (const { peer } of seen) {
    const known = activities.get(peer.person)
    const activity = known === undefined ? peer.activity : moreActive(known, peer.activity)
    activities.set(peer.person, activity)
  }
  return activities
}

function samePeers(one: readonly ShownPeer[], two: readonly ShownPeer[]): boolean {
  return one.length === two.length && one.every((peer, i) => samePeer(peer, two[i]))
}

function samePeer(one: ShownPeer, two: ShownPeer | undefined): boolean {
  return (
    one.clientId === two?.clientId &&
    one.name === two.name &&
    one.hue === two.hue &&
    one.person === two.person &&
    one.isSelf === two.isSelf &&
    one.activity === two.activity &&
    one.focused === two.focused &&
    one.active === two.active &&
    one.ranges.length === two.ranges.length &&
    one.ranges.every((range, i) => two.ranges[i] !== undefined && range.eq(two.ranges[i]))
  )
}

import { type Extension } from '@codemirror/state'
import { EditorView, layer, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { systemClock, type Clock } from '@coscribe/shared'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { ActivityPublisher } from './activity-publisher.js'
import { isObject, shown } from '../mistakes.js'
import { awarenessPresence, type CursorPresence } from './awareness-presence.js'
import { boxCache } from './box-cache.js'
import { boundText } from './collab-text.js'
import { caretMarkers, selectionMarkers } from './cursor-marker.js'
import { CursorPublisher } from './cursor-publisher.js'
import { cursorTheme } from './cursor-theme.js'
import { flashedPeer, flashing } from './jump.js'
import { PeerWatch } from './peer-watch.js'
import { hoveredPeer, hoverPeer, shownPeers } from './shown-peers.js'

/** Options of {@link remoteCursors}. */
export interface RemoteCursorsOptions {
  /** Time; the machine's own by default. */
  readonly clock?: Clock
}

interface CursorConfig {
  readonly presence: CursorPresence
  readonly clock: Clock
}

const watchPlugin = ViewPlugin.define(
  (view: EditorView, config: CursorConfig) =>
    new PeerWatch(view, { ...config, ytext: textOf(view) }),
)

const publishPlugin = ViewPlugin.define(
  (view: EditorView, config: CursorConfig) =>
    new CursorPublisher(view, { ...config, ytext: textOf(view) }),
)

const activityPlugin = ViewPlugin.define(
  (view: EditorView, config: CursorConfig) => new ActivityPublisher(view, config),
)

/**
 * Shows where others are and what they have selected, and shows them where this view's user is. Goes with
 * `collabText`.
 *
 * Drawn beside the text and not in it: nothing that others do moves text or gets in the way of an input method. The
 * name is seen for two seconds after its owner did something, and under the pointer. Whoever has done nothing on the page
 * for a minute, or hides it, is shown as idle or away.
 *
 * @param who a room's presence, or the awareness of any Yjs provider
 * @throws TypeError for anything else
 */
export function remoteCursors(
  who: CursorPresence | Awareness,
  options: RemoteCursorsOptions = {},
): Extension {
  checkPresence(who)
  const presence = 'getStates' in who ? awarenessPresence(who) : who
  const config = { presence, clock: options.clock ?? systemClock }
  return [
    shownPeers,
    hoveredPeer,
    watchPlugin.of(config),
    publishPlugin.of(config),
    activityPlugin.of(config),
    flashing(config.clock),
    boxCache,
    layers,
    cursorTheme,
    EditorView.domEventHandlers({ mousemove: hover, mouseleave: leave }),
  ]
}

function checkPresence(who: unknown): void {
  if (isObject(who) && ('getStates' in who || 'others' in who)) return
  throw new TypeError(
    `remoteCursors(who): who is room.presence, or the awareness of a provider, got ${shown(who)}`,
  )
}

function textOf(view: EditorView): Y.Text {
  const ytext = view.state.facet(boundText)
  if (ytext === null)
    throw new TypeError(
      'remoteCursors() needs collabText(text) among the extensions of the same editor',
    )
  return ytext
}

const layers: Extension = [
  layer({
    above: true,
    class: 'cm-coscribeCarets',
    update: (update) => movesCursors(update) || isNamedChange(update),
    markers: caretMarkers,
  }),
  layer({
    above: false,
    class: 'cm-coscribeSelections',
    update: movesCursors,
    markers: selectionMarkers,
  }),
]

/** Geometry that changes is seen to by the layers themselves. */
function movesCursors(update: ViewUpdate): boolean {
  const peers = update.state.field(shownPeers)
  if (update.startState.field(shownPeers, false) !== peers) return true
  return peers.length > 0 && (update.docChanged || update.viewportChanged)
}

function isNamedChange({ startState, state }: ViewUpdate): boolean {
  return [hoveredPeer, flashedPeer].some(
    (field) => startState.field(field, false) !== state.field(field),
  )
}

/** How far from a caret the pointer may be, in pixels. */
const HOVER_DISTANCE_PX = 4

/** Carets take no part in pointer events, or clicks on them would not reach the text. */
function hover(event: MouseEvent, view: EditorView): boolean {
  if (view.state.field(shownPeers).length === 0) return false
  const carets = view.scrollDOM.querySelectorAll<HTMLElement>('.cm-coscribeCaret')
  const caret = [...carets].find((element) => isNear(element.getBoundingClientRect(), event))
  return setHovered(view, caret === undefined ? null : Number(caret.dataset['client']))
}

function isNear({ left, top, bottom }: DOMRect, { clientX, clientY }: MouseEvent): boolean {
  const across = Math.abs(clientX - left) <= HOVER_DISTANCE_PX
  return across && clientY >= top && clientY <= bottom
}

function leave(_event: Event, view: EditorView): boolean {
  return setHovered(view, null)
}

function setHovered(view: EditorView, clientId: number | null): boolean {
  if (view.state.field(hoveredPeer) !== clientId) {
    view.dispatch({ effects: hoverPeer.of(clientId) })
  }
  return false
}

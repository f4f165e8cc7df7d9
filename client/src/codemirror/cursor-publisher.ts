import type { SelectionRange } from '@codemirror/state'
import type { EditorView, PluginValue, ViewUpdate } from '@codemirror/view'
import type { Cancel, Clock, Off } from '@coscribe/shared'
import type * as Y from 'yjs'
import type { Presence, PresenceState, PresentPeer } from '../presence.js'
import { freeHue, hueOf } from './hue.js'
import { lookOf, MAX_RANGES } from './peer-state.js'
import { placeAt, placeToJson, placeToText } from './place.js'

export interface CursorPublisherOptions {
  readonly ytext: Y.Text
  readonly presence: Pick<Presence, 'self' | 'others' | 'set' | 'subscribe'>
  readonly clock: Clock
}

/** At most ten times a second; only where the caret is last counts. */
const PUBLISH_EVERY_MS = 100

/**
 * Shows others where this view's user is: `cursor` (the main range) and `ranges` (all further ones) as places in the
 * text, `focused`, and `hue`.
 */
export class CursorPublisher implements PluginValue {
  readonly #view: EditorView
  readonly #options: CursorPublisherOptions
  readonly #off: Off
  /** What of the presence is from here; another view of the same person may have published since. */
  #cursor: unknown = null
  #published = ''
  #publishedAt = -Infinity
  #cancel: Cancel | null = null

  constructor(view: EditorView, options: CursorPublisherOptions) {
    this.#view = view
    this.#options = options
    this.#off = options.presence.subscribe(() => this.#plan())
    this.#plan()
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged) this.#plan()
  }

  destroy(): void {
    this.#off()
    this.#cancel?.()
    const { presence } = this.#options
    if (this.#isOurs()) presence.set({ cursor: null, ranges: undefined, focused: undefined })
  }

  /** Later, in any case: a view that is updating has not seen its last change yet. */
  #plan(): void {
    const { clock } = this.#options
    const waitMs = Math.max(0, this.#publishedAt + PUBLISH_EVERY_MS - clock.now())
    this.#cancel ??= clock.after(waitMs, () => this.#publish())
  }

  #publish(): void {
    this.#cancel = null
    const { presence, clock } = this.#options
    // Whoever hides stays hidden.
    if (presence.self === null) return
    const focused = this.#view.hasFocus
    const patch = {
      ...(focused || this.#isOurs() ? { ...this.#place(), focused } : {}),
      hue: this.#hue(presence.self),
    }
    const published = JSON.stringify(patch)
    const current = patch.hue === presence.self['hue'] && (!('cursor' in patch) || this.#isOurs())
    if (published === this.#published && current) return
    this.#published = published
    this.#publishedAt = clock.now()
    if ('cursor' in patch) this.#cursor = patch.cursor
    presence.set(patch)
  }

  #isOurs(): boolean {
    return this.#cursor !== null && this.#options.presence.self?.['cursor'] === this.#cursor
  }

  #place(): { cursor: unknown; ranges: string[] | undefined } {
    const { main, ranges } = this.#view.state.selection
    const further = ranges.filter((range) => range !== main).slice(0, MAX_RANGES - 1)
    const { ytext } = this.#options
    const [anchor, head] = this.#places(main).map((place) => placeToJson(ytext, place))
    const texts = further.flatMap((range) => this.#places(range).map(placeToText))
    return { cursor: { anchor, head }, ranges: texts.length === 0 ? undefined : texts }
  }

  #places({ anchor, head }: SelectionRange) {
    const { ytext } = this.#options
    const from = placeAt(ytext, anchor)
    return [from, head === anchor ? from : placeAt(ytext, head)]
  }

  /** Of two people with one hue, the one with the higher client id takes another, if there is one. */
  #hue(self: PresenceState): number {
    const own = this.#options.ytext.doc?.clientID ?? 0
    const { others } = this.#options.presence
    const first = firstTabOf(self, own, others)
    if (first !== null) return first
    const looks = others.flatMap((peer) => looksOf(self, peer))
    const { name } = lookOf(own, self)
    const current = 'hue' in self ? lookOf(own, self).hue : null
    const wanted = current ?? hueOf(name === '' ? String(own) : name)
    const stronger = looks.filter(({ clientId }) => current === null || clientId < own)
    if (!stronger.some(({ hue }) => hue === wanted)) return wanted
    return freeHue(wanted, new Set(looks.map(({ hue }) => hue)))
  }
}

/** The hue of this person's first tab, if it is another one: their tabs all look the same. */
function firstTabOf(
  self: PresenceState,
  own: number,
  others: readonly PresentPeer[],
): number | null {
  let first: PresentPeer | null = null
  for (const peer of others) {
    const { clientId, state } = peer
    if (typeof self['id'] !== 'string' || state['id'] !== self['id']) continue
    if (clientId < (first?.clientId ?? own) && 'hue' in state) first = peer
  }
  return first === null ? null : lookOf(first.clientId, first.state).hue
}

/** The hue that somebody else has; none if it is the same person, whose tabs all look the same. */
function looksOf(self: PresenceState, { clientId, state }: PresentPeer) {
  try {
    const { id } = self
    if (typeof id === 'string' && id === state['id']) return []
    return [{ clientId, hue: lookOf(clientId, state).hue }]
  } catch {
    // A state that cannot be read has no hue to respect.
    return []
  }
}

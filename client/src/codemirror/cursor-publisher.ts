import type { EditorView, PluginValue, ViewUpdate } from '@codemirror/view'
import type { Cancel, Clock, Off } from '@coscribe/shared'
import type * as Y from 'yjs'
import type { Presence } from '../presence.js'
import { ownHue } from './own-hue.js'
import { MAX_RANGES } from './peer-state.js'
import { placesAt, placeToJson, rangeToText, type Place } from './place.js'

export interface CursorPublisherOptions {
  readonly ytext: Y.Text
  readonly presence: Pick<Presence, 'self' | 'others' | 'set' | 'subscribe'>
  readonly clock: Clock
}

/** At most ten times a second; only where the caret is last counts. */
const PUBLISH_EVERY_MS = 100
/** What all further ranges may take, in characters: servers take a state of 4 KiB. */
const MAX_RANGES_LENGTH = 2_400

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
      hue: ownHue(this.#options.ytext.doc?.clientID ?? 0, presence.self, presence.others),
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
    const ends = [main, ...further].flatMap(({ anchor, head }) => [anchor, head])
    const [from = 'end', to = 'end', ...places] = placesAt(ytext, ends)
    const cursor = { anchor: placeToJson(ytext, from), head: placeToJson(ytext, to) }
    const texts = rangeTexts(places)
    return { cursor, ranges: texts.length === 0 ? undefined : texts }
  }
}

/** As many ranges as fit. @param places anchors and heads in turn */
function rangeTexts(places: readonly Place[]): string[] {
  const texts: string[] = []
  let length = 0
  for (let i = 0; i < places.length; i += 2) {
    const [anchor = 'end', head = 'end'] = places.slice(i, i + 2)
    const text = rangeToText({ anchor, head })
    length += text.length + 3
    if (length > MAX_RANGES_LENGTH) break
    texts.push(text)
  }
  return texts
}

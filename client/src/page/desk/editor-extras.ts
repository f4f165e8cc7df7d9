import { Compartment, EditorState, Prec, StateEffect, type Extension } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { announcements } from '../../codemirror/index.js'
import type { Settings } from './settings.js'

const dim = 'var(--coscribe-dim, light-dark(#64666b, #a09e98))'

const numbers: Extension = [
  lineNumbers(),
  EditorView.theme({
    '.cm-gutters': { backgroundColor: 'transparent', border: 'none', color: dim },
    '.cm-lineNumbers .cm-gutterElement': {
      padding: '0',
      paddingInlineEnd: '12px',
      minWidth: '2rem',
    },
  }),
]

/** An editor breaks lines by itself; this is the more specific rule. */
const unbroken: Extension = EditorView.theme({
  '.cm-content.cm-lineWrapping': {
    flexShrink: '0',
    whiteSpace: 'pre',
    wordBreak: 'normal',
    overflowWrap: 'normal',
  },
})

/** How the settings show in an editor, but for what is loaded first. */
export function appearance(settings: Settings): Extension {
  return [
    settings.wrap ? [] : unbroken,
    settings.lineNumbers ? numbers : [],
    EditorState.tabSize.of(settings.tabSize),
    // Before what the editor has by itself: of two answers the first one counts.
    Prec.high(announcements.of(settings.announce)),
  ]
}

const places = ['keys', 'language', 'find', 'appearance', 'watch'] as const
export type ExtraPlace = (typeof places)[number]

/** What is added to an editor that is open already, and changed in it. Outlives the editor: the next one has it too. */
export class EditorExtras {
  readonly #compartments: Readonly<Record<ExtraPlace, Compartment>> = {
    keys: new Compartment(),
    language: new Compartment(),
    find: new Compartment(),
    appearance: new Compartment(),
    watch: new Compartment(),
  }
  readonly #extensions = new Map<ExtraPlace, Extension>()
  #view: EditorView | null = null

  get view(): EditorView | null {
    return this.#view
  }

  /** Goes over to another editor; `null` when there is none. */
  use(view: EditorView | null): void {
    if (view === this.#view) return
    this.#view = view
    const all = places.map((place) => {
      return this.#compartments[place].of(this.#extensions.get(place) ?? [])
    })
    view?.dispatch({ effects: StateEffect.appendConfig.of(all) })
  }

  set(place: ExtraPlace, extension: Extension): void {
    if (this.#extensions.get(place) === extension) return
    this.#extensions.set(place, extension)
    this.#view?.dispatch({ effects: this.#compartments[place].reconfigure(extension) })
  }
}

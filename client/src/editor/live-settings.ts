import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { EditorView, lineNumbers, placeholder } from '@codemirror/view'
import { announcements, othersWords } from '../codemirror/index.js'
import { englishElements } from '../phrases/en/elements.js'
import type { EditorSettings } from './editor-options.js'
import { themeAt } from './theme.js'

type Name = keyof EditorSettings

/** Settings that are one extension, and what that depends on. */
interface Part {
  readonly of: readonly Name[]
  readonly extension: (settings: EditorSettings, place: HTMLElement) => Extension
}

const parts: readonly Part[] = [
  { of: ['extensions'], extension: ({ extensions }) => extensions ?? [] },
  { of: ['placeholder'], extension: ({ placeholder: hint = '' }) => placeholder(hint) },
  { of: ['label', 'phrases'], extension: words },
  { of: ['announce'], extension: ({ announce = 'nearby' }) => announcements.of(announce) },
  { of: ['theme'], extension: ({ theme = 'auto' }, place) => themeAt(place, theme) },
  {
    of: ['readOnly', 'disabled'],
    // What is read-only is still focusable, so that the keyboard can read, select and copy.
    extension: ({ readOnly = false, disabled = false }) => [
      // Of two answers the first one counts: without a word from here it is the room's.
      readOnly || disabled ? EditorState.readOnly.of(true) : [],
      disabled ? EditorView.editable.of(false) : [],
    ],
  },
  {
    of: ['lineNumbers'],
    extension: ({ lineNumbers: wanted = false }) => (wanted ? lineNumbers() : []),
  },
  { of: ['wrap'], extension: ({ wrap = true }) => (wrap ? EditorView.lineWrapping : []) },
  { of: ['tabSize'], extension: ({ tabSize = 4 }) => EditorState.tabSize.of(tabSize) },
]

function words({ label, phrases }: EditorSettings): Extension {
  const { editor, others } = phrases ?? englishElements
  return [
    othersWords.of(others),
    EditorState.phrases.of(editor.codeMirror),
    EditorView.contentAttributes.of({
      'aria-label': label ?? editor.label,
      spellcheck: 'true',
      autocapitalize: 'sentences',
    }),
  ]
}

/** The settings of an open editor as extensions; a change touches what depends on it and nothing else. */
export class LiveSettings {
  readonly #place: HTMLElement
  readonly #compartments = parts.map((part) => ({ part, compartment: new Compartment() }))
  #current: EditorSettings

  /** @param place where the editor is; what its theme is depends on that */
  constructor(place: HTMLElement, settings: EditorSettings) {
    this.#place = place
    this.#current = settings
  }

  get current(): EditorSettings {
    return this.#current
  }

  extensions(): Extension {
    return this.#compartments.map(({ part, compartment }) =>
      compartment.of(part.extension(this.#current, this.#place)),
    )
  }

  /** Changes what is named and leaves the rest. */
  change(view: EditorView, patch: EditorSettings): void {
    const before = this.#current
    this.#current = { ...before, ...patch }
    this.#reconfigure(view, (name) => before[name] !== this.#current[name])
  }

  /** The surroundings may be dark or light now. */
  lookAround(view: EditorView): void {
    this.#reconfigure(view, (name) => name === 'theme')
  }

  #reconfigure(view: EditorView, isDue: (name: Name) => boolean): void {
    const due = this.#compartments.filter(({ part }) => part.of.some(isDue))
    if (due.length === 0) return
    view.dispatch({
      effects: due.map(({ part, compartment }) =>
        compartment.reconfigure(part.extension(this.#current, this.#place)),
      ),
    })
  }
}

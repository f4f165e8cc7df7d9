import { Compartment, EditorSelection, EditorState, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { redo, undo } from '@coscribe/client/codemirror'
import * as Y from 'yjs'
import { selectionInside, settled, shownText, viewText } from './binding-world.js'
import { ManualClock } from './manual-clock.js'
import { SeededRandom } from './random.js'

/** Binds a view to a text; what is being tested. */
export type Binding = (ytext: Y.Text, clock: ManualClock, drifted: () => void) => Extension

interface Editor {
  view: EditorView
  readonly site: Site
  readonly rules: Compartment
  /** The state that was taken out of the view, while another document is shown. */
  aside: EditorState | null
}

interface Site {
  readonly ytext: Y.Text
  readonly ydoc: Y.Doc
  readonly editors: Editor[]
  /** Updates of others that have not arrived here. */
  readonly inbox: Uint8Array[]
}

const SITES = 3
const MAX_EDITORS = 3
const LONG = 300
/** What people type and paste; whole and broken characters, and line ends of every kind. */
const PIECES = [
  'a',
  'b',
  'word ',
  '\n',
  'line\nline',
  '\r\n',
  'x\r\ny\r\n',
  '\r',
  '\u{1f601}',
  '\u{1f600}',
  '\ud83d',
  '\ude00',
  '\ude01',
  '\u{1f468}\u200d\u{1f469}',
  '\ufffd',
  '\ufffc',
  'é',
  '\u0000',
]
/** What other programs put into the text; they, too, write whole characters, but may cut those that are there. */
const FOREIGN = ['z', '\r\n', '\r', '\n', 'q\r\nr', '\u{1f601}', '\u{1f468}\u200d']

/**
 * Replicas of one text, each with some editors, and people and programs who do at random whatever can be done. After
 * every step each view has to show exactly what its document says.
 */
export class BindingCrowd {
  readonly #random: SeededRandom
  readonly #binding: Binding
  readonly #clock = new ManualClock()
  readonly #sites: Site[] = []
  #drifts = 0
  #reactions = 0
  /** What the documents said after the last step. */
  #texts: readonly string[] = []
  readonly #opened: EditorView[] = []

  constructor(seed: number, binding: Binding) {
    this.#random = new SeededRandom(seed)
    this.#binding = binding
    for (let i = 0; i < SITES; i++) this.#sites.push(this.#newSite())
    for (const site of this.#sites) this.#open(site)
  }

  /** Takes `steps` steps. Returns what went wrong first, or `null`. */
  async run(steps: number): Promise<string | null> {
    for (let step = 0; step < steps; step++) {
      const [name, act] = this.#random.pick(this.#acts)
      const before = this.#texts
      try {
        act()
        await settled()
      } catch (error) {
        return `step ${step}: ${name} threw ${(error as Error).stack}`
      }
      const fault = this.#fault()
      if (fault !== null)
        return `step ${step}: ${name}: ${fault}; before: ${JSON.stringify(before)}`
    }
    return this.#finalFault()
  }

  destroy(): void {
    for (const view of this.#opened) view.destroy()
  }

  /** What may happen, and how often compared to the rest. */
  readonly #acts = weighted([
    [8, 'edit', () => this.#edit(this.#someone())],
    [6, 'deliver', () => this.#deliver()],
    [3, 'foreign edit', () => this.#foreignEdit(this.#site())],
    [1, 'undo', () => void undo(this.#someone().view)],
    [1, 'redo', () => void redo(this.#someone().view)],
    [1, 'reconnect', () => this.#reconnect()],
    [1, 'set state', () => this.#setState(this.#anyone())],
    [1, 'open or close', () => this.#openOrClose()],
    [1, 'rules', () => this.#changeRules(this.#someone())],
    [1, 'nested edit', () => this.#nestedEdit()],
    [1, 'select', () => this.#select(this.#someone())],
    [1, 'compose', () => this.#compose(this.#someone())],
    [1, 'react', () => (this.#reactions = 2)],
    [1, 'wait', () => this.#clock.advance(this.#random.pick([10, 600, 2_000, 40_000]))],
  ])

  #newSite(): Site {
    const ydoc = new Y.Doc()
    ydoc.clientID = 1 + this.#random.below(2 ** 31)
    const site: Site = { ydoc, ytext: ydoc.getText('content'), editors: [], inbox: [] }
    ydoc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'wire') return
      for (const other of this.#sites) if (other !== site) other.inbox.push(update)
    })
    // A program that writes, or makes an editor write, while others are still being told of a change.
    site.ytext.observe(() => {
      if (this.#reactions === 0) return
      this.#reactions -= 1
      const editor = site.editors.find(({ aside }) => aside === null)
      if (this.#random.chance(0.5) && editor !== undefined) this.#tryEdit(editor)
      else this.#foreignEdit(site)
    })
    return site
  }

  #site(): Site {
    return this.#random.pick(this.#sites)
  }

  #anyone(): Editor {
    return this.#random.pick(this.#sites.flatMap(({ editors }) => editors))
  }

  /** An editor that shows the text. */
  #someone(): Editor {
    const editor = this.#anyone()
    if (editor.aside !== null) this.#setState(editor)
    return editor
  }

  #open(site: Site): void {
    const rules = new Compartment()
    const binding = this.#binding(site.ytext, this.#clock, () => (this.#drifts += 1))
    const extensions = [EditorState.allowMultipleSelections.of(true), rules.of([]), binding]
    const doc = this.#random.chance(0.5) ? '' : shownText(site.ytext)
    const view = new EditorView({ state: EditorState.create({ doc, extensions }) })
    this.#opened.push(view)
    site.editors.push({ view, site, rules, aside: null })
  }

  #openOrClose(): void {
    const site = this.#site()
    if (site.editors.length < MAX_EDITORS) return this.#open(site)
    site.editors.splice(this.#random.below(site.editors.length), 1)[0]?.view.destroy()
  }

  #setState(editor: Editor): void {
    const { view, aside } = editor
    editor.aside = aside === null ? view.state : null
    view.setState(aside ?? EditorState.create({ doc: 'another document' }))
  }

  #edit(editor: Editor): void {
    const { view } = editor
    const { length } = view.state.doc
    const count = this.#random.chance(0.2) ? 3 : 1
    const points = Array.from({ length: count * 2 }, () => this.#random.below(length + 1))
    points.sort((a, b) => a - b)
    const changes = Array.from({ length: count }, (_, i) => {
      const from = points[i * 2] ?? 0
      const end = points[i * 2 + 1] ?? 0
      const to = length > LONG ? end : Math.min(end, from + this.#random.below(4))
      const insert = this.#random.chance(0.8) ? this.#random.pick(PIECES) : ''
      return { from, to: this.#random.chance(0.5) ? from : to, insert }
    })
    const userEvent = this.#random.pick(['input.type', 'input.paste', 'delete.cut', 'other'])
    const filter = this.#random.chance(0.7)
    view.dispatch({ changes, userEvent, ...(filter ? {} : { filter: false }) })
  }

  /** As an observer does it: the view may be in the midst of an update, and refuse. */
  #tryEdit(editor: Editor): void {
    try {
      this.#edit(editor)
    } catch (error) {
      if (!String(error).includes('update is in progress')) throw error
    }
  }

  #select({ view }: Editor): void {
    const { length } = view.state.doc
    const ranges = Array.from({ length: 1 + this.#random.below(3) }, () =>
      EditorSelection.range(this.#random.below(length + 1), this.#random.below(length + 1)),
    )
    view.dispatch({ selection: EditorSelection.create(ranges) })
  }

  #foreignEdit({ ytext, ydoc }: Site): void {
    const at = this.#random.below(ytext.length + 1)
    const length = Math.min(ytext.length - at, this.#random.below(ytext.length > LONG ? 200 : 5))
    ydoc.transact(() => {
      const kind = this.#random.below(6)
      if (kind === 0) ytext.insertEmbed(at, { image: at })
      else if (kind === 1) this.#format(ytext, at, at + length)
      else if (kind < 4) ytext.delete(at, length)
      else ytext.insert(at, this.#random.pick(FOREIGN))
    }, 'foreign')
  }

  /** Whole characters only: Yjs tears a character at the edge without saying so if the format was there before. */
  #format(ytext: Y.Text, from: number, to: number): void {
    const text = shownText(ytext)
    if ([from, to].some((at) => /^[\udc00-\udfff]/.test(text.slice(at)))) return
    ytext.format(from, to - from, { bold: this.#random.pick([true, null]) })
  }

  #nestedEdit(): void {
    const editor = this.#someone()
    editor.site.ydoc.transact(() => {
      if (this.#random.chance(0.7)) this.#foreignEdit(editor.site)
      this.#edit(editor)
      if (this.#random.chance(0.7)) this.#foreignEdit(editor.site)
      if (this.#random.chance(0.3)) this.#edit(editor)
    }, 'app')
  }

  #deliver(): void {
    const { inbox, ydoc } = this.#site()
    const count = Math.min(inbox.length, 1 + this.#random.below(4))
    for (let i = 0; i < count; i++) {
      const [update] = inbox.splice(this.#random.below(inbox.length), 1)
      if (update !== undefined) Y.applyUpdate(ydoc, update, 'wire')
    }
  }

  #reconnect(): void {
    const [one, two] = [this.#site(), this.#site()]
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      const missing = Y.encodeStateAsUpdate(from.ydoc, Y.encodeStateVector(to.ydoc))
      Y.applyUpdate(to.ydoc, missing, 'wire')
    }
  }

  #changeRules({ view, rules }: Editor): void {
    const choice: Extension = this.#random.pick<Extension>([
      [],
      [],
      EditorState.readOnly.of(true),
      EditorState.changeFilter.of(() => false),
      EditorState.changeFilter.of(() => [0, 10]),
      EditorState.transactionFilter.of((transaction) =>
        transaction.newDoc.length > 20 ? [] : transaction,
      ),
    ])
    view.dispatch({ effects: rules.reconfigure(choice) })
  }

  /** Begins or ends what an input method does. */
  #compose({ view }: Editor): void {
    // CodeMirror deletes what is selected over several lines, and an edit of ours may have turned a range inside out.
    view.dispatch({ selection: { anchor: view.state.selection.main.to } })
    const type = view.compositionStarted ? 'compositionend' : 'compositionstart'
    view.contentDOM.dispatchEvent(new CompositionEvent(type, { bubbles: true }))
    this.#clock.advance(200)
  }

  #fault(): string | null {
    if (this.#drifts > 0) return 'the binding had to repair a drift'
    this.#texts = this.#sites.map(({ ytext }) => shownText(ytext))
    for (const [number, { editors }] of this.#sites.entries()) {
      const wanted = this.#texts[number] ?? ''
      for (const { view, aside } of editors) {
        // While a character is composed, changes in its line wait.
        if (aside !== null || view.compositionStarted) continue
        const text = viewText(view)
        if (text !== wanted) {
          return `site ${number} shows ${JSON.stringify(text)} for ${JSON.stringify(wanted)}`
        }
        if (!selectionInside(view.state.selection, text.length)) return 'the caret is outside'
      }
    }
    return null
  }

  /** When everything has arrived, the replicas are equal. */
  #finalFault(): string | null {
    this.#reactions = 0
    for (const editor of this.#sites.flatMap(({ editors }) => editors)) {
      if (editor.view.compositionStarted) this.#compose(editor)
    }
    for (const { ydoc, inbox } of this.#sites) {
      for (const update of inbox.splice(0)) Y.applyUpdate(ydoc, update, 'wire')
    }
    const texts = new Set(this.#sites.map(({ ytext }) => shownText(ytext)))
    return texts.size === 1 ? this.#fault() : `replicas differ: ${JSON.stringify([...texts])}`
  }
}

/** Each act as often as its weight says. */
function weighted(acts: [weight: number, name: string, act: () => unknown][]) {
  return acts.flatMap(([weight, name, act]) =>
    Array.from({ length: weight }, () => [name, act] as const),
  )
}

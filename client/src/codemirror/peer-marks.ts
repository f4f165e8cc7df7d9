import type { Extension } from '@codemirror/state'
import { EditorView, ViewPlugin, type PluginValue, type ViewUpdate } from '@codemirror/view'
import { color } from './cursor-theme.js'
import { jumpToPeer } from './jump.js'
import { othersWords } from './others-words.js'
import { shownPeers, showPeers, type ShownPeer } from './shown-peers.js'
import { overVisiblePart, visibleLayerOf } from './visible-part.js'

/** People beyond this have no mark. */
const MAX_MARKS = 100

/** Where somebody is, from the beginning of the text (0) to its end (1). */
interface Mark {
  readonly peer: ShownPeer
  readonly at: number
}

/**
 * A thin strip at the side with a mark for everybody who is somewhere in a text that is longer than what can be seen.
 * Marks are for pointers; the list of people is the way for everybody else.
 */
class PeerMarks implements PluginValue {
  readonly #view: EditorView
  readonly #strip: HTMLElement

  constructor(view: EditorView) {
    this.#view = view
    this.#strip = view.dom.ownerDocument.createElement('div')
    this.#strip.className = 'cm-coscribeMarks'
    this.#strip.setAttribute('aria-hidden', 'true')
    // The focus stays where it is.
    this.#strip.addEventListener('mousedown', (event) => event.preventDefault())
    this.#strip.addEventListener('click', this.#onClick)
    visibleLayerOf(view)?.dom.append(this.#strip)
    this.#measure()
  }

  update(update: ViewUpdate): void {
    const { transactions, startState, state } = update
    const isNews = transactions.some(({ effects }) => effects.some((one) => one.is(showPeers)))
    const isOtherHeight = update.heightChanged || startState.doc.lines !== state.doc.lines
    if (isNews || isOtherHeight || (update.geometryChanged && !update.docChanged)) this.#measure()
  }

  destroy(): void {
    this.#strip.remove()
  }

  /** At the next frame, together with everything else that is measured. */
  #measure(): void {
    this.#view.requestMeasure({
      key: this,
      read: () => this.#read(),
      write: (marks) => this.#write(marks),
    })
  }

  #read(): readonly Mark[] {
    const { state, contentHeight } = this.#view
    const visible = visibleLayerOf(this.#view)?.height ?? 0
    if (contentHeight <= visible) return []
    const marks: Mark[] = []
    for (const peer of state.field(shownPeers)) {
      const head = peer.ranges[0]?.head
      if (head === undefined || peer.isSelf) continue
      // What was measured may be of an older text.
      const { top } = this.#view.lineBlockAt(Math.min(head, state.doc.length))
      marks.push({ peer, at: top / contentHeight })
    }
    return marks.slice(0, MAX_MARKS)
  }

  #write(marks: readonly Mark[]): void {
    const strip = this.#strip
    while (strip.childElementCount > marks.length) strip.lastElementChild?.remove()
    const words = this.#view.state.facet(othersWords)
    for (const [i, { peer, at }] of marks.entries()) {
      const element = (strip.children[i] ?? strip.appendChild(newMark(strip))) as HTMLElement
      element.dataset['person'] = peer.person
      element.title = peer.name || words.somebody
      element.style.setProperty('top', `${(100 * at).toFixed(2)}%`)
      element.style.setProperty('--coscribe-hue', String(peer.hue))
    }
  }

  readonly #onClick = ({ target }: MouseEvent): void => {
    const person = target instanceof HTMLElement ? target.dataset['person'] : undefined
    if (person !== undefined) jumpToPeer(this.#view, person)
  }
}

/**
 * Marks at the side of an editor where everybody is in a text that is longer than what can be seen; a click goes there.
 * Goes with `remoteCursors`.
 */
export function peerMarks(): Extension {
  return [
    overVisiblePart,
    ViewPlugin.fromClass(PeerMarks),
    EditorView.baseTheme({
      '.cm-coscribeMarks': {
        position: 'absolute',
        insetBlock: '0',
        insetInlineEnd: 'var(--coscribe-edge, 0)',
        width: '12px',
      },
      '.cm-coscribeMark': {
        position: 'absolute',
        insetInlineEnd: '0',
        width: '12px',
        height: '12px',
        marginTop: '-2px',
        cursor: 'pointer',
        pointerEvents: 'auto',
      },
      // What is drawn is smaller than what can be pressed. A border, because forced colours keep borders.
      '.cm-coscribeMark::before': {
        content: '""',
        position: 'absolute',
        insetInlineEnd: '2px',
        insetBlockStart: '2px',
        width: '6px',
        borderTop: '4px solid',
        borderRadius: '2px',
      },
      '.cm-coscribeMark:hover::before': { width: '10px' },
      '&light .cm-coscribeMark::before': { borderColor: color(0.52) },
      '&dark .cm-coscribeMark::before': { borderColor: color(0.72) },
    }),
  ]
}

function newMark({ ownerDocument }: Element): HTMLElement {
  const mark = ownerDocument.createElement('div')
  mark.className = 'cm-coscribeMark'
  return mark
}

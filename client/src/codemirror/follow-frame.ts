import type { EditorView, PluginValue, ViewUpdate } from '@codemirror/view'
import { followed, type Followed } from './follow-state.js'
import { othersWords } from './others-words.js'
import { visibleLayerOf } from './visible-part.js'

/** The coloured frame around what is seen of somebody who is followed, with their name and a way out. */
export class FollowFrame implements PluginValue {
  readonly #view: EditorView
  readonly #stop: () => void
  #frame: HTMLElement | null = null

  /** @param stop called when the person wants to follow no longer */
  constructor(view: EditorView, stop: () => void) {
    this.#view = view
    this.#stop = stop
    this.#show()
  }

  update({ startState, state }: ViewUpdate): void {
    const isOther = startState.field(followed, false) !== state.field(followed)
    if (isOther || startState.facet(othersWords) !== state.facet(othersWords)) this.#show()
  }

  destroy(): void {
    this.#frame?.remove()
  }

  #show(): void {
    const now = this.#view.state.field(followed)
    if (now !== null) return this.#fill(now)
    const frame = this.#frame
    this.#frame = null
    // A button that goes takes the focus along to nowhere.
    const hadFocus = frame?.contains(focusedIn(this.#view)) ?? false
    frame?.remove()
    if (hadFocus) this.#view.contentDOM.focus({ preventScroll: true })
  }

  #fill({ name, hue }: Followed): void {
    const words = this.#view.state.facet(othersWords)
    const frame = (this.#frame ??= this.#make())
    const [text, button] = frame.querySelectorAll('span, button')
    const shown = name || words.somebody
    frame.style.setProperty('--coscribe-hue', String(hue))
    if (text !== undefined) text.textContent = words.following(shown)
    if (button === undefined) return
    button.textContent = words.stop
    button.setAttribute('aria-label', words.stopFollowing(shown))
  }

  #make(): HTMLElement {
    const page = this.#view.dom.ownerDocument
    const frame = page.createElement('div')
    frame.className = 'cm-coscribeFrame'
    const note = frame.appendChild(page.createElement('div'))
    note.className = 'cm-coscribeFollowed'
    note.append(page.createElement('span'), page.createElement('button'))
    const button = note.querySelector('button')
    if (button !== null) button.type = 'button'
    button?.addEventListener('click', this.#stop)
    visibleLayerOf(this.#view)?.dom.append(frame)
    return frame
  }
}

function focusedIn({ root }: EditorView): Element | null {
  return root.activeElement
}

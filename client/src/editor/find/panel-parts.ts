import type { SearchQuery } from '@codemirror/search'

/** What the panel's controls do. */
export interface PanelActions {
  /** A field or a switch has changed. */
  readonly changed: () => void
  readonly next: () => void
  readonly previous: () => void
  readonly replace: () => void
  readonly replaceAll: () => void
  readonly close: () => void
  readonly key: (event: KeyboardEvent) => void
  /** Longest text in a field, in UTF-16 units. */
  readonly maxLength: number
}

type Spec = Required<
  Pick<SearchQuery, 'search' | 'replace' | 'caseSensitive' | 'wholeWord' | 'regexp' | 'literal'>
>

const drawings = {
  previous: 'm5 12.5 5-5 5 5',
  next: 'm5 7.5 5 5 5-5',
  close: 'm5 5 10 10M15 5 5 15',
}

/** The elements of the panel: one line to find with, and one to replace with. */
export class PanelParts {
  readonly dom: HTMLElement
  readonly field: HTMLInputElement
  readonly replacement: HTMLInputElement
  readonly #page: Document
  readonly #count: HTMLOutputElement
  readonly #replacing: HTMLElement
  readonly #case: HTMLButtonElement
  readonly #word: HTMLButtonElement
  readonly #regexp: HTMLButtonElement
  /** What has a name, by the key of its phrase; and whether the name is also its text. */
  readonly #named: (readonly [HTMLElement, string, boolean])[] = []

  constructor(page: Document, actions: PanelActions) {
    this.#page = page
    this.field = this.#input('find.field', actions)
    // CodeMirror puts the focus there.
    this.field.setAttribute('main-field', 'true')
    this.replacement = this.#input('find.replacement', actions)
    this.#count = page.createElement('output')
    this.#case = this.#switch('find.case', 'Aa', actions)
    this.#word = this.#switch('find.word', '“ ”', actions)
    this.#regexp = this.#switch('find.regexp', '.*', actions)
    this.dom = page.createElement('div')
    this.dom.className = 'cm-coscribeFind'
    this.dom.setAttribute('role', 'search')
    this.dom.addEventListener('keydown', actions.key)
    this.#named.push([this.dom, 'find.panel', false])
    this.#replacing = this.#row([
      this.replacement,
      this.#button('find.replace', null, actions.replace),
      this.#button('find.all', null, actions.replaceAll),
    ])
    const finding = this.#row([
      this.field,
      this.#count,
      this.#button('find.previous', drawings.previous, actions.previous),
      this.#button('find.next', drawings.next, actions.next),
      this.#case,
      this.#word,
      this.#regexp,
      this.#button('find.close', drawings.close, actions.close),
    ])
    this.dom.append(finding, this.#replacing)
  }

  /** Puts the words in. */
  name(phrase: (key: string) => string): void {
    for (const [element, key, isText] of this.#named) {
      const words = phrase(key)
      if (isText) element.textContent = words
      else element.setAttribute('aria-label', words)
      if (element instanceof HTMLInputElement) element.placeholder = words
      else if (!isText && element !== this.dom) element.title = words
    }
  }

  /** What the controls ask for. */
  spec(): Spec {
    return {
      search: this.field.value,
      replace: this.replacement.value,
      caseSensitive: isOn(this.#case),
      wholeWord: isOn(this.#word),
      regexp: isOn(this.#regexp),
      literal: !isOn(this.#regexp),
    }
  }

  /** Shows what is asked for. */
  show({ search, replace, caseSensitive, wholeWord, regexp }: SearchQuery): void {
    // The caret of a field that somebody writes in stays where it is.
    if (this.field.value !== search) this.field.value = search
    if (this.replacement.value !== replace) this.replacement.value = replace
    turn(this.#case, caseSensitive)
    turn(this.#word, wholeWord)
    turn(this.#regexp, regexp)
  }

  /** Without a right to write there is nothing to replace. */
  lock(isReadOnly: boolean): void {
    this.#replacing.style.display = isReadOnly ? 'none' : ''
  }

  tell(words: string, isValid: boolean): void {
    if (this.#count.textContent !== words) this.#count.textContent = words
    this.field.setAttribute('aria-invalid', String(!isValid))
  }

  #row(controls: readonly HTMLElement[]): HTMLElement {
    const row = this.#page.createElement('div')
    row.append(...controls)
    return row
  }

  #input(key: string, { changed, maxLength }: PanelActions): HTMLInputElement {
    const input = this.#page.createElement('input')
    input.type = 'text'
    input.maxLength = maxLength
    input.autocapitalize = 'off'
    input.spellcheck = false
    input.autocomplete = 'off'
    input.addEventListener('input', changed)
    this.#named.push([input, key, false])
    return input
  }

  #button(key: string, drawing: string | null, press: () => void): HTMLButtonElement {
    const button = this.#page.createElement('button')
    button.type = 'button'
    button.addEventListener('click', press)
    if (drawing !== null) button.append(this.#drawn(drawing))
    this.#named.push([button, key, drawing === null])
    return button
  }

  #switch(key: string, sign: string, { changed }: PanelActions): HTMLButtonElement {
    const button = this.#page.createElement('button')
    button.type = 'button'
    button.textContent = sign
    button.addEventListener('click', () => {
      turn(button, !isOn(button))
      changed()
    })
    turn(button, false)
    this.#named.push([button, key, false])
    return button
  }

  #drawn(drawing: string): Element {
    const namespace = 'http://www.w3.org/2000/svg'
    const svg = this.#page.createElementNS(namespace, 'svg')
    svg.setAttribute('viewBox', '0 0 20 20')
    svg.setAttribute('aria-hidden', 'true')
    const path = this.#page.createElementNS(namespace, 'path')
    path.setAttribute('d', drawing)
    svg.append(path)
    return svg
  }
}

function isOn(button: HTMLButtonElement): boolean {
  return button.getAttribute('aria-pressed') === 'true'
}

function turn(button: HTMLButtonElement, on: boolean): void {
  button.setAttribute('aria-pressed', String(on))
}

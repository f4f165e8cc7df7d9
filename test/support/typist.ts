import type { BrowserPerson } from './browser-people.js'
import type { SeededRandom } from './random.js'

/** Characters of two, four and eleven UTF-16 units, with joiners, a modifier and a flag. */
const emoji = ['😀', '👩‍🚀', '👨‍👩‍👧‍👦', '🇳🇿', '👍🏽', 'e\u0301']

type Move = 'type' | 'paste' | 'emoji' | 'split' | 'erase'
const moves: readonly Move[] = ['type', 'type', 'type', 'paste', 'emoji', 'split', 'split', 'erase']

/**
 * Somebody at a keyboard who writes tokens `<name.number>` into the first lines of a text, pastes from Windows, and is
 * careless with emoji. Never writes into a token, never erases a part of one.
 */
export class Typist {
  readonly #person: BrowserPerson
  readonly #name: string
  readonly #random: SeededRandom
  #tokens = 0
  #moves = 0
  #onMove: (() => void) | null = null

  constructor(person: BrowserPerson, name: string, random: SeededRandom) {
    this.#person = person
    this.#name = name
    this.#random = random
  }

  /** Every token that was begun. */
  get tokens(): readonly string[] {
    return Array.from({ length: this.#tokens }, (_, i) => `<${this.#name}.${i}>`)
  }

  async act(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      this.#moves++
      this.#onMove?.()
      await this.#do(this.#random.pick(moves))
    }
  }

  /** Resolves when so many more moves were begun. */
  began(more: number): Promise<void> {
    const wanted = this.#moves + more
    return new Promise((resolve) => {
      this.#onMove = () => {
        if (this.#moves < wanted) return
        this.#onMove = null
        resolve()
      }
    })
  }

  async #do(move: Move): Promise<void> {
    const { page } = this.#person
    switch (move) {
      case 'type':
        await this.#goTo('between')
        return page.keyboard.type(this.#token())
      case 'paste':
        await this.#goTo('between')
        return this.#paste(`\r\n${this.#token()}\r\n${this.#token()}😀\r`)
      case 'emoji':
        await this.#goTo('between')
        return page.keyboard.insertText(this.#random.pick(emoji))
      case 'split':
        await this.#goTo('inside')
        return page.keyboard.type(this.#token())
      case 'erase':
        return this.#eraseHalf()
    }
  }

  #token(): string {
    return `<${this.#name}.${this.#tokens++}>`
  }

  /** Puts the caret between tokens, in half of the cases in the first line; or inside an emoji, if there is one. */
  async #goTo(where: 'between' | 'inside'): Promise<void> {
    await this.#person.text.focus()
    await this.#person.page.evaluate(putCaret, { where, chance: this.#random.fraction() })
  }

  async #paste(text: string): Promise<void> {
    await this.#person.page.evaluate((pasted) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', pasted)
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
      document.querySelector('coscribe-editor')?.handle?.view.contentDOM.dispatchEvent(event)
    }, text)
  }

  /** Deletes half of an emoji, as some input methods do. */
  async #eraseHalf(): Promise<void> {
    await this.#goTo('inside')
    await this.#person.page.evaluate(() => {
      const view = document.querySelector('coscribe-editor')?.handle?.view
      const head = view?.state.selection.main.head ?? 0
      if (view === undefined || head === 0) return
      const before = view.state.sliceDoc(head - 1, head)
      if (before >= '\ud800') view.dispatch({ changes: { from: head - 1, to: head } })
    })
  }
}

/** Runs in the page. */
function putCaret({ where, chance }: { where: 'between' | 'inside'; chance: number }): void {
  const view = document.querySelector('coscribe-editor')?.handle?.view
  if (view === undefined) throw new Error('there is no editor')
  const text = view.state.doc.toString()
  // A token that somebody is still typing has no end yet; what follows it up to the next one is not touched either.
  const closed = new Set<number>()
  for (const { index, 0: token } of text.matchAll(/<[^<>]*>?/g)) {
    const end = index + token.length - (token.endsWith('>') ? 1 : 0)
    for (let at = index + 1; at <= end; at++) closed.add(at)
  }
  const open = Array.from({ length: text.length + 1 }, (_, at) => at).filter(
    (at) => !closed.has(at),
  )
  const firstLine = open.filter((at) => at <= view.state.doc.line(1).to)
  const inside = open.filter((at) => /[\udc00-\udfff]|\u200d|\u0301/.test(text.charAt(at)))
  const wanted = where === 'inside' ? inside : chance < 0.5 ? firstLine : open
  const places = wanted.length > 0 ? wanted : open
  const anchor = places[Math.floor(((chance * 2) % 1) * places.length)] ?? 0
  view.dispatch({ selection: { anchor } })
}

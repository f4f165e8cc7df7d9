import type { MarkedToken, Token, Tokens } from 'marked'
import { decoded, htmlPieces } from './html-pieces.js'

/** What leads outside. */
const LINK = /^(?:https?:\/\/|mailto:)[^\s]+$/i
/** Pictures that are in the text themselves, and are nothing but pictures. */
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z\d+/=]+$/i
/** Longest address of either, in UTF-16 units. */
const MAX_ADDRESS = 2_000
const MAX_PICTURE = 1024 * 1024
/** Deepest nesting of what is drawn; a text that goes deeper is shown as it is written. */
const MAX_DEPTH = 60

/**
 * Draws a block as elements, one by one: no HTML of a text is ever parsed, so there is nothing in it that could run.
 * Links lead outside, into a tab of their own that knows nothing of this one. A picture that is not in the text itself
 * would ask its server for itself, and becomes a link to it.
 */
export class Drawing {
  readonly #page: Document
  readonly #pictureName: string
  #depth = 0

  /** @param pictureName what a picture without a text of its own is called */
  constructor(page: Document, pictureName: string) {
    this.#page = page
    this.#pictureName = pictureName
  }

  block(token: Token): Node {
    return this.#all([token])
  }

  #all(tokens: readonly Token[] | undefined): DocumentFragment {
    const into = new Stack(this.#page)
    this.#depth++
    for (const token of (tokens ?? []) as readonly MarkedToken[]) {
      if (this.#depth > MAX_DEPTH) into.add(token.raw)
      else if (token.type === 'html') this.#html(token, into)
      else into.add(this.#one(token))
    }
    this.#depth--
    return into.root
  }

  #one(token: Exclude<MarkedToken, Tokens.HTML | Tokens.Tag>): Node | string {
    switch (token.type) {
      case 'paragraph':
        return this.#element('p', this.#all(token.tokens))
      case 'heading':
        return this.#element(`h${token.depth}`, this.#all(token.tokens))
      case 'blockquote':
        return this.#element('blockquote', this.#all(token.tokens))
      case 'code':
        return this.#element('pre', this.#element('code', token.text))
      case 'list':
        return this.#list(token)
      case 'table':
        return this.#table(token)
      case 'hr':
      case 'br':
        return this.#element(token.type)
      case 'strong':
      case 'em':
      case 'del':
        return this.#element(token.type, this.#all(token.tokens))
      case 'codespan':
        return this.#element('code', token.text)
      case 'link':
        return this.#link(decoded(token.href), this.#all(token.tokens))
      case 'image':
        return this.#picture(decoded(token.href), decoded(token.text))
      case 'checkbox':
        // A form control in a text that is only shown would do nothing.
        return token.checked ? '☑ ' : '☐ '
      case 'text':
        if (token.tokens !== undefined) return this.#all(token.tokens)
        return token.escaped === true ? token.text : decoded(token.text)
      case 'escape':
        return token.text
      case 'list_item':
        return this.#element('li', this.#all(token.tokens))
      default:
        // Space, and names of links: nothing to be seen.
        return ''
    }
  }

  #list({ ordered, start, items }: Tokens.List): Node {
    const list = this.#element(ordered ? 'ol' : 'ul', ...items.map((item) => this.#one(item)))
    if (ordered && start !== 1) list.setAttribute('start', String(start))
    return list
  }

  #table({ header, rows }: Tokens.Table): Node {
    const row = (cells: readonly Tokens.TableCell[], name: string): Node =>
      this.#element('tr', ...cells.map((cell) => this.#cell(cell, name)))
    const body = rows.map((cells) => row(cells, 'td'))
    return this.#element(
      'table',
      this.#element('thead', row(header, 'th')),
      this.#element('tbody', ...body),
    )
  }

  #cell({ tokens, align }: Tokens.TableCell, name: string): Node {
    const cell = this.#element(name, this.#all(tokens))
    if (align !== null) cell.setAttribute('align', align)
    return cell
  }

  #link(address: string, content: Node): Node {
    if (address.length > MAX_ADDRESS || !LINK.test(address)) return content
    const link = this.#element('a', content)
    link.setAttribute('href', address)
    link.setAttribute('target', '_blank')
    link.setAttribute('rel', 'noopener noreferrer nofollow')
    return link
  }

  #picture(address: string, text: string): Node {
    if (address.length <= MAX_PICTURE && PICTURE.test(address)) {
      const picture = this.#element('img')
      picture.setAttribute('src', address)
      picture.setAttribute('alt', text)
      return picture
    }
    const name = text === '' ? this.#pictureName : `${this.#pictureName}: ${text}`
    return this.#link(address, this.#page.createTextNode(name))
  }

  #html({ text }: Tokens.HTML | Tokens.Tag, into: Stack): void {
    for (const piece of htmlPieces(text)) {
      if (piece.kind === 'open') into.open(this.#element(piece.name))
      else if (piece.kind === 'close') into.close(piece.name)
      else into.add(piece.kind === 'text' ? piece.text : this.#element('br'))
    }
  }

  #element(name: string, ...content: (Node | string)[]): HTMLElement {
    const element = this.#page.createElement(name)
    element.append(...content)
    return element
  }
}

/** What is drawn, and the elements in it that a tag has opened and none has closed yet. */
class Stack {
  readonly root: DocumentFragment
  readonly #open: HTMLElement[] = []

  constructor(page: Document) {
    this.root = page.createDocumentFragment()
  }

  add(content: Node | string): void {
    ;(this.#open.at(-1) ?? this.root).append(content)
  }

  open(element: HTMLElement): void {
    this.add(element)
    if (this.#open.length < MAX_DEPTH) this.#open.push(element)
  }

  /** A tag that closes what is not open is not there. */
  close(name: string): void {
    const at = this.#open.findLastIndex(({ localName }) => localName === name)
    if (at !== -1) this.#open.length = at
  }
}

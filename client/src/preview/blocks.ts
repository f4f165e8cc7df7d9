import { systemClock, type Clock } from '@coscribe/shared'
import {
  getDefaults,
  Lexer,
  Parser,
  Renderer,
  Tokenizer,
  type Token,
  type Tokens,
  type TokensList,
} from 'marked'

/** A piece of the preview that a whole piece of the source became: a paragraph, a list, a table. */
export interface Block {
  /** Not to be trusted: it has whatever HTML its authors wrote. */
  readonly html: string
  /** The line of the source in which it begins, from 0 on. */
  readonly line: number
}

export interface Blocks {
  readonly blocks: readonly Block[]
  /** Lines of the source that are shown. */
  readonly lines: number
  /** There is more that is not. */
  readonly cut: boolean
}

/** Longest source that is shown, in UTF-16 units; what comes after it is left out. */
export const MAX_SOURCE = 128 * 1024
/** Longest piece in which emphasis, links and HTML are looked for; a longer one is shown as it is written. */
const MAX_PIECE = 8 * 1024
/** Deepest nesting of quotes and lists, since each level is read again by the next one; deeper ones are text. */
const MAX_DEPTH = 16
/** So long may be looked for emphasis and links in all. Whole books take a tenth; after it pieces are as written. */
const PATIENCE_MS = 400

class ShallowTokenizer extends Tokenizer {
  #depth = 0

  override blockquote(source: string): Tokens.Blockquote | undefined {
    return this.#deeper(() => super.blockquote(source))
  }

  override list(source: string): Tokens.List | undefined {
    return this.#deeper(() => super.list(source))
  }

  #deeper<Result>(read: () => Result | undefined): Result | undefined {
    if (this.#depth >= MAX_DEPTH) return undefined
    this.#depth++
    try {
      return read()
    } finally {
      this.#depth--
    }
  }
}

class TextRenderer extends Renderer {
  // A form control in a text that is only shown would do nothing.
  override checkbox({ checked }: Tokens.Checkbox): string {
    return checked ? '☑ ' : '☐ '
  }
}

/**
 * What a Markdown source looks like, block by block. Bounded in length, depth and time, whatever the source is made of:
 * what goes beyond is left out, or shown as it is written.
 */
export function blocksOf(source: string, clock: Clock = systemClock): Blocks {
  const shown = beginning(source)
  const tokens = tokensOf(shown, clock)
  const blocks: Block[] = []
  let line = 0
  for (const token of tokens) {
    if (token.type !== 'space' && token.type !== 'def') {
      blocks.push({ html: htmlOf(token), line })
    }
    line += linesIn(token.raw)
  }
  return { blocks, lines: line, cut: shown.length < source.length }
}

function tokensOf(source: string, clock: Clock): TokensList {
  const lexer = new Lexer({ ...getDefaults(), tokenizer: new ShallowTokenizer() })
  lexer.blockTokens(source.replaceAll(/\r\n?/g, '\n'), lexer.tokens)
  const end = clock.now() + PATIENCE_MS
  for (const { src, tokens } of lexer.inlineQueue.splice(0)) {
    if (src.length <= MAX_PIECE && clock.now() < end) lexer.inlineTokens(src, tokens)
    else tokens.push({ type: 'text', raw: src, text: src, escaped: false } satisfies Tokens.Text)
  }
  return lexer.tokens
}

function htmlOf(token: Token): string {
  return new Parser({ ...getDefaults(), renderer: new TextRenderer() }).parse([token])
}

/** As many whole lines as are shown. */
function beginning(source: string): string {
  if (source.length <= MAX_SOURCE) return source
  const end = source.lastIndexOf('\n', MAX_SOURCE)
  return source.slice(0, end === -1 ? MAX_SOURCE : end + 1)
}

function linesIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}

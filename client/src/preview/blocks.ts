import { systemClock, type Clock } from '@coscribe/shared'
import { getDefaults, Lexer, Tokenizer, type Token, type Tokens } from 'marked'

/** A piece of the preview that a whole piece of the source becomes: a paragraph, a list, a table. */
export interface Block {
  /** What it is made of. Its texts are whatever its authors wrote. */
  readonly token: Token
  /** The line of the source in which it begins, from 0 on. */
  readonly line: number
  /** Where the links lead that are named elsewhere in the source; the same for all blocks. */
  readonly links: string
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
/** Longest piece in which emphasis and links are looked for; a longer one is shown as it is written. */
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

/**
 * What a Markdown source is made of, block by block. Bounded in length, depth and time, whatever it is: what goes
 * beyond is left out, or is as it is written.
 */
export function blocksOf(source: string, clock: Clock = systemClock): Blocks {
  const shown = beginning(source)
  const lexer = new Lexer({ ...getDefaults(), tokenizer: new ShallowTokenizer() })
  lexer.blockTokens(shown.replaceAll(/\r\n?/g, '\n'), lexer.tokens)
  readInline(lexer, clock)
  const links = JSON.stringify(lexer.tokens.links)
  const blocks: Block[] = []
  let line = 0
  for (const token of lexer.tokens) {
    if (token.type !== 'space' && token.type !== 'def') blocks.push({ token, line, links })
    line += linesIn(token.raw)
  }
  return { blocks, lines: line, cut: shown.length < source.length }
}

function readInline(lexer: Lexer, clock: Clock): void {
  const end = clock.now() + PATIENCE_MS
  for (const { src, tokens } of lexer.inlineQueue.splice(0)) {
    try {
      if (src.length <= MAX_PIECE && clock.now() < end) lexer.inlineTokens(src, tokens)
      else tokens.push(asWritten(src))
    } catch {
      // The one way to get here: more nesting than the stack has room for.
      tokens.splice(0, tokens.length, asWritten(src))
    }
  }
}

function asWritten(text: string): Tokens.Text {
  return { type: 'text', raw: text, text, escaped: true }
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

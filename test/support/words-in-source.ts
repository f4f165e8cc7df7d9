/** A piece of text in a source file that looks as if people read it. */
export interface FoundWords {
  readonly line: number
  readonly text: string
}

interface Piece {
  /** `html`, `css` …, `''` for an untagged template, `'` for a string. */
  readonly tag: string
  /** Its text, with {@link HOLE} for each substitution. */
  readonly text: string
  readonly at: number
  readonly isOfError: boolean
}

const HOLE = '\0'
/** What an attribute of this name holds is read, or read out. */
const ATTRIBUTES = /\s(?:title|aria-label|aria-description|placeholder|label|alt)="([^"]*)"/g

/** Finds words for people in the strings and templates of a TypeScript file; those of errors are for developers. */
export function wordsIn(source: string): FoundWords[] {
  const pieces: Piece[] = []
  new Scanner(source, pieces).code(0, false)
  return pieces.flatMap((piece) => {
    const line = source.slice(0, piece.at).split('\n').length
    return readable(piece).map((text) => ({ line, text }))
  })
}

function readable({ tag, text, isOfError }: Piece): string[] {
  if (tag === 'css' || isOfError) return []
  if (tag !== 'html' && tag !== 'svg') return isSentence(text) ? [text] : []
  const attributes = [...text.matchAll(ATTRIBUTES)].map(([, value = '']) => value)
  const between = text.replaceAll(/<[^>]*>/g, HOLE).split(HOLE)
  return [...attributes, ...between].map((part) => part.trim()).filter((part) => hasWord(part))
}

/** It begins like a sentence, or has two words in a row. */
function isSentence(text: string): boolean {
  return /^[^\p{L}]*\p{Lu}\p{Ll}/u.test(text) || /\p{Ll}{2,} \p{Ll}{2,}/u.test(text)
}

function hasWord(text: string): boolean {
  return /\p{L}{2}/u.test(text)
}

/** As much of TypeScript's grammar as tells strings, templates, comments and regular expressions apart. */
class Scanner {
  readonly #source: string
  readonly #pieces: Piece[]

  constructor(source: string, pieces: Piece[]) {
    this.#source = source
    this.#pieces = pieces
  }

  /** Reads code from `at`, to the brace that closes a substitution if it is one; returns where it stopped. */
  code(at: number, isSubstitution: boolean): number {
    let depth = 0
    while (at < this.#source.length) {
      const char = this.#source[at]
      if (isSubstitution && char === '}' && depth-- === 0) return at
      if (char === '{') depth++
      at = this.#token(at)
    }
    return at
  }

  #token(at: number): number {
    const char = this.#source[at]
    if (this.#source.startsWith('//', at)) return this.#after('\n', at)
    if (this.#source.startsWith('/*', at)) return this.#after('*/', at + 2)
    if (char === "'" || char === '"') return this.#string(at, char)
    if (char === '`') return this.#template(at)
    if (char === '/' && /(?:^|[(,=:[!&|?{};\n]|return)\s*$/.test(this.#before(at)))
      return this.#regex(at)
    return at + 1
  }

  #after(end: string, from: number): number {
    const found = this.#source.indexOf(end, from)
    return found === -1 ? this.#source.length : found + end.length
  }

  #before(at: number): string {
    return this.#source.slice(Math.max(0, at - 40), at)
  }

  #string(at: number, quote: string): number {
    let end = at + 1
    while (end < this.#source.length && this.#source[end] !== quote)
      end += this.#source[end] === '\\' ? 2 : 1
    this.#found("'", this.#source.slice(at + 1, end), at)
    return end + 1
  }

  #template(at: number): number {
    const [, tag = ''] = /(\w*)$/.exec(this.#before(at)) ?? []
    let text = ''
    let end = at + 1
    while (end < this.#source.length && this.#source[end] !== '`') {
      if (this.#source.startsWith('${', end)) {
        end = this.code(end + 2, true) + 1
        text += HOLE
      } else {
        text += this.#source[end]
        end += this.#source[end] === '\\' ? 2 : 1
      }
    }
    this.#found(tag, text, at)
    return end + 1
  }

  #regex(at: number): number {
    let inClass = false
    let end = at + 1
    while (end < this.#source.length && (inClass || this.#source[end] !== '/')) {
      if (this.#source[end] === '[') inClass = true
      if (this.#source[end] === ']') inClass = false
      end += this.#source[end] === '\\' ? 2 : 1
    }
    return end + 1
  }

  #found(tag: string, text: string, at: number): void {
    const isOfError = /Error\(\s*$/.test(this.#before(at))
    this.#pieces.push({ tag, text, at, isOfError })
  }
}

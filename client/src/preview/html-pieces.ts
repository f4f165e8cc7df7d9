/** Elements that a text may ask for by their tag, without any attribute: they mark a text, and do nothing else. */
const marks = new Set(
  'abbr b blockquote cite code del details div em i ins kbd mark p q s small span strong sub summary sup u'.split(
    ' ',
  ),
)
/** A tag without attributes, or a comment, which is not shown. */
const PIECE = /<(\/?)([a-z]{1,10})\s*>|<br\s*\/?>|<!--[\s\S]{0,4000}?-->/gi

/** A piece of HTML in a text. */
export type HtmlPiece =
  | { readonly kind: 'open' | 'close'; readonly name: string }
  | { readonly kind: 'break' }
  /** To be shown as it is written. */
  | { readonly kind: 'text'; readonly text: string }

/** What of HTML in a text is taken as such; all else in it is text. */
export function htmlPieces(html: string): readonly HtmlPiece[] {
  const pieces: HtmlPiece[] = []
  const say = (text: string): void => {
    if (text !== '') pieces.push({ kind: 'text', text })
  }
  let end = 0
  for (const match of html.matchAll(PIECE)) {
    say(html.slice(end, match.index))
    const [piece, slash = '', name = ''] = match
    end = match.index + piece.length
    if (marks.has(name.toLowerCase())) {
      pieces.push({ kind: slash === '' ? 'open' : 'close', name: name.toLowerCase() })
    } else if (/^<br/i.test(piece)) pieces.push({ kind: 'break' })
    else if (name !== '') say(piece)
  }
  say(html.slice(end))
  return pieces
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  shy: '\u00ad',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  times: '×',
  deg: '°',
  euro: '€',
  larr: '←',
  rarr: '→',
}

/** A text with what its character references stand for: numbers, and the names that people write. */
export function decoded(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi, (...match: string[]) => {
    const [whole = '', decimal, hex, name = ''] = match
    const number = decimal ?? hex
    if (number === undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole
    const point = Number.parseInt(number, decimal === undefined ? 16 : 10)
    const isCharacter = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000)
    return isCharacter ? String.fromCodePoint(point) : '\ufffd'
  })
}

import type { Cursor } from './cursor.js'

// Checks plain values as yjs writes them, without building them: lib0's tagged "Any" values, and JSON text.

/**
 * Passes over one tagged value.
 *
 * @param depth how many arrays and objects may still be opened
 */
export function walkAny(cursor: Cursor, depth: number): void {
  const tag = cursor.byte()
  switch (tag) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
      return
    case 125:
      return cursor.varInt()
    case 124: // float32
      return cursor.skip(4)
    case 123: // float64
    case 122: // bigint64
      return cursor.skip(8)
    case 119:
      cursor.string()
      return
    case 118:
      return walkAnyObject(cursor, depth)
    case 117:
      return walkAnyArray(cursor, depth)
    case 116: // bytes
      return cursor.skip(cursor.count())
    default:
      cursor.fail(`an unknown value tag (${tag})`)
  }
}

function walkAnyArray(cursor: Cursor, depth: number): void {
  if (depth === 0) cursor.exceed('values nested too deeply')
  for (let left = cursor.count(); left > 0; left--) walkAny(cursor, depth - 1)
}

function walkAnyObject(cursor: Cursor, depth: number): void {
  if (depth === 0) cursor.exceed('values nested too deeply')
  for (let left = cursor.count(); left > 0; left--) {
    cursor.key()
    walkAny(cursor, depth - 1)
  }
}

/**
 * Passes over the options of a subdocument. yjs reads properties of them and spreads them into the new document's
 * own, so they have to be an object, and two names in it would break the document for good: it could not be encoded
 * with a `guid` that is not text, nor collect garbage with a `gcFilter` that is not a function.
 */
export function walkSubdocumentOptions(cursor: Cursor, depth: number): void {
  if (cursor.byte() !== 118) cursor.fail('subdocument options that are not an object')
  for (let left = cursor.count(); left > 0; left--) {
    const start = cursor.key()
    if (spells(cursor, start, 'guid') || spells(cursor, start, 'gcFilter')) {
      cursor.fail('a subdocument option that yjs never writes')
    }
    walkAny(cursor, depth - 1)
  }
}

/** Whether the bytes from `start` to the cursor spell `word`, which is ASCII. */
function spells(cursor: Cursor, start: number, word: string): boolean {
  if (cursor.pos - start !== word.length) return false
  for (let i = 0; i < word.length; i++) {
    if (cursor.bytes[start + i] !== word.charCodeAt(i)) return false
  }
  return true
}

/** Passes over a string that holds one JSON value. */
export function walkJson(cursor: Cursor, depth: number): void {
  walkJsonText(cursor, cursor.textEnd(), depth)
}

/** As {@link walkJson}, and allows the word `undefined`, which yjs writes for holes in old list content. */
export function walkJsonOrUndefined(cursor: Cursor, depth: number): void {
  const end = cursor.textEnd()
  const start = cursor.pos
  cursor.pos = end
  if (spells(cursor, start, 'undefined')) return
  cursor.pos = start
  walkJsonText(cursor, end, depth)
}

/** The grammar of `JSON.parse`, in one pass over text that was found to be UTF-8 in a pass before. */
function walkJsonText(cursor: Cursor, end: number, depth: number): void {
  const start = cursor.pos
  const outerEnd = cursor.end
  cursor.utf8(end)
  cursor.pos = start
  cursor.end = end
  walkJsonValue(cursor, depth)
  if (cursor.pos !== end) cursor.fail('JSON with something behind its value')
  cursor.end = outerEnd
}

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** One value and the white space on both sides of it. */
function walkJsonValue(cursor: Cursor, depth: number): void {
  walkSpace(cursor)
  const first = cursor.byte()
  switch (first) {
    case QUOTE:
      walkJsonString(cursor)
      break
    case OPEN_BRACE:
      walkJsonObject(cursor, depth)
      break
    case OPEN_BRACKET:
      walkJsonArray(cursor, depth)
      break
    case 0x74:
      walkWord(cursor, 'rue')
      break
    case 0x66:
      walkWord(cursor, 'alse')
      break
    case 0x6e:
      walkWord(cursor, 'ull')
      break
    default:
      walkJsonNumber(cursor, first)
  }
  walkSpace(cursor)
}

function walkSpace(cursor: Cursor): void {
  const { bytes, end } = cursor
  while (cursor.pos < end) {
    const byte = bytes[cursor.pos]!
    if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
    cursor.pos++
  }
}

function walkWord(cursor: Cursor, rest: string): void {
  for (let i = 0; i < rest.length; i++) {
    if (cursor.byte() !== rest.charCodeAt(i)) cursor.fail('not JSON')
  }
}

/** Behind the opening bracket. */
function walkJsonArray(cursor: Cursor, depth: number): void {
  if (depth === 0) cursor.exceed('values nested too deeply')
  walkSpace(cursor)
  if (takes(cursor, CLOSE_BRACKET)) return
  do {
    walkJsonValue(cursor, depth - 1)
  } while (takes(cursor, COMMA))
  if (cursor.byte() !== CLOSE_BRACKET) cursor.fail('not JSON')
}

/** Behind the opening brace. */
function walkJsonObject(cursor: Cursor, depth: number): void {
  if (depth === 0) cursor.exceed('values nested too deeply')
  walkSpace(cursor)
  if (takes(cursor, CLOSE_BRACE)) return
  do {
    walkSpace(cursor)
    if (cursor.byte() !== QUOTE) cursor.fail('not JSON')
    if (walkJsonString(cursor)) cursor.fail('__proto__ as a key')
    walkSpace(cursor)
    if (cursor.byte() !== COLON) cursor.fail('not JSON')
    walkJsonValue(cursor, depth - 1)
  } while (takes(cursor, COMMA))
  if (cursor.byte() !== CLOSE_BRACE) cursor.fail('not JSON')
}

function takes(cursor: Cursor, byte: number): boolean {
  if (cursor.pos >= cursor.end || cursor.bytes[cursor.pos] !== byte) return false
  cursor.pos++
  return true
}

const proto = '__proto__'

/** Behind the opening quote. Returns whether the string, its escapes resolved, reads `__proto__`. */
function walkJsonString(cursor: Cursor): boolean {
  let matched = 0
  for (;;) {
    let unit = cursor.byte()
    if (unit === QUOTE) return matched === proto.length
    if (unit < SPACE) cursor.fail('a control character in JSON text')
    if (unit === BACKSLASH) unit = walkEscape(cursor)
    matched = matched >= 0 && proto.charCodeAt(matched) === unit ? matched + 1 : -1
  }
}

/** Behind a backslash. Returns the UTF-16 unit it stands for. */
function walkEscape(cursor: Cursor): number {
  const byte = cursor.byte()
  if (byte === 0x75) return walkHex(cursor)
  // " \ / and the letters for backspace, form feed, line feed, carriage return and tab
  if (byte === QUOTE || byte === BACKSLASH || byte === 0x2f) return byte
  if (byte === 0x62 || byte === 0x66 || byte === 0x6e || byte === 0x72 || byte === 0x74) return 0
  return cursor.fail('an unknown escape in JSON text')
}

function walkHex(cursor: Cursor): number {
  let unit = 0
  for (let i = 0; i < 4; i++) {
    const byte = cursor.byte()
    const lower = byte | 0x20
    if (isDigit(byte)) unit = unit * 16 + byte - 0x30
    else if (lower >= 0x61 && lower <= 0x66) unit = unit * 16 + lower - 0x57
    else cursor.fail('an unknown escape in JSON text')
  }
  return unit
}

/** Behind its first byte. */
function walkJsonNumber(cursor: Cursor, first: number): void {
  const lead = first === MINUS ? cursor.byte() : first
  if (!isDigit(lead)) cursor.fail('not JSON')
  if (lead !== 0x30) walkDigits(cursor)
  if (takes(cursor, 0x2e)) walkFraction(cursor)
  if (takes(cursor, 0x65) || takes(cursor, 0x45)) {
    if (!takes(cursor, 0x2b)) takes(cursor, MINUS)
    walkFraction(cursor)
  }
}

/** At least one digit. */
function walkFraction(cursor: Cursor): void {
  if (!isDigit(cursor.byte())) cursor.fail('not JSON')
  walkDigits(cursor)
}

function walkDigits(cursor: Cursor): void {
  while (cursor.pos < cursor.end && isDigit(cursor.bytes[cursor.pos]!)) cursor.pos++
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

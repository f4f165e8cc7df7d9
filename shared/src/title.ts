/** Longest title of a document, in UTF-16 units. */
export const MAX_TITLE = 200

/** The same on the wire: a unit takes three bytes at most. */
export const MAX_TITLE_BYTES = 3 * MAX_TITLE

/** Control characters, halves of pairs, and what would turn the text around a title. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * A title as it is kept and shown: one line without control characters and without what changes the direction of what
 * follows it, trimmed, and cut at {@link MAX_TITLE}, never inside a character. Empty is "untitled".
 */
export function cleanTitle(text: string): string {
  const line = text
    .slice(0, 10 * MAX_TITLE)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(UNPRINTABLE, '')
    .trim()
  const cutsPair = line.length > MAX_TITLE && /[\ud800-\udbff]/.test(line.charAt(MAX_TITLE - 1))
  return line.slice(0, cutsPair ? MAX_TITLE - 1 : MAX_TITLE).trimEnd()
}

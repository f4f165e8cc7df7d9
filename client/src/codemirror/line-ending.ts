import type * as Y from 'yjs'
import { cleanText } from './repairs.js'

/** How lines end where a document goes to or comes from; inside there is only LF. */
export type LineEnding = 'lf' | 'crlf'

/** The root map in which a document says things about itself. */
const METADATA = 'coscribe'
const LINE_ENDING = 'eol'

/** How lines are to end when the document leaves; `lf` unless somebody said otherwise. */
export function lineEnding(ydoc: Y.Doc): LineEnding {
  return metadata(ydoc)?.get(LINE_ENDING) === 'crlf' ? 'crlf' : 'lf'
}

/** Says how lines are to end when the document leaves. */
export function setLineEnding(ydoc: Y.Doc, ending: LineEnding): void {
  if (lineEnding(ydoc) !== ending) metadata(ydoc)?.set(LINE_ENDING, ending)
}

/**
 * Puts a file's text at the end of a shared text, with LF line ends; how most lines ended is kept with the document.
 */
export function importText(ytext: Y.Text, text: string): void {
  const { doc } = ytext
  if (doc === null)
    throw new TypeError(
      'the shared text is not part of a document: take it from one, as in ydoc.getText(name)',
    )
  doc.transact(() => {
    ytext.insert(ytext.length, cleanText(text))
    setLineEnding(doc, usualLineEnding(text))
  })
}

/** How most lines of a text end. */
export function usualLineEnding(text: string): LineEnding {
  const breaks = text.match(/\r\n?|\n/g) ?? []
  const crlf = breaks.filter((lineBreak) => lineBreak === '\r\n').length
  return crlf * 2 > breaks.length ? 'crlf' : 'lf'
}

/**
 * A shared text as a file has it, without what is not text.
 *
 * @param ending how lines end; as the document says by default
 */
export function exportText(ytext: Y.Text, ending?: LineEnding): string {
  const wanted = ending ?? (ytext.doc === null ? 'lf' : lineEnding(ytext.doc))
  const text = ytext.toString().replaceAll(/\r\n?/g, '\n')
  return wanted === 'crlf' ? text.replaceAll('\n', '\r\n') : text
}

function metadata(ydoc: Y.Doc): Y.Map<unknown> | null {
  try {
    return ydoc.getMap(METADATA)
  } catch {
    // An application has given this name to something that is not a map.
    return null
  }
}

import * as Y from 'yjs'
import { indexOf, placeAt, placeFromText, placeToText } from '../codemirror/place.js'

/**
 * A range of a shared text that stays with its text while others write: a few dozen characters that can be stored and
 * sent, and mean the same in every replica. What is written at either end of it is outside.
 */
export type Anchor = string

/** Where an anchor is now: positions in UTF-16 units, `from` ≤ `to`. */
export interface AnchoredRange {
  readonly from: number
  readonly to: number
}

const START = 'start'
/** Between the two ends. */
const SEPARATOR = '-'

/** Anchors the range of `ytext` as it is now. Costs a walk through the text. */
export function anchorAt(ytext: Y.Text, from: number, to: number): Anchor {
  const start = placeToText(placeAt(ytext, from))
  return from === to ? start : `${start}${SEPARATOR}${endAt(ytext, to)}`
}

/**
 * Where an anchor is now; if all of its text is gone, where that was, as an empty range. `null` for what is no anchor of
 * this text, or not yet here. It may come from anybody.
 */
export function resolveAnchor(ytext: Y.Text, anchor: unknown): AnchoredRange | null {
  if (typeof anchor !== 'string') return null
  const [start, end, ...rest] = anchor.split(SEPARATOR, 3)
  const place = placeFromText(start)
  const from = place === null || rest.length > 0 ? null : indexOf(ytext, place)
  if (from === null) return null
  const to = end === undefined ? from : endOf(ytext, end)
  return to === null ? null : { from, to: Math.max(from, to) }
}

/** The end of a range goes with the last character that is in it, not with the one after. */
function endAt(ytext: Y.Text, to: number): string {
  const { item } = Y.createRelativePositionFromTypeIndex(ytext, to, -1)
  return item === null ? START : placeToText({ client: item.client, clock: item.clock })
}

function endOf(ytext: Y.Text, end: string): number | null {
  if (end === START) return 0
  const place = placeFromText(end)
  if (place === null || place === 'end' || ytext.doc === null) return null
  const last = new Y.RelativePosition(null, null, Y.createID(place.client, place.clock), -1)
  const position = Y.createAbsolutePositionFromRelativePosition(last, ytext.doc, false)
  return position?.type === ytext ? position.index : null
}

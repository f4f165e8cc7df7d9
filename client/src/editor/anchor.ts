import * as Y from 'yjs'

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

// `<from>` or `<from>-<to>`: the ids of the first and of the last character in it as `client.clock`, or the bounds of
// the text where there is none.
const SEPARATOR = '-'
const START = 'start'
const END = 'end'
/** Which neighbour a place goes with, as Yjs says it: the character after it, or the one before. */
const AFTER = 0
const BEFORE = -1

/** Anchors the range of `ytext` as it is now. Costs a walk through the text. */
export function anchorAt(ytext: Y.Text, from: number, to: number): Anchor {
  const first = Y.createRelativePositionFromTypeIndex(ytext, from, AFTER).item
  const last = Y.createRelativePositionFromTypeIndex(ytext, to, BEFORE).item
  const start = first === null ? END : textOf(first)
  return from === to ? start : `${start}${SEPARATOR}${last === null ? START : textOf(last)}`
}

/**
 * Where an anchor is now; if all of its text is gone, where that was, as an empty range. `null` for what is no anchor of
 * this text, or not yet here. It may come from anybody.
 */
export function resolveAnchor(ytext: Y.Text, anchor: unknown): AnchoredRange | null {
  if (typeof anchor !== 'string') return null
  const [start = '', end, ...rest] = anchor.split(SEPARATOR, 3)
  const from = start === END ? ytext.length : positionOf(ytext, start, AFTER)
  if (from === null || rest.length > 0) return null
  const to = end === undefined ? from : end === START ? 0 : positionOf(ytext, end, BEFORE)
  return to === null ? null : { from, to: Math.max(from, to) }
}

function textOf({ client, clock }: Y.ID): string {
  return `${client}.${clock}`
}

function positionOf(ytext: Y.Text, text: string, side: number): number | null {
  if (ytext.doc === null || !/^\d{1,16}\.\d{1,16}$/.test(text)) return null
  const [client = 0, clock = 0] = text.split('.').map(Number)
  if (!Number.isSafeInteger(client) || !Number.isSafeInteger(clock)) return null
  const place = new Y.RelativePosition(null, null, Y.createID(client, clock), side)
  // What somebody undid is followed by their replica only; for all to agree, nobody may follow.
  const position = Y.createAbsolutePositionFromRelativePosition(place, ytext.doc, false)
  return position?.type === ytext ? position.index : null
}

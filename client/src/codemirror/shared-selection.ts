import { EditorSelection, type SelectionRange } from '@codemirror/state'
import * as Y from 'yjs'

/** A range as places in a shared text: it stays where it is while the text around it changes. */
interface SharedRange {
  readonly anchor: Y.RelativePosition
  readonly head: Y.RelativePosition
}

/** A selection as places in a shared text. */
export interface SharedSelection {
  readonly ranges: readonly SharedRange[]
  readonly mainIndex: number
}

/** Ranges beyond this are not remembered: each costs a walk through the text. */
const MAX_RANGES = 64

/** `selection`, whose positions are those of `ytext` as it is now. */
export function selectionIn(ytext: Y.Text, selection: EditorSelection): SharedSelection {
  const few = selection.ranges.length <= MAX_RANGES
  const ranges = few ? selection.ranges : [selection.main]
  return {
    ranges: ranges.map((range) => sharedRange(ytext, range)),
    mainIndex: few ? selection.mainIndex : 0,
  }
}

/** Where `shared` is now, or `null` when a place is not in the document any more. */
export function resolveSelection(ytext: Y.Text, shared: SharedSelection): EditorSelection | null {
  const ranges: SelectionRange[] = []
  for (const { anchor, head } of shared.ranges) {
    const from = positionOf(ytext, anchor)
    const to = positionOf(ytext, head)
    if (from === null || to === null) return null
    ranges.push(EditorSelection.range(from, to))
  }
  return EditorSelection.create(ranges, shared.mainIndex)
}

function sharedRange(ytext: Y.Text, { anchor, head }: SelectionRange): SharedRange {
  return {
    anchor: Y.createRelativePositionFromTypeIndex(ytext, anchor),
    head: Y.createRelativePositionFromTypeIndex(ytext, head),
  }
}

function positionOf(ytext: Y.Text, place: Y.RelativePosition): number | null {
  if (ytext.doc === null) return null
  const position = Y.createAbsolutePositionFromRelativePosition(place, ytext.doc)
  return position?.type === ytext ? position.index : null
}

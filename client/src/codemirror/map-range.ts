import { EditorSelection, type ChangeDesc, type SelectionRange } from '@codemirror/state'

/**
 * A range after `changes`. When all of it was replaced it collapses to where it was; CodeMirror's own mapping would
 * turn it inside out.
 *
 * @param side on which side of what is inserted right at a caret the caret stays
 */
export function mapRange(range: SelectionRange, changes: ChangeDesc, side: -1 | 1): SelectionRange {
  const mapped = range.map(changes, side)
  return mapped.from <= mapped.to ? mapped : EditorSelection.cursor(mapped.to)
}

/** The selection after `changes`, if CodeMirror's own mapping would leave a range inside out; else `null`. */
export function straightSelection(
  { ranges, mainIndex }: EditorSelection,
  changes: ChangeDesc,
): EditorSelection | null {
  const isTurned = (range: SelectionRange): boolean =>
    !range.empty && changes.mapPos(range.from, 1) > changes.mapPos(range.to, -1)
  if (!ranges.some(isTurned)) return null
  const straight = ranges.map((range) => mapRange(range, changes, -1))
  return EditorSelection.create(straight, mainIndex)
}

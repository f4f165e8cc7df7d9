import type { EditorState } from '@codemirror/state'
import type { SearchQuery } from '@codemirror/search'

/** Matches are counted up to this many; of more than that nobody reads the number. */
export const MAX_COUNTED = 1_000

export interface MatchCount {
  /** At most {@link MAX_COUNTED}. */
  readonly total: number
  /** There are more than were counted. */
  readonly more: boolean
  /** Which of them is selected, from 1 on; 0 when none is, or one behind those that were counted. */
  readonly current: number
}

/** Counts the matches of a valid query, and finds the selected one among them. */
export function countMatches(query: SearchQuery, state: EditorState): MatchCount {
  const { from, to } = state.selection.main
  const matches = query.getCursor(state)
  let total = 0
  let current = 0
  for (let found = matches.next(); found.done !== true; found = matches.next()) {
    if (total === MAX_COUNTED) return { total, more: true, current }
    total++
    if (found.value.from === from && found.value.to === to) current = total
  }
  return { total, more: false, current }
}

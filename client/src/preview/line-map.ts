/** Where a block of the preview stands. */
export interface Mark {
  /** The line of the source in which it begins, from 0 on. */
  readonly line: number
  /** Its upper edge, in pixels. */
  readonly top: number
}

/**
 * Leads from lines of the source to places in the preview and back. Between two marks, and between the last one and the
 * end, lines are taken to be equally high.
 */
export class LineMap {
  readonly #marks: readonly Mark[]

  /**
   * @param marks in the order of both, lines and places
   * @param end behind the last line of what is shown
   */
  constructor(marks: readonly Mark[], end: Mark) {
    this.#marks = [{ line: 0, top: 0 }, ...marks, end]
  }

  /** The place of a line, which may be a fraction: 3.5 is the middle of the fourth one. */
  topOf(line: number): number {
    return between(this.#marks, line, 'line', 'top')
  }

  /** The line at a place. */
  lineAt(top: number): number {
    return between(this.#marks, top, 'top', 'line')
  }
}

function between(marks: readonly Mark[], value: number, from: keyof Mark, to: keyof Mark): number {
  let low = 0
  let high = marks.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((marks[middle]?.[from] ?? 0) <= value) low = middle
    else high = middle
  }
  const start = marks[low]
  const end = marks[high]
  if (start === undefined || end === undefined) return 0
  const length = end[from] - start[from]
  const share = length <= 0 ? 0 : Math.min(1, Math.max(0, (value - start[from]) / length))
  return start[to] + share * (end[to] - start[to])
}

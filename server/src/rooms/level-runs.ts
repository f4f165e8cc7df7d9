/**
 * How deep the items of one client lie, where that is not at the top: runs of clocks with one level each. Items become
 * part of a document in the order of their clocks, so runs are only ever appended.
 */
export class LevelRuns {
  // start, end, level, start, end, level, …
  readonly #runs: number[] = []

  /** Notes the level of [start, end), which begins at or behind the end of everything noted before. */
  append(start: number, end: number, level: number): void {
    const last = this.#runs.length - 3
    if (last >= 0 && this.#runs[last + 1] === start && this.#runs[last + 2] === level) {
      this.#runs[last + 1] = end
    } else {
      this.#runs.push(start, end, level)
    }
  }

  /** The level at `clock`; 0 where none was noted. */
  at(clock: number): number {
    let low = -1
    let high = this.#runs.length / 3 - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#runs[middle * 3]! <= clock) low = middle
      else high = middle - 1
    }
    return low >= 0 && clock < this.#runs[low * 3 + 1]! ? this.#runs[low * 3 + 2]! : 0
  }
}

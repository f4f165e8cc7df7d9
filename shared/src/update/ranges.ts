// Ranges live in chunks of at most this many numbers (two a range), so that an insertion amid a hundred thousand
// ranges moves a few hundred numbers and not all of them.
const CHUNK_NUMBERS = 512

/**
 * A set of clocks as sorted ranges [start, end) that neither overlap nor touch.
 * Finding costs two binary searches; adding moves at most one chunk, plus what it swallows.
 */
export class RangeSet {
  // Each chunk is start, end, start, end, …; none is empty.
  readonly #chunks: number[][] = []
  #size = 0

  /** Number of ranges. */
  get size(): number {
    return this.#size
  }

  /** The clock behind the last range, or 0 for an empty set. */
  get end(): number {
    return this.#chunks.at(-1)?.at(-1) ?? 0
  }

  /** Whether all of [start, end) is in the set. */
  covers(start: number, end: number): boolean {
    const chunk = this.#chunks[this.#chunkOf(start)]
    if (chunk === undefined) return false
    const i = lastAtOrBefore(chunk, start)
    return i >= 0 && end <= chunk[i + 1]!
  }

  /** Adds [start, end), not empty. Returns whether any of it is new. */
  add(start: number, end: number): boolean {
    const c = this.#chunkOf(start)
    const chunk = this.#chunks[c]
    if (chunk === undefined) {
      this.#chunks.push([start, end])
      this.#size++
      return true
    }
    const i = lastAtOrBefore(chunk, start)
    if (i >= 0 && start <= chunk[i + 1]!) {
      if (end <= chunk[i + 1]!) return false
      this.#extend(c, i, end)
    } else {
      this.#insert(c, i + 2, start, end)
    }
    return true
  }

  /** Number of ranges that reach beyond `clock`. */
  sizeBeyond(clock: number): number {
    const c = this.#chunkOf(clock)
    const chunk = this.#chunks[c]
    if (chunk === undefined) return 0
    const i = lastAtOrBefore(chunk, clock)
    const before = i >= 0 && chunk[i + 1]! > clock ? i : i + 2
    let numbers = chunk.length - before
    for (let later = c + 1; later < this.#chunks.length; later++) {
      numbers += this.#chunks[later]!.length
    }
    return numbers / 2
  }

  /** The ranges in ascending order. */
  *[Symbol.iterator](): Generator<readonly [start: number, end: number]> {
    for (const chunk of this.#chunks) {
      for (let i = 0; i < chunk.length; i += 2) yield [chunk[i]!, chunk[i + 1]!]
    }
  }

  /** The last chunk that begins at or before `clock`, else the first. */
  #chunkOf(clock: number): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#chunks[middle]![0]! <= clock) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Moves the end of the range at `i` of chunk `c` to `end`, and swallows what it reaches. */
  #extend(c: number, i: number, end: number): void {
    const chunk = this.#chunks[c]!
    let next = i + 2
    while (next < chunk.length && chunk[next]! <= end) next += 2
    if (next > i + 2) {
      end = Math.max(end, chunk[next - 1]!)
      chunk.splice(i + 2, next - i - 2)
      this.#size -= (next - i - 2) / 2
    }
    if (i + 2 === chunk.length) end = this.#swallowChunks(c + 1, end)
    chunk[i + 1] = end
  }

  /** Removes ranges that begin at or before `end` from the chunks from `c` on. Returns where the last one ends. */
  #swallowChunks(c: number, end: number): number {
    let whole = c
    while (whole < this.#chunks.length && this.#chunks[whole]!.at(-2)! <= end) {
      const chunk = this.#chunks[whole]!
      end = Math.max(end, chunk.at(-1)!)
      this.#size -= chunk.length / 2
      whole++
    }
    if (whole > c) this.#chunks.splice(c, whole - c)
    const chunk = this.#chunks[c]
    if (chunk === undefined || chunk[0]! > end) return end
    const reached = lastAtOrBefore(chunk, end) + 2
    end = Math.max(end, chunk[reached - 1]!)
    chunk.splice(0, reached)
    this.#size -= reached / 2
    return end
  }

  /** Puts a range that touches nothing before it at `i` of chunk `c`. */
  #insert(c: number, i: number, start: number, end: number): void {
    const chunk = this.#chunks[c]!
    if (i < chunk.length && chunk[i]! <= end) {
      const reached = chunk[i + 1]!
      chunk[i] = start
      if (end > reached) this.#extend(c, i, end)
      return
    }
    const next = i === chunk.length ? this.#chunks[c + 1] : undefined
    if (next !== undefined && next[0]! <= end) {
      this.#insert(c + 1, 0, start, end)
      return
    }
    chunk.splice(i, 0, start, end)
    this.#size++
    if (chunk.length > CHUNK_NUMBERS) this.#split(c)
  }

  #split(c: number): void {
    const chunk = this.#chunks[c]!
    // Clocks mostly grow: leave the last chunk nearly full, so that appending does not end in half-empty ones.
    const keep = c === this.#chunks.length - 1 ? CHUNK_NUMBERS - 2 : CHUNK_NUMBERS / 2
    this.#chunks.splice(c + 1, 0, chunk.splice(keep))
  }
}

/** Index of the last range in `chunk` that starts at or before `clock`, or -2. */
function lastAtOrBefore(chunk: readonly number[], clock: number): number {
  let low = -1
  let high = chunk.length / 2 - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (chunk[middle * 2]! <= clock) low = middle
    else high = middle - 1
  }
  return low * 2
}

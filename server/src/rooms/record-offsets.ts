import {
  assert,
  storedWalkLimits,
  structKinds,
  UpdateScan,
  walkStructs,
  walkUpdate,
} from '@coscribe/shared'

/** Clocks of one client, from `from` to before `to`. */
export interface ClockRange {
  readonly from: number
  readonly to: number
}

/** A run of structs of one client within a record. */
export interface Piece {
  readonly client: number
  /** The clock of the first struct. */
  readonly clock: number
  readonly structs: number
  /** Bytes of the structs: from `start` to before `end`. */
  readonly start: number
  readonly end: number
}

// Every so many structs a mark is kept; from the nearest one before, the structs are read again.
const STRIDE = 8

// Only used within one call.
const scratch = new UpdateScan()

/**
 * Where the structs of one record begin, so that any number of readers can be answered with one walk over it.
 * Takes about a byte a struct and 30 a client.
 */
export class RecordOffsets {
  readonly #record: Uint8Array
  /** Where the record's delete set begins, in bytes. */
  readonly deleteSetOffset: number
  /** Structs in the record. */
  readonly structs: number

  // One row a section: its client, the clock and the byte behind its last struct, its number of structs, and the
  // first of its marks.
  readonly #clients: Uint32Array
  readonly #reaches: Int32Array
  readonly #ends: Uint32Array
  readonly #counts: Uint32Array
  readonly #firstMarks: Uint32Array
  // One row a mark: clock and byte offset of the structs 0, STRIDE, 2 * STRIDE, … of each section.
  readonly #clocks: Int32Array
  readonly #starts: Uint32Array

  /** @param record update bytes that passed a walk before they were stored; kept, not copied */
  constructor(record: Uint8Array) {
    const fault = walkUpdate(record, scratch, storedWalkLimits)
    assert(fault === null, `a stored record is well-formed (${fault?.message})`)
    const sections = scratch.sectionCount
    this.#record = record
    this.deleteSetOffset = scratch.deleteSetOffset
    this.structs = scratch.rowCount
    this.#clients = scratch.sectionClients.slice(0, sections)
    this.#ends = scratch.sectionEnds.slice(0, sections)
    this.#reaches = new Int32Array(sections)
    this.#counts = new Uint32Array(sections)
    this.#firstMarks = new Uint32Array(sections)
    const marks = this.#countMarks()
    this.#clocks = new Int32Array(marks)
    this.#starts = new Uint32Array(marks)
    this.#setMarks()
    scratch.clear()
  }

  #countMarks(): number {
    let marks = 0
    for (let section = 0; section < scratch.sectionCount; section++) {
      const end = scratch.sectionEndRow(section)
      const count = end - scratch.sectionRows[section]!
      this.#reaches[section] = scratch.clocks[end - 1]! + scratch.lengths[end - 1]!
      this.#counts[section] = count
      this.#firstMarks[section] = marks
      marks += Math.ceil(count / STRIDE)
    }
    return marks
  }

  #setMarks(): void {
    let mark = 0
    for (let section = 0; section < scratch.sectionCount; section++) {
      const end = scratch.sectionEndRow(section)
      for (let row = scratch.sectionRows[section]!; row < end; row += STRIDE) {
        this.#clocks[mark] = scratch.clocks[row]!
        this.#starts[mark++] = scratch.starts[row]!
      }
    }
  }

  /** What a replica with this state vector lacks of the record's structs. */
  missing(stateVector: ReadonlyMap<number, number>): Piece[] {
    const pieces: Piece[] = []
    for (let section = 0; section < this.#clients.length; section++) {
      const state = stateVector.get(this.#clients[section]!) ?? 0
      if (state >= this.#reaches[section]!) continue
      const piece = this.#pieceFrom(section, state)
      if (piece !== null) pieces.push(piece)
    }
    return pieces
  }

  /**
   * The structs with these clocks, and a few around them, none twice.
   *
   * @param rangesOf rising, of one client; `null` for none
   */
  within(rangesOf: (client: number) => Iterable<ClockRange> | null): Piece[] {
    const pieces: Piece[] = []
    for (let section = 0; section < this.#clients.length; section++) {
      const ranges = rangesOf(this.#clients[section]!)
      if (ranges !== null) this.#addWithin(pieces, section, ranges)
    }
    return pieces
  }

  #addWithin(pieces: Piece[], section: number, ranges: Iterable<ClockRange>): void {
    let reached = 0
    for (const { from, to } of ranges) {
      // Not to be read again for each of many within a long struct, or beside it.
      if (to <= reached) continue
      const start = Math.max(from, reached)
      const piece = start < this.#reaches[section]! ? this.#pieceFrom(section, start) : null
      if (piece === null) return
      const end = piece.clock < to ? this.#markBehind(section, to) : null
      if (piece.clock < to) pieces.push(end === null ? piece : this.#upTo(section, piece, end))
      reached = piece.clock < to ? this.#clockAt(section, end) : piece.clock
    }
  }

  /** The first mark behind `clock`, or `null`. */
  #markBehind(section: number, clock: number): number | null {
    const first = this.#firstMarks[section]!
    const marks = Math.ceil(this.#counts[section]! / STRIDE)
    const next = this.#markAt(first, first + marks - 1, clock) + 1
    return next < first + marks ? next : null
  }

  /** The clock at a mark, or behind the section. */
  #clockAt(section: number, mark: number | null): number {
    return mark === null ? this.#reaches[section]! : this.#clocks[mark]!
  }

  /** The piece up to a mark. */
  #upTo(section: number, piece: Piece, mark: number): Piece {
    const left = this.#counts[section]! - (mark - this.#firstMarks[section]!) * STRIDE
    return { ...piece, structs: piece.structs - left, end: this.#starts[mark]! }
  }

  /** The section from the struct on that covers `state` or, where that is a skip, from the next that is none. */
  #pieceFrom(section: number, state: number): Piece | null {
    const client = this.#clients[section]!
    const first = this.#firstMarks[section]!
    const count = this.#counts[section]!
    const marks = Math.ceil(count / STRIDE)
    for (let mark = this.#markAt(first, first + marks - 1, state); mark < first + marks; mark++) {
      const before = (mark - first) * STRIDE
      const rows = Math.min(STRIDE, count - before)
      walkStructs(this.#record, this.#starts[mark]!, client, this.#clocks[mark]!, rows, scratch)
      const row = firstMissingRow(scratch, 0, rows, state)
      if (row === rows) continue
      const start = scratch.starts[row]!
      const clock = scratch.clocks[row]!
      return { client, clock, structs: count - before - row, start, end: this.#ends[section]! }
    }
    return null
  }

  /** The last of the marks from `low` to `high` that is at or before `clock`, or `low`. */
  #markAt(low: number, high: number, clock: number): number {
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#clocks[middle]! <= clock) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The first of the rows [row, end) that reaches beyond `state` and is not a skip, or `end`. */
export function firstMissingRow(scan: UpdateScan, row: number, end: number, state: number): number {
  while (row < end) {
    const reach = scan.clocks[row]! + scan.lengths[row]!
    if (reach > state && scan.kinds[row] !== structKinds.skip) break
    row++
  }
  return row
}

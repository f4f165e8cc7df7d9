/** What {@link UpdateScan.kinds} says of a struct: the content reference of Yjs V1. */
export const structKinds = Object.freeze({
  gc: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  subdocument: 9,
  skip: 10,
})

/** In {@link UpdateScan.originClocks} and its like: there is no such id. */
export const NO_ID = -1
/** In {@link UpdateScan.parentClocks}: the parent is a root type; its number is in `parentClients`. */
export const ROOT_PARENT = -2

const FIRST_ROWS = 64
// A scan that one large update has blown up shrinks when the next small one comes.
const KEPT_ROWS = 16_384

const noBytes = new Uint8Array(0)

/**
 * What a walk found in an update, as columns: row i of the structs is `kinds[i]`, `clocks[i]` and so on. A scan is
 * made once and filled again and again. Everything in it is valid until the next walk; only rows below the counts mean
 * anything. Columns grow by doubling as rows are found, never by what an update declares.
 *
 * Sections hold the structs of one client, with clocks that follow each other without a hole: section s covers the
 * rows from `sectionRows[s]` to before {@link sectionEndRow}, at least one. Absent are sections without structs.
 */
export class UpdateScan {
  /** The update that was walked, not a copy. */
  bytes: Uint8Array = noBytes
  /** Where the delete set begins, in bytes. */
  deleteSetOffset = 0

  sectionCount = 0
  sectionClients = new Uint32Array(FIRST_ROWS)
  sectionRows = new Uint32Array(FIRST_ROWS)
  /** Where the bytes of the section's last struct end. */
  sectionEnds = new Uint32Array(FIRST_ROWS)

  rowCount = 0
  /** See {@link structKinds}. */
  kinds = new Uint8Array(FIRST_ROWS)
  clocks = new Int32Array(FIRST_ROWS)
  /** In clocks. */
  lengths = new Int32Array(FIRST_ROWS)
  /** Offset of the struct's first byte. */
  starts = new Uint32Array(FIRST_ROWS)
  originClients = new Uint32Array(FIRST_ROWS)
  /** {@link NO_ID} where there is none; so in the other two. */
  originClocks = new Int32Array(FIRST_ROWS)
  rightClients = new Uint32Array(FIRST_ROWS)
  rightClocks = new Int32Array(FIRST_ROWS)
  /** The parent's client or, where the parent's clock is {@link ROOT_PARENT}, a row of the root names. */
  parentClients = new Uint32Array(FIRST_ROWS)
  parentClocks = new Int32Array(FIRST_ROWS)

  /** Root type names in order of appearance, with repetitions, as byte ranges. */
  rootCount = 0
  rootStarts = new Uint32Array(FIRST_ROWS)
  rootEnds = new Uint32Array(FIRST_ROWS)

  deleteCount = 0
  deleteClients = new Uint32Array(FIRST_ROWS)
  deleteClocks = new Int32Array(FIRST_ROWS)
  deleteLengths = new Int32Array(FIRST_ROWS)

  /** Structs that bring a subdocument. */
  subdocumentCount = 0

  /** The row behind the last one of section `section`. */
  sectionEndRow(section: number): number {
    return section + 1 < this.sectionCount ? this.sectionRows[section + 1]! : this.rowCount
  }

  /** Offset of the byte behind struct `row`, which belongs to section `section`. */
  rowEnd(section: number, row: number): number {
    return row + 1 < this.sectionEndRow(section)
      ? this.starts[row + 1]!
      : this.sectionEnds[section]!
  }

  /** Empties the scan for a walk over `bytes`. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes
    this.deleteSetOffset = 0
    this.sectionCount = 0
    this.rowCount = 0
    this.rootCount = 0
    this.deleteCount = 0
    this.subdocumentCount = 0
    if (bytes.length < KEPT_ROWS) this.#shrink()
  }

  /** Lets go of the bytes and of large columns. */
  clear(): void {
    this.reset(noBytes)
  }

  /** Rows that fit the columns at present, all columns together. */
  get capacity(): number {
    const rows = this.kinds.length + this.deleteClients.length
    return rows + this.sectionClients.length + this.rootStarts.length
  }

  /** Adds a struct that has no ids and returns its row. */
  addRow(kind: number, clock: number, start: number): number {
    const row = this.rowCount++
    if (row === this.kinds.length) this.#sizeRows(row * 2)
    this.kinds[row] = kind
    this.clocks[row] = clock
    this.starts[row] = start
    this.originClocks[row] = NO_ID
    this.rightClocks[row] = NO_ID
    this.parentClocks[row] = NO_ID
    return row
  }

  /** Adds a section that begins with the next row. */
  addSection(client: number): void {
    const section = this.sectionCount++
    if (section === this.sectionClients.length) this.#sizeSections(section * 2)
    this.sectionClients[section] = client
    this.sectionRows[section] = this.rowCount
  }

  /** Adds a root name and returns its row. */
  addRoot(start: number, end: number): number {
    const root = this.rootCount++
    if (root === this.rootStarts.length) this.#sizeRoots(root * 2)
    this.rootStarts[root] = start
    this.rootEnds[root] = end
    return root
  }

  addDelete(client: number, clock: number, length: number): void {
    const row = this.deleteCount++
    if (row === this.deleteClients.length) this.#sizeDeletes(row * 2)
    this.deleteClients[row] = client
    this.deleteClocks[row] = clock
    this.deleteLengths[row] = length
  }

  #shrink(): void {
    if (this.kinds.length > KEPT_ROWS) this.#sizeRows(FIRST_ROWS)
    if (this.sectionClients.length > KEPT_ROWS) this.#sizeSections(FIRST_ROWS)
    if (this.rootStarts.length > KEPT_ROWS) this.#sizeRoots(FIRST_ROWS)
    if (this.deleteClients.length > KEPT_ROWS) this.#sizeDeletes(FIRST_ROWS)
  }

  #sizeRows(rows: number): void {
    this.kinds = resized(this.kinds, new Uint8Array(rows))
    this.clocks = resized(this.clocks, new Int32Array(rows))
    this.lengths = resized(this.lengths, new Int32Array(rows))
    this.starts = resized(this.starts, new Uint32Array(rows))
    this.originClients = resized(this.originClients, new Uint32Array(rows))
    this.originClocks = resized(this.originClocks, new Int32Array(rows))
    this.rightClients = resized(this.rightClients, new Uint32Array(rows))
    this.rightClocks = resized(this.rightClocks, new Int32Array(rows))
    this.parentClients = resized(this.parentClients, new Uint32Array(rows))
    this.parentClocks = resized(this.parentClocks, new Int32Array(rows))
  }

  #sizeSections(rows: number): void {
    this.sectionClients = resized(this.sectionClients, new Uint32Array(rows))
    this.sectionRows = resized(this.sectionRows, new Uint32Array(rows))
    this.sectionEnds = resized(this.sectionEnds, new Uint32Array(rows))
  }

  #sizeRoots(rows: number): void {
    this.rootStarts = resized(this.rootStarts, new Uint32Array(rows))
    this.rootEnds = resized(this.rootEnds, new Uint32Array(rows))
  }

  #sizeDeletes(rows: number): void {
    this.deleteClients = resized(this.deleteClients, new Uint32Array(rows))
    this.deleteClocks = resized(this.deleteClocks, new Int32Array(rows))
    this.deleteLengths = resized(this.deleteLengths, new Int32Array(rows))
  }
}

/** `to` with as much of `from` as fits. */
function resized<Column extends Uint8Array | Int32Array | Uint32Array>(
  from: Column,
  to: Column,
): Column {
  to.set(from.length > to.length ? from.subarray(0, to.length) : from)
  return to
}

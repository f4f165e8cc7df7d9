import { ROOT_PARENT, structKinds, UpdateScan, walkStructs } from '@coscribe/shared'
import { WaitQueue } from './wait-queue.js'

// When does a struct become part of a document? yjs integrates the structs of a client in the order of their clocks,
// each when the clocks before it are there and so are its origin, its right origin and its parent. Whatever lacks
// something waits, and with it everything behind it in its section. This file is that rule and nothing else; on which
// document it works is the Ground's business: the real one, or a trial that is forgotten afterwards.
//
// What waits is kept as encoded bytes and a position (a Strand), read again only as far as it gets: no object per
// struct, and resuming costs what it integrates. Strands queue under the client they wait for, lowest clock first, so
// an edit of that client wakes exactly those it helps.

/** The document that structs settle on. */
export interface Ground {
  /** How many clocks of the client are part of the document, without a hole. */
  stateOf(client: number): number
  /** Nesting of the type that holds the item: 0 for items of root types. */
  levelOf(client: number, clock: number): number
  /**
   * Clocks [from, to) of the client, at or behind its state, became part of the document, and all before them did: either
   * one struct, or some of which there is nothing to note.
   */
  integrate(client: number, from: number, to: number, kind: number, level: number): void
}

/** The rest of a section, waiting. */
export class Strand {
  need = 0
  readonly client: number
  /** Its section in the scan of the update it came with. */
  readonly section: number
  bytes: Uint8Array
  /** Where the first waiting struct begins, its clock, and the number of structs from it on. */
  offset: number
  clock: number
  left: number
  /** What this strand was counted with, see {@link Settling.waitingBytes}. */
  countedBytes = 0
  countedTypes = 0

  /** The structs of section `section` from `row` on. */
  constructor(scan: UpdateScan, section: number, row: number) {
    this.client = scan.sectionClients[section]!
    this.section = section
    this.bytes = scan.bytes
    this.offset = scan.starts[row]!
    this.clock = scan.clocks[row]!
    this.left = scan.sectionEndRow(section) - row
  }
}

/** The kinds of structs of which a ground notes more than that they are there, wherever they lie. */
const NOTED: readonly boolean[] = Object.values(structKinds).map(
  (kind) => kind === structKinds.gc || kind === structKinds.deleted || kind === structKinds.type,
)

/** What a waiting section occupies besides its bytes, roughly; keeps a flood of tiny ones inside a limit in bytes. */
const STRAND_OVERHEAD_BYTES = 256

const none: readonly Strand[] = []

// Resuming is synchronous and never happens within another, so one scan serves all documents: its columns would be
// most of what a small one costs.
const resumed = new UpdateScan()

/** The rule, applied to one ground, and what waits there. */
export class Settling {
  readonly #ground: Ground
  /** By the client that is waited for. In most documents nothing ever waits. */
  #queues: Map<number, WaitQueue<Strand>> | null = null
  #ready: Strand[] | null = null
  // What the last struct that could not be integrated waits for.
  #needClient = 0
  #needClock = 0

  constructor(ground: Ground) {
    this.#ground = ground
  }

  /** Strands waiting. */
  waiting = 0
  /** Bytes of the strands that were kept, with their overhead. */
  waitingBytes = 0
  /** Structs with a shared type among them. */
  waitingTypes = 0

  /**
   * Integrates what can be integrated, of the update and of everything that waited before. Returns the strands of
   * this update that wait now; they point into its bytes until they are kept.
   */
  settle(scan: UpdateScan): readonly Strand[] {
    let parked: Strand[] | null = null
    for (let section = 0; section < scan.sectionCount; section++) {
      const client = scan.sectionClients[section]!
      const end = scan.sectionEndRow(section)
      const stop = this.#run(scan, client, scan.sectionRows[section]!, end)
      if (stop === end) continue
      const strand = new Strand(scan, section, stop)
      this.#park(strand)
      parked ??= []
      parked.push(strand)
    }
    this.#resumeReady()
    return parked === null ? none : parked.filter((strand) => strand.left > 0)
  }

  /** Whether the struct's time has come: the clocks before it are there, and what it depends on. */
  canIntegrate(scan: UpdateScan, row: number, client: number): boolean {
    return scan.clocks[row]! <= this.#ground.stateOf(client) && !this.#lacks(scan, row, client)
  }

  /** Keeps a strand beyond its update: copies its bytes up to `end` and counts them. */
  keep(strand: Strand, end: number, types: number): void {
    strand.bytes = strand.bytes.slice(strand.offset, end)
    strand.offset = 0
    strand.countedBytes = strand.bytes.length + STRAND_OVERHEAD_BYTES
    strand.countedTypes = types
    this.waitingBytes += strand.countedBytes
    this.waitingTypes += types
  }

  /** Forgets everything that waits. */
  reset(): void {
    this.#queues = null
    this.waiting = 0
    this.waitingBytes = 0
    this.waitingTypes = 0
  }

  /** Integrates rows of one client from `row` on. Returns the first that has to wait, or `end`. */
  #run(scan: UpdateScan, client: number, row: number, end: number): number {
    const before = this.#ground.stateOf(client)
    let state = before
    let told = before
    for (; row < end; row++) {
      const kind = scan.kinds[row]!
      if (kind === structKinds.skip) continue
      const clock = scan.clocks[row]!
      if (clock > state) {
        this.#needClient = client
        this.#needClock = clock - 1
        break
      }
      // As in yjs, known structs too must have what they depend on before anything behind them is looked at.
      if (this.#lacks(scan, row, client)) break
      const reach = clock + scan.lengths[row]!
      if (reach <= state) continue
      const level = this.#levelOf(scan, row)
      // Of most structs nothing is noted but that they are there, which is said once for all in a row.
      if (level > 0 || NOTED[kind] === true) {
        this.#ground.integrate(client, state, reach, kind, level)
        told = reach
      }
      state = reach
    }
    if (state > told) this.#ground.integrate(client, told, state, structKinds.string, 0)
    if (state > before && this.waiting > 0) this.#wake(client, state)
    return row
  }

  #lacks(scan: UpdateScan, row: number, client: number): boolean {
    return (
      this.#isMissing(client, scan.originClients[row]!, scan.originClocks[row]!) ||
      this.#isMissing(client, scan.rightClients[row]!, scan.rightClocks[row]!) ||
      this.#isMissing(client, scan.parentClients[row]!, scan.parentClocks[row]!)
    )
  }

  // Ids of the struct's own client are older than itself (the walk saw to that), hence there when its turn comes.
  #isMissing(own: number, client: number, clock: number): boolean {
    if (clock < 0 || client === own || clock < this.#ground.stateOf(client)) return false
    this.#needClient = client
    this.#needClock = clock
    return true
  }

  /** An item lies where its origin lies, else where its right origin does; only without both it names a parent. */
  #levelOf(scan: UpdateScan, row: number): number {
    const origin = scan.originClocks[row]!
    if (origin >= 0) return this.#ground.levelOf(scan.originClients[row]!, origin)
    const right = scan.rightClocks[row]!
    if (right >= 0) return this.#ground.levelOf(scan.rightClients[row]!, right)
    const parent = scan.parentClocks[row]!
    if (parent === ROOT_PARENT || parent < 0) return 0
    return this.#ground.levelOf(scan.parentClients[row]!, parent) + 1
  }

  #park(strand: Strand): void {
    strand.need = this.#needClock
    this.#queues ??= new Map()
    const queue = this.#queues.get(this.#needClient) ?? new WaitQueue<Strand>()
    if (queue.size === 0) this.#queues.set(this.#needClient, queue)
    queue.push(strand)
    this.waiting++
  }

  /** Makes ready what needs clocks of `client` below `state`. */
  #wake(client: number, state: number): void {
    const queue = this.#queues?.get(client)
    if (queue === undefined) return
    this.#ready ??= []
    for (let strand = queue.popBelow(state); strand; strand = queue.popBelow(state)) {
      this.waiting--
      this.#ready.push(strand)
    }
    if (queue.size === 0) this.#queues?.delete(client)
  }

  #resumeReady(): void {
    const ready = this.#ready
    if (ready === null) return
    for (let strand = ready.pop(); strand; strand = ready.pop()) this.#resume(strand)
    this.#ready = null
  }

  /** Reads a strand on, in pieces that double, so that stopping early wastes little and going far costs little. */
  #resume(strand: Strand): void {
    const scan = resumed
    for (let piece = 1; strand.left > 0; piece *= 2) {
      const rows = Math.min(piece, strand.left)
      const { bytes, offset, client, clock } = strand
      const end = walkStructs(bytes, offset, client, clock, rows, scan)
      const stop = this.#run(scan, client, 0, rows)
      strand.left -= stop
      if (stop < rows) {
        strand.offset = scan.starts[stop]!
        strand.clock = scan.clocks[stop]!
        scan.clear()
        this.#park(strand)
        return
      }
      strand.offset = end
      strand.clock = scan.clocks[rows - 1]! + scan.lengths[rows - 1]!
    }
    scan.clear()
    this.waitingBytes -= strand.countedBytes
    this.waitingTypes -= strand.countedTypes
  }
}

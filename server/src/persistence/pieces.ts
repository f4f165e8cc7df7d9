import { storedWalkLimits, structKinds, UpdateScan, walkUpdate } from '@coscribe/shared'
import * as encoding from 'lib0/encoding'
import { writeDeletes } from '../rooms/cut.js'
import { splitStruct, type SplitStruct } from './split-struct.js'

/** Pieces of a snapshot have at most this many bytes, unless one value alone has more. */
export const PIECE_BYTES = 1024 * 1024

/** What a range of deletions takes at most: two numbers. */
const DELETE_BYTES = 10
/** What a client in a piece takes at most besides: two counts, its number twice, and a clock. */
const CLIENT_BYTES = 25

/**
 * A state as one or several updates for joiners, who apply one after the other and see what is there in between.
 *
 * Only a state of text and plain values is cut. Replicas draw conclusions from what they see, and these are edits of
 * theirs: yjs deletes formatting with nothing left inside, before what was typed into it later has come, and bindings
 * of editors delete an element that lacks the children its schema asks for. What has formatting or shared types inside
 * others therefore arrives at once, however large it is.
 */
export function piecesForJoiners(state: Uint8Array, pieceBytes = PIECE_BYTES): Uint8Array[] {
  if (state.length <= pieceBytes) return [state]
  const scan = new UpdateScan()
  if (walkUpdate(state, scan, storedWalkLimits) !== null) return [state]
  for (let row = 0; row < scan.rowCount; row++) {
    if (!makesSenseAlone(scan.kinds[row]!)) return [state]
  }
  return new PieceCutter(scan, pieceBytes).cut()
}

function makesSenseAlone(kind: number): boolean {
  return (
    kind !== structKinds.format && kind !== structKinds.type && kind !== structKinds.subdocument
  )
}

/**
 * Cuts an update into several of at most `pieceBytes`, such that whoever applies them in order never has anything
 * waiting that would not wait in the whole. Together they have the structs and deletions of the update, and nothing
 * else. Not for replicas that somebody looks at meanwhile, see {@link piecesForJoiners}.
 *
 * Every struct comes after what it depends on: a client's structs are taken in order until one needs a struct of another
 * client, whose turn it is then until that one was taken. Anywhere between two structs taken in this order a piece may
 * end. Within a piece the structs of a client stand together, so that a piece costs a few bytes for each client in it,
 * however often they took turns. A deletion goes with the last struct it deletes. All of it is linear.
 *
 * Structs above `pieceBytes` (what somebody typed or pasted in one go is one struct) are split where yjs could split
 * them. Bytes that are not an update come back as they are.
 */
export function cutInPieces(update: Uint8Array, pieceBytes = PIECE_BYTES): Uint8Array[] {
  if (update.length <= pieceBytes) return [update]
  const scan = new UpdateScan()
  if (walkUpdate(update, scan, storedWalkLimits) !== null) return [update]
  return new PieceCutter(scan, pieceBytes).cut()
}

/** The section whose turn it is, until the struct with this clock was taken. */
interface Turn {
  readonly section: number
  readonly clock: number
}

class PieceCutter {
  readonly #scan: UpdateScan
  readonly #pieceBytes: number
  readonly #sectionOf = new Map<number, number>()
  /** Of each section the row to take next, and the first row of the current piece. */
  readonly #next: Uint32Array
  readonly #first: Uint32Array
  /** Of each section the delete ranges of its client that were not taken yet. */
  readonly #deletes: Uint32Array
  readonly #deletesEnd: Uint32Array
  readonly #pieces: Uint8Array[] = []
  // The current piece: its sections, the rows of its delete ranges, and its bytes, a few too many.
  #sections: number[] = []
  #deleteRows: number[] = []
  #bytes = 0

  constructor(scan: UpdateScan, pieceBytes: number) {
    this.#scan = scan
    this.#pieceBytes = pieceBytes
    const sections = scan.sectionCount
    this.#next = scan.sectionRows.slice(0, sections)
    this.#first = this.#next.slice()
    this.#deletes = new Uint32Array(sections)
    this.#deletesEnd = new Uint32Array(sections)
    for (let section = 0; section < sections; section++) {
      this.#sectionOf.set(scan.sectionClients[section]!, section)
    }
  }

  cut(): Uint8Array[] {
    const rest = this.#assignDeletes()
    for (let section = 0; section < this.#scan.sectionCount; section++) this.#takeAll(section)
    for (let section = 0; section < this.#scan.sectionCount; section++) {
      for (let row = this.#deletes[section]!; row < this.#deletesEnd[section]!; row++) {
        this.#takeDelete(row)
      }
    }
    for (const row of rest) this.#takeDelete(row)
    this.#end()
    return this.#pieces
  }

  /** Gives each section the deletions of its client, and returns those for which there is none. */
  #assignDeletes(): number[] {
    const { deleteClients, deleteCount } = this.#scan
    const rest: number[] = []
    for (let row = 0; row < deleteCount; row++) {
      const section = this.#sectionOf.get(deleteClients[row]!)
      if (section === undefined) rest.push(row)
      else if (this.#deletesEnd[section] === 0) {
        this.#deletes[section] = row
        this.#deletesEnd[section] = row + 1
      } else if (this.#deletesEnd[section] === row) this.#deletesEnd[section] = row + 1
      else rest.push(row)
    }
    return rest
  }

  /** Takes the rest of a section, and before each of its structs whatever that depends on. */
  #takeAll(section: number): void {
    const turns: Turn[] = [{ section, clock: Infinity }]
    const waiting = new Set([section])
    for (let turn = turns.at(-1); turn !== undefined; turn = turns.at(-1)) {
      const need = this.#run(turn, waiting)
      if (need === null) {
        turns.pop()
        waiting.delete(turn.section)
      } else {
        turns.push(need)
        waiting.add(need.section)
      }
    }
  }

  /** Takes structs of a section until its turn is over (`null`) or another section's comes first. */
  #run({ section, clock }: Turn, waiting: ReadonlySet<number>): Turn | null {
    const scan = this.#scan
    const end = scan.sectionEndRow(section)
    for (let row = this.#next[section]!; row < end && scan.clocks[row]! <= clock; row++) {
      const need =
        this.#need(scan.originClients[row]!, scan.originClocks[row]!, waiting) ??
        this.#need(scan.rightClients[row]!, scan.rightClocks[row]!, waiting) ??
        this.#need(scan.parentClients[row]!, scan.parentClocks[row]!, waiting)
      if (need !== null) return need
      this.#take(section, row)
    }
    return null
  }

  /**
   * Whose turn has to come before this id is there; `null` when it is, or when the update does not have it. A section
   * that waits itself is not asked: what needs each other in a circle waits in the whole as well.
   */
  #need(client: number, clock: number, waiting: ReadonlySet<number>): Turn | null {
    if (clock < 0) return null
    const section = this.#sectionOf.get(client)
    if (section === undefined || waiting.has(section)) return null
    const row = this.#next[section]!
    if (row === this.#scan.sectionEndRow(section) || this.#scan.clocks[row]! > clock) return null
    return { section, clock }
  }

  #take(section: number, row: number): void {
    const bytes = this.#scan.rowEnd(section, row) - this.#scan.starts[row]!
    if (bytes > this.#pieceBytes && this.#takeSplit(section, row)) return
    this.#makeRoom(bytes + CLIENT_BYTES)
    if (this.#first[section] === row) {
      this.#sections.push(section)
      this.#bytes += CLIENT_BYTES
    }
    this.#next[section] = row + 1
    this.#bytes += bytes
    this.#takeDeletesUpTo(section, row)
  }

  /** Takes a struct that is larger than a piece as several; `false` if it cannot be split. */
  #takeSplit(section: number, row: number): boolean {
    const scan = this.#scan
    const bytes = scan.bytes.subarray(scan.starts[row], scan.rowEnd(section, row))
    const client = scan.sectionClients[section]!
    const structs = splitStruct(bytes, client, scan.clocks[row]!, this.#pieceBytes)
    if (structs.length < 2) return false
    this.#end()
    for (const struct of structs) this.#pieces.push(pieceOf(client, struct))
    this.#next[section] = row + 1
    this.#first[section] = row + 1
    this.#takeDeletesUpTo(section, row)
    return true
  }

  /** Takes the deletions of which this struct is the last. */
  #takeDeletesUpTo(section: number, row: number): void {
    const { clocks, lengths, deleteClocks, deleteLengths } = this.#scan
    const reach = clocks[row]! + lengths[row]!
    let at = this.#deletes[section]!
    while (at < this.#deletesEnd[section]! && deleteClocks[at]! + deleteLengths[at]! <= reach) {
      this.#deleteRows.push(at++)
      this.#bytes += DELETE_BYTES
    }
    this.#deletes[section] = at
  }

  #takeDelete(row: number): void {
    this.#makeRoom(DELETE_BYTES)
    this.#deleteRows.push(row)
    this.#bytes += DELETE_BYTES
  }

  #makeRoom(bytes: number): void {
    if (this.#bytes + bytes > this.#pieceBytes) this.#end()
  }

  /** Ends the current piece, unless it is empty. */
  #end(): void {
    if (this.#sections.length > 0 || this.#deleteRows.length > 0) this.#pieces.push(this.#encode())
    for (const section of this.#sections) this.#first[section] = this.#next[section]!
    this.#sections = []
    this.#deleteRows = []
    this.#bytes = 0
  }

  #encode(): Uint8Array {
    const scan = this.#scan
    const encoder = encoding.createEncoder()
    // As yjs writes them.
    this.#sections.sort((one, other) => scan.sectionClients[other]! - scan.sectionClients[one]!)
    encoding.writeVarUint(encoder, this.#sections.length)
    for (const section of this.#sections) {
      const first = this.#first[section]!
      const last = this.#next[section]! - 1
      encoding.writeVarUint(encoder, last - first + 1)
      encoding.writeVarUint(encoder, scan.sectionClients[section]!)
      encoding.writeVarUint(encoder, scan.clocks[first]!)
      const end = scan.rowEnd(section, last)
      encoding.writeUint8Array(encoder, scan.bytes.subarray(scan.starts[first], end))
    }
    writeDeletes(
      encoder,
      scan,
      this.#deleteRows.sort((one, other) => one - other),
    )
    return encoding.toUint8Array(encoder)
  }
}

/** A piece of one struct. */
function pieceOf(client: number, { clock, bytes }: SplitStruct): Uint8Array {
  const encoder = encoding.createEncoder()
  for (const number of [1, 1, client, clock]) encoding.writeVarUint(encoder, number)
  encoding.writeUint8Array(encoder, bytes)
  encoding.writeVarUint(encoder, 0)
  return encoding.toUint8Array(encoder)
}

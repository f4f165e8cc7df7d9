import {
  defaultLimits,
  encodeStateVector,
  RangeSet,
  structKinds,
  type ErrorCode,
  type UpdateScan,
} from '@coscribe/shared'
import { ClientTable, type ClientEntry } from './client-table.js'
import { RootNames } from './root-names.js'
import { Settling, type Strand } from './settling.js'
import { Trial } from './trial.js'

/** What an update would mean for a document. */
export type Judgement =
  /** Nothing in it is new, or it is empty. */
  | { readonly kind: 'known' }
  | {
      readonly kind: 'new'
      /** No struct and no delete range in it is known: store it as it is. Otherwise cut it first. */
      readonly wholly: boolean
      /** Part of it lacks something: clocks before it, or what it depends on. */
      readonly waits: boolean
      /** Structs, and delete ranges, of which at least a part is new. */
      readonly newStructs: number
      readonly newDeletes: number
      /** Clients the document has not heard of. */
      readonly newClients: number
    }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }

/** Limits that only show in the whole document. */
export interface IndexLimits {
  /** Names of root types. */
  readonly rootNames: number
  /** Shared types inside each other. */
  readonly typeDepth: number
}

/** Types that may wait for something; how deep they will lie is unknown until then. */
const MAX_WAITING_TYPES = 1_000
/** Clients of which something may wait: what a replica needs for those grows with the square of their number. */
const MAX_WAITING_CLIENTS = 1_000
/** What a range of deletions that waits is counted with. */
const LATE_DELETE_BYTES = 32

const known: Judgement = Object.freeze({ kind: 'known' })

// Judging is synchronous and never happens within another judging, so one trial serves all documents.
const trial = new Trial()
const trialSettling = new Settling(trial)

/**
 * What the stored bytes of a document contain, without its content: which clocks, which deletions, what waits for
 * what. Kept equal to what yjs makes of the same updates in the same order: {@link stateVector} gives the bytes that a
 * Y.Doc would, and {@link hasPending} tells whether that Y.Doc would hold something back. (A Y.Doc may be behind for a
 * while: of several things that wait for each other yjs notes one lack only, and may not look again when another is
 * made up for. And where two different forms of one struct wait, which takes a forger, it merges them.)
 *
 * Deletions are a subset of the Y.Doc's: some it derives while integrating (an overwritten map entry, the content of
 * a deleted type) and they appear in no update before somebody sends a whole delete set.
 *
 * No cost here grows with the size or age of the document or the number of its clients, except where it says so.
 */
export class DocumentIndex {
  readonly #clients = new ClientTable()
  readonly #settling = new Settling(this.#clients)
  readonly #rootNames = new RootNames()
  readonly #limits: IndexLimits
  #entriesWaiting: ClientEntry[] | null = null
  // What the last look at an update found.
  #newStructs = 0
  #knownStructs = 0
  #newClients = 0
  #unblocks = false
  #repeats = false
  #deletedUnits = 0

  constructor(limits: IndexLimits = defaultLimits) {
    this.#limits = limits
  }

  /**
   * Bytes of what waits for something missing, with a surcharge for each piece (256 a section, 32 a range of deletions)
   * that stands for the memory it takes, so that a limit in bytes also bounds a flood of tiny ones.
   */
  get pendingBytes(): number {
    return this.#settling.waitingBytes + this.#clients.lateDeletes * LATE_DELETE_BYTES
  }

  /** Whether structs or deletions wait for something missing. */
  get hasPending(): boolean {
    return this.#settling.waiting > 0 || this.#clients.lateDeletes > 0
  }

  /** Clients seen so far, in structs or deletions. */
  get clientCount(): number {
    return this.#clients.size
  }

  get rootNameCount(): number {
    return this.#rootNames.size
  }

  /** V1 bytes of the state vector, as yjs writes it. Encoding costs by the client, once per change. */
  stateVector(): Uint8Array {
    return this.#clients.stateVector()
  }

  /** The same of a document without the structs of this client. */
  stateVectorWithout(client: number): Uint8Array {
    const states = this.#clients.states()
    states.delete(client)
    return encodeStateVector(states)
  }

  /** How many clocks of the client are part of the document, without a hole. */
  stateOf(client: number): number {
    return this.#clients.stateOf(client)
  }

  /** Known deletions per client, for those that have any. */
  deletes(): Iterable<readonly [client: number, ranges: RangeSet]> {
    return this.#clients.deletes()
  }

  /** Whether the deletion of all clocks [from, to) is known. */
  hasDelete(client: number, from: number, to: number): boolean {
    return this.#clients.hasDelete(client, from, to)
  }

  /** Whether all clocks [from, to) were received: part of the document, or waiting. */
  hasStructs(client: number, from: number, to: number): boolean {
    const entry = this.#clients.get(client)
    if (entry === undefined) return false
    return to <= entry.state || isPending(entry, Math.max(from, entry.state), to)
  }

  /** Whether the update that was looked at last has structs of which clocks were received before. */
  get repeats(): boolean {
    return this.#repeats
  }

  /** Looks at a walked update without taking it up. */
  judge(scan: UpdateScan): Judgement {
    this.#lookAtStructs(scan)
    const newDeletes = this.#countNewDeletes(scan)
    if (this.#newStructs === 0 && newDeletes === 0) return known
    trial.begin(this.#clients)
    try {
      return this.#judgeNew(scan, newDeletes)
    } finally {
      trial.end()
      trialSettling.reset()
    }
  }

  #judgeNew(scan: UpdateScan, newDeletes: number): Judgement {
    if (scan.rootCount > 0 && this.#rootNames.wouldExceed(scan, this.#limits.rootNames)) {
      return refused('bad-update', `more than ${this.#limits.rootNames} root types in a document`)
    }
    const waits = this.#newStructs > 0 ? this.#try(scan) : false
    if (typeof waits !== 'boolean') return waits
    const partly = this.#knownStructs > 0 || newDeletes < scan.deleteCount
    return {
      kind: 'new',
      wholly: this.#unblocks || !partly,
      waits: waits || (newDeletes > 0 && this.#deletesTooEarly(scan)),
      newStructs: this.#newStructs,
      newDeletes,
      newClients: this.#newClients,
    }
  }

  /** How much of the sequence of clocks the deletions were of that were taken up; what was deleted twice counts twice. */
  get deletedUnits(): number {
    return this.#deletedUnits
  }

  /** Takes up a walked update: one that was stored, whole or cut. Taking one up twice changes nothing. */
  add(scan: UpdateScan): void {
    this.#rootNames.add(scan)
    this.#lookAtStructs(scan)
    // Without anything new, what cannot be integrated waits already and need not wait a second time.
    if (this.#newStructs > 0) {
      for (const strand of this.#settling.settle(scan)) this.#keep(scan, strand)
      if (this.#settling.waiting === 0) this.#forgetPending()
    }
    for (let row = 0; row < scan.deleteCount; row++) {
      const clock = scan.deleteClocks[row]!
      const length = scan.deleteLengths[row]!
      this.#deletedUnits += length
      this.#clients.addDelete(scan.deleteClients[row]!, clock, clock + length)
    }
  }

  /** Sorts the structs into known and new ones. */
  #lookAtStructs(scan: UpdateScan): void {
    this.#newStructs = 0
    this.#knownStructs = 0
    this.#newClients = 0
    this.#unblocks = false
    this.#repeats = false
    for (let section = 0; section < scan.sectionCount; section++) {
      const client = scan.sectionClients[section]!
      const entry = this.#clients.get(client)
      if (entry === undefined) this.#newClients++
      const end = scan.sectionEndRow(section)
      for (let row = scan.sectionRows[section]!; row < end; row++) {
        if (scan.kinds[row] === structKinds.skip) continue
        if (entry === undefined) this.#newStructs++
        else this.#lookAtStruct(scan, row, client, entry)
      }
    }
  }

  #lookAtStruct(scan: UpdateScan, row: number, client: number, entry: ClientEntry): void {
    const { state } = entry
    const clock = scan.clocks[row]!
    const reach = clock + scan.lengths[row]!
    if (reach <= state) {
      this.#knownStructs++
    } else if (!isPending(entry, Math.max(clock, state), reach)) {
      this.#newStructs++
      if (clock >= state) return
    } else if (this.#settling.canIntegrate(scan, row, client)) {
      // The same clocks wait already, but in a form that needs more: somebody collected the garbage meanwhile, and
      // what comes now needs nothing. It is taken whole, so that what follows it in the update finds the same.
      this.#unblocks = true
      this.#newStructs++
    } else {
      this.#knownStructs++
    }
    this.#repeats = true
  }

  /** Delete ranges of which at least a part is new. */
  #countNewDeletes(scan: UpdateScan): number {
    let count = 0
    for (let row = 0; row < scan.deleteCount; row++) {
      const clock = scan.deleteClocks[row]!
      const reach = clock + scan.deleteLengths[row]!
      if (!this.#clients.hasDelete(scan.deleteClients[row]!, clock, reach)) count++
    }
    return count
  }

  /** Settles the update on a trial of the document. Returns whether a part of it waits, or why it is refused. */
  #try(scan: UpdateScan): boolean | Judgement {
    const waiting = trialSettling.settle(scan)
    if (trial.deepestType >= this.#limits.typeDepth) {
      return refused('bad-update', `types nested deeper than ${this.#limits.typeDepth}`)
    }
    let types = this.#settling.waitingTypes
    for (const strand of waiting) types += countTypes(scan, strand)
    if (waiting.length > 0 && types > MAX_WAITING_TYPES) {
      return refused('pending-full', 'too many types wait for edits the server has not received')
    }
    if (waiting.length > 0 && waiting.length + this.#waitingClients() > MAX_WAITING_CLIENTS) {
      return refused('pending-full', 'too many clients wait for edits the server has not received')
    }
    return waiting.length > 0
  }

  /** At most so many clients wait; counted anew when it would matter, since who waited once stays on the list. */
  #waitingClients(): number {
    const noted = this.#entriesWaiting ?? []
    if (noted.length < MAX_WAITING_CLIENTS / 2) return noted.length
    this.#entriesWaiting = noted.filter((entry) => {
      if (entry.pending !== null && entry.pending.end <= entry.state) entry.pending = null
      return entry.pending !== null
    })
    return this.#entriesWaiting.length
  }

  #deletesTooEarly(scan: UpdateScan): boolean {
    for (let row = 0; row < scan.deleteCount; row++) {
      const reach = scan.deleteClocks[row]! + scan.deleteLengths[row]!
      if (reach > trial.stateOf(scan.deleteClients[row]!)) return true
    }
    return false
  }

  /** Keeps what waits beyond its update, and notes its clocks, so that it is known when it comes again. */
  #keep(scan: UpdateScan, strand: Strand): void {
    const entry = this.#clients.getOrAdd(strand.client)
    if (entry.pending === null) {
      this.#entriesWaiting ??= []
      this.#entriesWaiting.push(entry)
      entry.pending = new RangeSet()
    }
    const end = scan.sectionEndRow(strand.section)
    for (let row = end - strand.left; row < end; row++) {
      const clock = scan.clocks[row]!
      if (scan.kinds[row] !== structKinds.skip) entry.pending.add(clock, clock + scan.lengths[row]!)
    }
    this.#settling.keep(strand, scan.sectionEnds[strand.section]!, countTypes(scan, strand))
  }

  #forgetPending(): void {
    for (const entry of this.#entriesWaiting ?? []) entry.pending = null
    this.#entriesWaiting = null
  }
}

function isPending(entry: ClientEntry, from: number, to: number): boolean {
  return entry.pending !== null && entry.pending.covers(from, to)
}

/** Shared types among the structs of a strand that came with this update. */
function countTypes(scan: UpdateScan, strand: Strand): number {
  const end = scan.sectionEndRow(strand.section)
  let types = 0
  for (let row = end - strand.left; row < end; row++) {
    if (scan.kinds[row] === structKinds.type) types++
  }
  return types
}

function refused(code: ErrorCode, message: string): Judgement {
  return { kind: 'refused', code, message }
}

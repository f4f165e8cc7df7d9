import { encodeStateVector, RangeSet, structKinds } from '@coscribe/shared'
import { LevelRuns } from './level-runs.js'
import type { Ground } from './settling.js'

/** The state vector of fewer clients is sooner written than it is worth its memory. */
const KEEP_FROM_CLIENTS = 16

/** What is known of one client. */
export class ClientEntry {
  /** Clocks below it are part of the document. */
  state = 0
  deletes: RangeSet | null = null
  levels: LevelRuns | null = null
  /** Clocks that wait; those below the state meanwhile do not any more. */
  pending: RangeSet | null = null
  /** Delete ranges that reach beyond the state. */
  lateDeletes = 0
}

/**
 * The clients of a document: how far each one's structs are part of it, and what was deleted of them.
 * No cost here grows with the number of clients, except that of writing the state vector.
 */
export class ClientTable implements Ground {
  // Small documents are often by one client, and a map takes more than its entry.
  #firstClient = -1
  #first: ClientEntry | null = null
  #others: Map<number, ClientEntry> | null = null
  // Typing asks for the same client again and again.
  #lastClient = -1
  #lastEntry: ClientEntry | undefined
  #nested = false
  #stateVector: Uint8Array | null = null

  // Their number is counted when it is asked for, once, however many ranges an update added.
  #recount: Set<ClientEntry> | null = null
  #lateDeletes = 0

  /** Delete ranges that reach beyond what is part of the document. */
  get lateDeletes(): number {
    if (this.#recount !== null) this.#countLate()
    return this.#lateDeletes
  }

  /** Clients with at least one struct, one deletion or something waiting. */
  get size(): number {
    return this.#first === null ? 0 : 1 + (this.#others?.size ?? 0)
  }

  get(client: number): ClientEntry | undefined {
    if (client === this.#lastClient) return this.#lastEntry
    this.#lastClient = client
    if (client === this.#firstClient) return (this.#lastEntry = this.#first ?? undefined)
    return (this.#lastEntry = this.#others?.get(client))
  }

  getOrAdd(client: number): ClientEntry {
    const known = this.get(client)
    if (known !== undefined) return known
    const entry = new ClientEntry()
    this.#add(client, entry)
    return (this.#lastEntry = entry)
  }

  #add(client: number, entry: ClientEntry): void {
    if (this.#first !== null) {
      this.#others ??= new Map()
      this.#others.set(client, entry)
      return
    }
    this.#firstClient = client
    this.#first = entry
  }

  *#entries(): Generator<readonly [client: number, entry: ClientEntry]> {
    if (this.#first !== null) yield [this.#firstClient, this.#first]
    if (this.#others !== null) yield* this.#others
  }

  stateOf(client: number): number {
    return this.get(client)?.state ?? 0
  }

  levelOf(client: number, clock: number): number {
    return this.#nested ? (this.get(client)?.levels?.at(clock) ?? 0) : 0
  }

  integrate(client: number, from: number, to: number, kind: number, level: number): void {
    const entry = this.getOrAdd(client)
    entry.state = to
    this.#stateVector = null
    if (level > 0) {
      this.#nested = true
      entry.levels ??= new LevelRuns()
      entry.levels.append(from, to, level)
    }
    // Such structs say themselves that they are deleted; yjs lists them in its delete sets too.
    if (kind === structKinds.gc || kind === structKinds.deleted) {
      entry.deletes ??= new RangeSet()
      entry.deletes.add(from, to)
    }
    if (entry.lateDeletes > 0) this.#noteLate(entry)
  }

  /** Whether all of [from, to) is known to be deleted. */
  hasDelete(client: number, from: number, to: number): boolean {
    return this.get(client)?.deletes?.covers(from, to) ?? false
  }

  addDelete(client: number, from: number, to: number): void {
    const entry = this.getOrAdd(client)
    entry.deletes ??= new RangeSet()
    if (entry.deletes.add(from, to) && to > entry.state) this.#noteLate(entry)
  }

  /** V1 bytes as yjs writes them; of many clients the same array until a struct is integrated. */
  stateVector(): Uint8Array {
    if (this.#stateVector !== null) return this.#stateVector
    const encoded = encodeStateVector(this.states())
    if (this.size >= KEEP_FROM_CLIENTS) this.#stateVector = encoded
    return encoded
  }

  /** The clients that have structs in the document, and how far. */
  states(): Map<number, number> {
    const states = new Map<number, number>()
    for (const [client, entry] of this.#entries()) {
      if (entry.state > 0) states.set(client, entry.state)
    }
    return states
  }

  /** Deletions per client, for those that have any. */
  *deletes(): Generator<readonly [client: number, ranges: RangeSet]> {
    for (const [client, entry] of this.#entries()) {
      if (entry.deletes !== null) yield [client, entry.deletes]
    }
  }

  #noteLate(entry: ClientEntry): void {
    this.#recount ??= new Set()
    this.#recount.add(entry)
  }

  #countLate(): void {
    for (const entry of this.#recount ?? []) {
      const late = entry.deletes?.sizeBeyond(entry.state) ?? 0
      this.#lateDeletes += late - entry.lateDeletes
      entry.lateDeletes = late
    }
    this.#recount = null
  }
}

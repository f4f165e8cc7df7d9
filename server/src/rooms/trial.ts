import { structKinds } from '@coscribe/shared'
import { LevelRuns } from './level-runs.js'
import type { Ground } from './settling.js'

interface TrialEntry {
  state: number
  levels: LevelRuns | null
}

const nothing: Ground = { stateOf: () => 0, levelOf: () => 0, integrate: () => undefined }

/**
 * A document and what would be added to it: reads fall through to the document, writes stay here. One trial serves
 * all documents in turn, between {@link begin} and {@link end}.
 */
export class Trial implements Ground {
  #ground: Ground = nothing
  // Nearly every update is of one client, which needs no map: clearing one costs as much as the rest of a trial.
  #client = -1
  readonly #first: TrialEntry = { state: 0, levels: null }
  #others: Map<number, TrialEntry> | null = null
  #nested = false

  /** The deepest level of a type among what was integrated, or -1. */
  deepestType = -1

  begin(ground: Ground): void {
    this.#ground = ground
  }

  /** Forgets the document and what was added. */
  end(): void {
    this.#ground = nothing
    this.#client = -1
    this.#first.levels = null
    this.#others = null
    this.#nested = false
    this.deepestType = -1
  }

  stateOf(client: number): number {
    return this.#get(client)?.state ?? this.#ground.stateOf(client)
  }

  levelOf(client: number, clock: number): number {
    if (this.#nested && clock >= this.#ground.stateOf(client)) {
      return this.#get(client)?.levels?.at(clock) ?? 0
    }
    return this.#ground.levelOf(client, clock)
  }

  integrate(client: number, from: number, to: number, kind: number, level: number): void {
    const entry = this.#get(client) ?? this.#add(client)
    entry.state = to
    if (level > 0) {
      this.#nested = true
      entry.levels ??= new LevelRuns()
      entry.levels.append(from, to, level)
    }
    if (kind === structKinds.type && level > this.deepestType) this.deepestType = level
  }

  #get(client: number): TrialEntry | undefined {
    return client === this.#client ? this.#first : this.#others?.get(client)
  }

  #add(client: number): TrialEntry {
    if (this.#client < 0) {
      this.#client = client
      return this.#first
    }
    this.#others ??= new Map()
    const entry: TrialEntry = { state: 0, levels: null }
    this.#others.set(client, entry)
    return entry
  }
}

import type { ServerKind } from './servers/server-kind.js'
import type { Table } from './table.js'

/** What a run was asked for, and what it lends to its scenarios. */
export interface Bench {
  readonly quick: boolean
  /** Whether only what matters most is run: quick, and nothing was named. */
  readonly brief: boolean
  readonly rounds: number
  readonly servers: readonly ServerKind[]
  /** Servers that turned out not to be there, and why. */
  readonly absent: Map<string, string>
  /** The folder for CPU profiles of ours, or `null` when none are wanted. */
  readonly profiles: string | null
  /** The folder for plots. */
  readonly plots: string
  /** A new, empty folder on a real disk; removed at the end of the run. */
  folder(): string
  /** Tells whoever waits what is being done. */
  progress(text: string): void
}

export interface Scenario {
  readonly name: string
  readonly about: string
  /** Whether a brief run includes it. */
  readonly inBrief?: true
  run(bench: Bench): Promise<Table[]>
}

import type { Faults } from './room-ledger.js'

/** What a generator saw since the mark before. Times in milliseconds, CPU of its own process. */
export interface LoadFigures {
  readonly seconds: number
  readonly sent: number
  readonly delivered: number
  readonly bytesIn: number
  readonly p50: number
  readonly p99: number
  readonly ackP50: number
  readonly ackP99: number
  /** Fraction of a core that the generator itself used. */
  readonly generatorCores: number
}

/** How a load ended. */
export interface LoadReport extends Faults {
  /** Characters by room and member. */
  readonly typed: readonly (readonly number[])[]
  readonly firstClients: readonly number[]
  readonly lost: readonly string[]
}

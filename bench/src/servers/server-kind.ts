import type { DialectName } from '../load/dialects.js'

/** A server that can be started and measured. */
export interface ServerKind {
  readonly name: string
  readonly dialect: DialectName
  /** What stands on its command line behind `node`. @param data an empty folder for what it stores */
  command(data: string, flags: readonly string[]): readonly string[]
  /** Whether it knows the document, so that its state can be compared. */
  readonly holdsState: boolean
  /** Whether what it holds outlives its process. */
  readonly persists: boolean
  readonly ours: boolean
}

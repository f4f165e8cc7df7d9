import { CoscribeError } from '@coscribe/shared'
import { readKnownHead } from './change-plan.js'
import type { DatabaseView } from './database.js'
import type { Group, GroupedAppend } from './group.js'
import type { Stage, StagedAppend } from './stage.js'

/** What a replay asks of the database. */
export interface DocumentSource {
  /** @throws CoscribeError `document-unavailable` for a damaged document */
  read<Value>(documentId: string, action: (view: DatabaseView) => Promise<Value>): Promise<Value>
  /** Updates before those of a group are missing, or of another history. */
  lose(documentId: string): void
  /** Refuses a document with updates that are not in their places. */
  withhold(documentId: string): void
}

/** At a start: stages again what was committed in groups and is not in its place. */
export class Replay {
  readonly #source: DocumentSource
  readonly #stage: Stage

  constructor(source: DocumentSource, stage: Stage) {
    this.#source = source
    this.#stage = stage
  }

  async run(groups: readonly Group[]): Promise<void> {
    for (const { appends } of groups) {
      for (const append of appends) {
        const staged = await this.#place(append)
        if (staged === null) this.#carry(append)
        else if (staged.append.updates.length > 0) this.#stage.add([staged])
      }
    }
  }

  #carry(append: GroupedAppend): void {
    this.#source.withhold(append.documentId)
    this.#stage.carry([append])
  }

  /** Where an append goes on, or `null` if that cannot be said: its document is damaged, and refused. */
  async #place(grouped: GroupedAppend): Promise<StagedAppend | null> {
    const { documentId } = grouped
    try {
      const end = this.#stage.endOf(documentId)
      const head =
        end === undefined
          ? await this.#source.read(documentId, (view) =>
              readKnownHead(view, documentId, undefined),
            )
          : undefined
      const historyId = (end ?? head)?.historyId ?? grouped.historyId
      const stored = (end ?? head)?.lastSeq ?? 0
      const isSame = historyId !== null && (grouped.historyId ?? historyId) === historyId
      if (isSame && grouped.firstSeq <= stored + 1) {
        return { append: behind(stored, { ...grouped, historyId }), head }
      }
      this.#source.lose(documentId)
    } catch (error) {
      if (!(error instanceof CoscribeError)) throw error
    }
    return null
  }
}

/** What of an append has numbers above `stored`. */
function behind<Part extends { firstSeq: number; updates: readonly Uint8Array[] }>(
  stored: number,
  append: Part,
): Part {
  const known = Math.min(append.updates.length, stored + 1 - append.firstSeq)
  return { ...append, firstSeq: append.firstSeq + known, updates: append.updates.slice(known) }
}

import type { Logger } from './log.js'

/** What happened to somebody's rights, or to a document as a whole. */
type AuditName =
  | 'admitted'
  | 'refused'
  | 'expired'
  | 'revoked'
  | 'session-ended'
  | 'access-set'
  | 'link-made'
  | 'link-revoked'
  | 'document-created'
  | 'document-renamed'
  | 'document-trashed'
  | 'document-restored'
  | 'document-purged'
  | 'signed-in'
  | 'signed-out'
  | 'ticket-issued'

/** One decision: who, about which document, from where. Never a credential. */
export interface AuditEvent {
  readonly event: AuditName
  /** Whose credential it is about; absent where that is not known, or where it is about everybody. */
  readonly subject?: string
  /** Names the credential. */
  readonly tokenId?: string
  /** Absent where it is about all of them. */
  readonly documentId?: string
  readonly access?: string
  /** Why, in the words that the other end is told. */
  readonly reason?: string
  /** The address of the other end. */
  readonly address?: string
  /** What was asked of the API: a method and the pattern of a path. */
  readonly request?: string
  /** By what they came, where that is not their credential itself. */
  readonly via?: 'ticket'
  /** The subject that decided it; absent for the program around the server. */
  readonly by?: string
}

/** Where decisions are written down. Never throws, and never waits. */
export interface Audit {
  record(event: AuditEvent): void
  /** Resolves when everything recorded is written, what was only counted too, or was tried. */
  drained(): Promise<void>
}

/** Refusals a second that are written down one by one: whoever tries for hours should not fill the disk. */
const REFUSALS_PER_SECOND = 20

/** Writes into `sink`, of many refusals only how many there were. */
export class CalmAudit implements Audit {
  readonly #sink: (line: Readonly<Record<string, unknown>>) => void
  readonly #now: () => number
  #second = 0
  /** In that second. */
  #refusals = 0
  /** Beyond what is written down one by one, and not told yet. */
  #untold = 0

  /** @param now wall-clock milliseconds */
  constructor(sink: (line: Readonly<Record<string, unknown>>) => void, now: () => number) {
    this.#sink = sink
    this.#now = now
  }

  record(event: AuditEvent): void {
    const second = Math.floor(this.#now() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#refusals = 0
      this.#tellUntold()
    }
    if (event.event === 'refused' && ++this.#refusals > REFUSALS_PER_SECOND) this.#untold++
    else this.#sink({ ...event })
  }

  /** No event may follow that would bring the count along. */
  drained(): Promise<void> {
    this.#tellUntold()
    return Promise.resolve()
  }

  #tellUntold(): void {
    const count = this.#untold
    this.#untold = 0
    if (count > 0) this.#sink({ event: 'refused', count })
  }
}

/** Decisions among the other messages, told apart by `audit: true`. */
export function auditTo(logger: Logger, now: () => number): Audit {
  return new CalmAudit((line) => logger.info({ audit: true, ...line }, 'audit'), now)
}

/** Writes nothing down. */
export const noAudit: Audit = Object.freeze({
  record: () => {},
  drained: () => Promise.resolve(),
})

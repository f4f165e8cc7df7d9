import { appendFile } from 'node:fs/promises'
import { CoscribeError, type Clock } from '@coscribe/shared'
import { CalmAudit, type Audit, type AuditEvent } from './audit.js'
import { redacted, type Logger } from './log.js'

export interface AuditFileSetup {
  readonly path: string
  readonly clock: Clock
  readonly logger: Logger
  /** Most bytes that may wait for the disk; what comes beyond is counted and said. Default 1 MiB. */
  readonly maxWaitingBytes?: number
}

const MAX_WAITING_BYTES = 1024 * 1024

/**
 * Decisions in a file of their own, one JSON object a line: `time` (ISO 8601), `event` and what it is about. It is
 * opened anew for each write, so that it can be moved away at any time, and readable by its owner only.
 *
 * Nobody waits for it. While the disk takes nothing, what does not fit is lost, and a line `lost` says how much.
 */
export class AuditFile implements Audit {
  readonly #setup: AuditFileSetup
  readonly #calm: CalmAudit
  #lines: string[] = []
  #bytes = 0
  #lost = 0
  #writing: Promise<void> | null = null

  constructor(setup: AuditFileSetup) {
    this.#setup = setup
    this.#calm = new CalmAudit(
      (line) => this.#take(line),
      () => setup.clock.wallTime(),
    )
  }

  /**
   * Makes the file, if it is not there.
   *
   * @throws CoscribeError `bad-option` when it cannot be written
   */
  async open(): Promise<void> {
    try {
      await this.#append('')
    } catch (cause) {
      throw new CoscribeError('bad-option', `${this.#setup.path} cannot be written`, { cause })
    }
  }

  record(event: AuditEvent): void {
    this.#calm.record(event)
  }

  async drained(): Promise<void> {
    await this.#calm.drained()
    while (this.#writing !== null) await this.#writing
  }

  #take(line: Readonly<Record<string, unknown>>): void {
    const { maxWaitingBytes = MAX_WAITING_BYTES } = this.#setup
    const text = this.#text(line)
    const bytes = Buffer.byteLength(text)
    if (this.#bytes + bytes > maxWaitingBytes) {
      this.#lost++
      return
    }
    this.#lines.push(text)
    this.#bytes += bytes
    this.#writing ??= this.#write()
  }

  #text(line: Readonly<Record<string, unknown>>): string {
    const time = new Date(this.#setup.clock.wallTime()).toISOString()
    return redacted(`${JSON.stringify({ time, ...line })}\n`)
  }

  async #write(): Promise<void> {
    // What comes in this turn goes together.
    await new Promise<void>((resolve) => this.#setup.clock.soon(resolve))
    while (this.#lines.length > 0) {
      const lines = this.#lines
      if (this.#lost > 0) lines.push(this.#text({ event: 'lost', count: this.#lost }))
      this.#lines = []
      this.#lost = 0
      try {
        await this.#append(lines.join(''))
      } catch (error) {
        this.#lost += lines.length
        this.#setup.logger.error({ err: error }, 'the audit log cannot be written')
      }
      this.#bytes = this.#lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
    }
    this.#writing = null
  }

  #append(text: string): Promise<void> {
    return appendFile(this.#setup.path, text, { mode: 0o600 })
  }
}

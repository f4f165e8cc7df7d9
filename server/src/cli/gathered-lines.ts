/** Where they go. */
export interface LineTarget {
  write(lines: string): unknown
  /** Returns when all that was written is there. */
  flushSync(): void
}

/** Lines wait until there are so many characters, or for so many milliseconds. */
const TOGETHER_LENGTH = 4 * 1024
const TOGETHER_MS = 50

/** Lines of a log on their way, several in one write: a write for each costs as much as what it tells of. */
export class GatheredLines {
  readonly #target: LineTarget
  #lines = ''
  #planned = false

  constructor(target: LineTarget) {
    this.#target = target
  }

  write(line: string): void {
    this.#lines += line
    if (this.#lines.length >= TOGETHER_LENGTH) return this.flush()
    if (this.#planned) return
    this.#planned = true
    setTimeout(this.#due, TOGETHER_MS).unref()
  }

  flush(): void {
    if (this.#lines !== '') this.#target.write(this.#lines)
    this.#lines = ''
  }

  flushSync(): void {
    this.flush()
    this.#target.flushSync()
  }

  readonly #due = (): void => {
    this.#planned = false
    this.flush()
  }
}

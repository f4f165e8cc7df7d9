import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.js'

/** The script that all children run. */
export const STORE_CHILD = fileURLToPath(new URL('../faults/store-child.mjs', import.meta.url))

/** What a child found in a store: per document its last number, 'wrong', 'absent' or an error code. */
export interface StoreFindings {
  /** The error code with which the store refused to open, or `null`. */
  readonly refused: string | null
  readonly message: string | null
  readonly documents: Readonly<Record<string, number | string>>
  /** How many updates have no author, and authors no update; all of them were written together. */
  readonly apart: number
}

/** The end of a child: its exit code, or the signal that ended it. */
export interface ChildEnd {
  readonly died: string
}

/** Checks stores in a child process that is used again until one of them ends it. */
export class StoreChecker {
  #child: ChildProcess | null = null

  /** Opens the store at `path`, loads the documents (all that are listed without any given) and closes it. */
  async check(
    path: string,
    documents: readonly string[] | null,
  ): Promise<StoreFindings | ChildEnd> {
    const child = (this.#child ??= fork(STORE_CHILD, ['jobs'], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    }))
    const stop = new AbortController()
    const { signal } = stop
    try {
      const answer = once(child, 'message', { signal }).then(([found]) => found as StoreFindings)
      const end = once(child, 'exit', { signal }).then(
        ([code, name]: (number | string | null)[]) => {
          this.#child = null
          return { died: String(name ?? code) }
        },
      )
      child.send({ path, documents })
      return await Promise.race([answer, end.catch(() => answer)])
    } finally {
      stop.abort()
    }
  }

  /**
   * What is in the store at `path`, all documents that are listed.
   *
   * @throws Error when that ends the child
   */
  async contents(path: string): Promise<StoreFindings> {
    const found = await this.check(path, null)
    if ('died' in found) throw new Error(`who read the store died: ${found.died}`)
    return found
  }

  async close(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null) return
    const end = once(child, 'exit')
    child.disconnect()
    await end
  }
}

/** A child that writes to a store until it is killed, and what it was told is stored. */
export class StoreWriter {
  readonly acked = new Map<string, number>()
  acks = 0
  compactions = 0
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(
    path: string,
    options: {
      durability: 'fsync' | 'os'
      seed: number
      env?: NodeJS.ProcessEnv
      /** Control: authors come one append after their updates. */
      authorsComeLater?: boolean
    },
  ) {
    const args = [STORE_CHILD, 'write', path, options.durability, String(options.seed)]
    if (options.authorsComeLater === true) args.push('later')
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...options.env },
    })
    this.#ended = once(this.#child, 'close')
    if (this.#child.stdout === null) throw new Error('the child has no output')
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#note(line))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  #note(line: string): void {
    const [word, document, seq] = line.split(' ')
    if (word === 'compacted') this.compactions += 1
    if (word !== 'ack') return
    this.acks += 1
    this.acked.set(`document ${document}`, Number(seq))
  }

  /** Resolves when it has been told of so many acks, and has compacted; a child that does not get there is killed. */
  async atWork(acks: number): Promise<void> {
    const there = (): boolean => this.acks >= acks && this.compactions > 0
    try {
      // Each of them may wait for a disk that others wait for, too.
      await eventually(`${acks} acks`, there, 120_000)
    } catch (error) {
      await this.end('SIGKILL')
      throw error
    }
  }

  /** Sends a signal and waits until the process is gone and all it said is heard. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal)
    await this.#ended
  }

  /** Waits until the process is gone and all it said is heard. */
  async ended(): Promise<void> {
    await this.#ended
  }
}

/**
 * How many acknowledged updates a store lacks.
 *
 * @throws Error when it holds wrong bytes, or refuses the store or a document
 */
export function missingOf(acked: ReadonlyMap<string, number>, found: StoreFindings): number {
  if (found.refused !== null) throw new Error(`the store refused to open: ${found.message}`)
  let missing = 0
  for (const [id, seq] of acked) {
    const there = found.documents[id] ?? 'absent'
    if (typeof there === 'string' && there !== 'absent') throw new Error(`${id} is ${there}`)
    missing += Math.max(0, seq - (typeof there === 'number' ? there : 0))
  }
  return missing
}

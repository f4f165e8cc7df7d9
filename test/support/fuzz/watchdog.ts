import process from 'node:process'
import { Worker } from 'node:worker_threads'

/** What is looked at, written to stderr when it is the last of this process. */
const MAX_BYTES = 64 * 1024
/** Processor time after which an input counts as one that never ends, in milliseconds. */
const HANG_MS = 10_000

/**
 * What the thread beside runs. Not a file of its own: the runner of the tests compiles modules for its own threads only.
 * In `shared` the first word counts inputs, the second is the length of what stands behind both.
 */
export const WATCHER = `
const { workerData } = require('node:worker_threads')
const { shared, hangMs } = workerData
const words = new Int32Array(shared, 0, 2)
const bytes = new Uint8Array(shared, 8)
let seen = -1
let before = process.cpuUsage()
setInterval(() => {
  const turn = Atomics.load(words, 0)
  if (turn !== seen) {
    seen = turn
    before = process.cpuUsage()
    return
  }
  const { user, system } = process.cpuUsage(before)
  if ((user + system) / 1000 < hangMs) return
  const text = Buffer.from(bytes.slice(0, words[1])).toString()
  require('node:fs').writeSync(2, 'an input that does not end: ' + text + '\\n')
  process.kill(process.pid, 'SIGKILL')
}, 250)
`

/** Ends this process when one input keeps it busy, and says which; says it too when the process ends by an error. */
export class Watchdog {
  readonly #shared = new SharedArrayBuffer(8 + MAX_BYTES)
  readonly #words = new Int32Array(this.#shared, 0, 2)
  readonly #bytes = Buffer.from(this.#shared, 8)
  readonly #worker: Worker
  readonly #failed = (error: unknown): void => {
    process.stderr.write(`${String(error)}, after ${this.#current()}\n`)
  }

  constructor(hangMs = HANG_MS) {
    this.#worker = new Worker(WATCHER, {
      eval: true,
      workerData: { shared: this.#shared, hangMs },
    })
    this.#worker.unref()
    process.on('uncaughtExceptionMonitor', this.#failed)
    process.on('unhandledRejection', this.#failed)
  }

  /** This is given to what is tested from now on. */
  watch(input: readonly Uint8Array[], origin: string): void {
    const parts = input.map((part) => Buffer.from(part.subarray(0, MAX_BYTES / 2)).toString('hex'))
    this.#words[1] = this.#bytes.write(`${origin}: ${parts.join(' ')}`)
    Atomics.add(this.#words, 0, 1)
  }

  end(): void {
    process.off('uncaughtExceptionMonitor', this.#failed)
    process.off('unhandledRejection', this.#failed)
    void this.#worker.terminate()
  }

  #current(): string {
    return this.#bytes.toString('utf8', 0, this.#words[1])
  }
}

import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Cancel, Clock } from '@coscribe/shared'
import type { FoldResult } from './fold.js'
import { pack, type PackedRecords } from './packed-records.js'

/** Where folding happens. Never rejects: what goes wrong is a `failed` result. */
export interface FoldRunner {
  /** One call at a time. The records are copied. */
  fold(records: readonly Uint8Array[]): Promise<FoldResult>
  /** Ends a running fold as failed. */
  close(): Promise<void>
}

export interface WorkerRunnerSetup {
  readonly clock: Clock
  /** Longest time for one document, in milliseconds; default 60 s. */
  readonly timeoutMs?: number
  /** Largest heap of the worker, in MiB; default 1,024. A live document needs 8 to 14 times its stored bytes. */
  readonly heapMiB?: number
  /** A worker without work ends after this many milliseconds; default 60 s: to start one costs as much as ten foldings. */
  readonly idleMs?: number
}

interface Running {
  readonly worker: Worker
  resolve: ((result: FoldResult) => void) | null
}

const stopped = Object.freeze({ kind: 'failed', message: 'the server is stopping' })

/** Folds in a worker thread that is started when there is work and ended when it takes too long or too much. */
export class WorkerRunner implements FoldRunner {
  readonly #setup: WorkerRunnerSetup
  #running: Running | null = null
  #cancel: Cancel | null = null
  /** Rises with each closing, so that what is still being copied then is not sent any more. */
  #generation = 0

  constructor(setup: WorkerRunnerSetup) {
    this.#setup = setup
  }

  async fold(records: readonly Uint8Array[]): Promise<FoldResult> {
    const generation = this.#generation
    const packed = await pack(records, this.#setup.clock)
    if (generation !== this.#generation) return stopped
    return this.#send(packed)
  }

  async close(): Promise<void> {
    this.#generation += 1
    const running = this.#running
    if (running === null) return
    this.#end(running, stopped.message)
    await running.worker.terminate()
  }

  #send({ bytes, lengths }: PackedRecords): Promise<FoldResult> {
    this.#cancel?.()
    const timeoutMs = this.#setup.timeoutMs ?? 60_000
    return new Promise((resolve) => {
      const running = this.#start()
      running.resolve = resolve
      this.#cancel = this.#setup.clock.after(timeoutMs, () => {
        this.#end(running, `folding took more than ${timeoutMs} ms`)
      })
      running.worker.postMessage({ bytes, lengths }, [bytes.buffer, lengths.buffer])
    })
  }

  #start(): Running {
    if (this.#running !== null) return this.#running
    const worker = new Worker(workerFile(), {
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: this.#setup.heapMiB ?? 1_024 },
    })
    worker.unref()
    const running: Running = { worker, resolve: null }
    worker.on('message', (result: FoldResult) => this.#answered(running, result))
    worker.on('error', (error) => this.#end(running, `the worker failed: ${error.message}`))
    worker.on('exit', () => this.#end(running, 'the worker ended'))
    this.#running = running
    return running
  }

  #answered(running: Running, result: FoldResult): void {
    if (this.#running !== running) return
    this.#cancel?.()
    this.#cancel = this.#setup.clock.after(this.#setup.idleMs ?? 60_000, () => {
      this.#end(running, 'the worker had nothing to do')
    })
    settle(running, result)
  }

  #end(running: Running, message: string): void {
    if (this.#running === running) {
      this.#running = null
      this.#cancel?.()
      this.#cancel = null
      void running.worker.terminate()
    }
    settle(running, { kind: 'failed', message })
  }
}

function settle(running: Running, result: FoldResult): void {
  const resolve = running.resolve
  running.resolve = null
  resolve?.(result)
}

/** The built worker, whether this file runs from source or built: a worker cannot run TypeScript. */
function workerFile(): string {
  return createRequire(import.meta.url).resolve('@coscribe/server/compaction-worker')
}

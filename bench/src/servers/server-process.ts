import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import type { Address } from '../load/session.js'
import type { ProbeReply, ProbeRequest } from '../measure/probe.js'
import { processFigures, type ProcessFigures } from '../measure/process-figures.js'
import type { ServerKind } from './server-kind.js'

const READY = /(?:listening on http:\/\/[^\s:]+:|running at '[^']+' on port )(\d+)/
const START_DEADLINE_MS = 30_000
const STOP_DEADLINE_MS = 30_000
const KEPT_OUTPUT = 4_000

/** A server that is not there, or cannot be started here: nothing that could be measured. */
export class AbsentError extends Error {
  override readonly name = 'AbsentError'
}

const probe = new URL('../measure/probe.js', import.meta.url).href

/** A server in a process of its own. */
export class ServerProcess {
  readonly kind: ServerKind
  readonly port: number
  readonly #child: ChildProcess

  private constructor(kind: ServerKind, port: number, child: ChildProcess) {
    this.kind = kind
    this.port = port
    this.#child = child
  }

  /**
   * Starts a server on a free port.
   *
   * @param data its folder, which is kept
   * @throws AbsentError with what it printed, if it does not listen within half a minute
   */
  static async start(
    kind: ServerKind,
    data: string,
    flags: readonly string[] = [],
  ): Promise<ServerProcess> {
    // A child of npm stops when npm is gone; these are stopped by whoever started them.
    const { npm_lifecycle_event: _event, NODE_OPTIONS: _options, ...env } = process.env
    const args = ['--expose-gc', `--import=${probe}`, ...kind.command(data, flags)]
    const child = spawn(process.execPath, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    return new ServerProcess(kind, await portOf(child), child)
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  figures(): ProcessFigures {
    return processFigures(this.pid)
  }

  address(documentId: string): Address {
    return { port: this.port, dialect: this.kind.dialect, documentId }
  }

  /** CPU time of all its threads so far, in seconds, to the microsecond; a busy server takes its time to answer. */
  async cpuSeconds(): Promise<number> {
    const { cpuMicros } = await this.ask({ probe: 'figures' })
    return cpuMicros / 1e6
  }

  /** Asks the probe inside. */
  async ask(request: ProbeRequest): Promise<ProbeReply> {
    this.#child.send(request)
    const [reply] = (await once(this.#child, 'message')) as [ProbeReply]
    return reply
  }

  /** Ends it as an operator does, and hard if that takes too long. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS)
    this.#child.kill(signal)
    await once(this.#child, 'exit')
    clearTimeout(deadline)
  }
}

/** Resolves with the port that the server announces. */
async function portOf(child: ChildProcess): Promise<number> {
  let output = ''
  const deadline = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS)
  const port = await new Promise<number | null>((resolve) => {
    const collect = (text: string): void => {
      output = (output + text).slice(-KEPT_OUTPUT)
      const match = READY.exec(output)
      if (match !== null) resolve(Number(match[1]))
    }
    child.stdout?.setEncoding('utf8').on('data', collect)
    child.stderr?.setEncoding('utf8').on('data', collect)
    child.once('exit', () => resolve(null))
  })
  clearTimeout(deadline)
  if (port === null) throw new AbsentError(reasonIn(output))
  return port
}

/** The line of a failed start that says why. */
function reasonIn(output: string): string {
  const lines = output.trim().split('\n')
  return lines.find((line) => line.includes('Error')) ?? lines.at(-1) ?? 'it did not start'
}

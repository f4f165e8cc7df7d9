import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { createServer, type CoscribeServer, type ServerSetup } from '@coscribe/server'
import { onTestFinished } from 'vitest'
import { keepOutput, noteAuditsIn, noteOutput, notingLogger } from './run-output.js'

/** A folder that is removed after the test. */
export function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coscribe-test-'))
  onTestFinished(() => {
    noteAuditsIn(folder)
    keepOutput()
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A machine that does other things takes its time, also for the last commit. */
export const STOP_MS = 120_000

/** A server in this process on a free port and a folder of its own, stopped after the test. */
export async function startTestServer(setup: ServerSetup = {}): Promise<CoscribeServer> {
  const data = setup.data ?? folderForTest()
  const usual = { port: 0, logger: notingLogger, stopTimeoutMs: STOP_MS }
  const server = createServer({ ...usual, ...setup, data })
  onTestFinished(async () => {
    await server.stop()
    keepOutput()
  })
  await server.start()
  return server
}

/** `coscribe serve` as a process of its own. */
export interface ServerProcess {
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** Sends the signal (SIGKILL when absent) and waits for the end. Harmless when it has ended. */
  kill(signal?: NodeJS.Signals): Promise<Exit>
  /** What it wrote to stderr so far. */
  log(): string
}

interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

interface Finished extends Exit {
  readonly stdout: string
  readonly stderr: string
}

const bin = fileURLToPath(new URL('../../server/bin/coscribe.mjs', import.meta.url))
const START_DEADLINE_MS = 120_000
const READY = /^coscribe listening on (http:\/\/\S+:(\d+))\n/m

export interface SpawnOptions {
  /** Who ends the process if nobody killed it: the end of the running test (default), or the caller alone. */
  readonly cleanup?: 'test' | 'caller'
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Starts the built server as a child process and waits until it listens.
 *
 * @param options server options, as flags; a free port when `port` is absent
 */
export async function spawnServer(
  options: Readonly<Record<string, string | number>> = {},
  spawnOptions: SpawnOptions = {},
): Promise<ServerProcess> {
  const child = spawnCli(['serve', ...flags({ port: 0, ...options })], spawnOptions)
  if (spawnOptions.cleanup !== 'caller') onTestFinished(() => void child.process.kill('SIGKILL'))
  const deadline = setTimeout(() => child.process.kill('SIGKILL'), START_DEADLINE_MS)
  const ready = await new Promise<RegExpExecArray | null>((resolve) => {
    child.process.stdout?.on('data', () => {
      const match = READY.exec(child.stdout())
      if (match !== null) resolve(match)
    })
    child.process.once('close', () => resolve(null))
  })
  clearTimeout(deadline)
  if (ready === null) throw new Error(`the server did not start:\n${child.stderr()}`)
  return {
    url: ready[1] ?? '',
    port: Number(ready[2]),
    process: child.process,
    kill: async (signal = 'SIGKILL') => {
      if (child.process.exitCode === null && child.process.signalCode === null) {
        child.process.kill(signal)
        await once(child.process, 'exit')
      }
      return { code: child.process.exitCode, signal: child.process.signalCode }
    },
    log: () => child.stderr(),
  }
}

/** Runs the CLI to its end. */
export async function runCli(
  args: readonly string[],
  spawnOptions: SpawnOptions = {},
): Promise<Finished> {
  const child = spawnCli(args, spawnOptions)
  const deadline = setTimeout(() => child.process.kill('SIGKILL'), START_DEADLINE_MS)
  await once(child.process, 'close')
  clearTimeout(deadline)
  return {
    code: child.process.exitCode,
    signal: child.process.signalCode,
    stdout: child.stdout(),
    stderr: child.stderr(),
  }
}

interface Child {
  readonly process: ChildProcess
  stdout(): string
  stderr(): string
}

function spawnCli(args: readonly string[], { env = {} }: SpawnOptions): Child {
  // Tests run under npm, whose children the server would follow.
  const { npm_lifecycle_event: _event, NODE_OPTIONS: _options, ...inherited } = process.env
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  child.once('close', () => {
    noteOutput(output.stderr)
    // Tokens are what this command is for.
    if (args[0] !== 'token') noteOutput(output.stdout)
    keepOutput()
  })
  return { process: child, stdout: () => output.stdout, stderr: () => output.stderr }
}

function flags(options: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(options).map(
    ([name, value]) =>
      `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${value}`,
  )
}

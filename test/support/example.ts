import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, onTestFinished } from 'vitest'
import { build } from 'vite'
import { eventually } from './eventually.js'
import { startFileServer } from './file-server.js'
import { packWorkspaces, unpack, type PackedPackage } from './packed.js'
import { folderForTest } from './test-server.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Whether examples are installed and started as a person would, with packed packages and their own lockfiles. */
export const INSTALLED = process.env['COSCRIBE_EXAMPLES'] === 'installed'

const START_DEADLINE_MS = 600_000

/** Made once for all examples of a test file. */
let packed: readonly PackedPackage[] | null = null
const tarballs = join(tmpdir(), `coscribe-packed-${process.pid}`)
afterAll(() => rmSync(tarballs, { recursive: true, force: true }))

/** An example that runs as a process of its own. */
export interface ExampleProcess {
  readonly process: ChildProcess
  output(): string
  /** How it ended: with this code, or by this signal. */
  ending(): number | NodeJS.Signals | null
  /** What Ctrl-C in its terminal does; resolves when everything it started has ended. */
  interrupt(): Promise<void>
}

/**
 * The page of an example that is built by Vite. By default it is built from a copy that finds the packages of this
 * checkout; with `COSCRIBE_EXAMPLES=installed` it is the development server of `npm ci` and `npm start`.
 *
 * @returns its address
 */
export async function startVitePage(name: string, server: string): Promise<string> {
  const env = { VITE_COSCRIBE_URL: server }
  if (INSTALLED) return addressOf(startInstalled(name, ['--port', '0'], env))
  const folder = copyInside(name)
  const outDir = join(folder, 'built')
  await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    define: { 'import.meta.env.VITE_COSCRIBE_URL': JSON.stringify(server) },
    resolve: { conditions: ['coscribe-source', 'module', 'browser', 'production'] },
    build: { outDir, minify: false, reportCompressedSize: false, target: 'esnext' },
  })
  return startFileServer(outDir)
}

/** An example that is a program of its own, and takes `args`. */
export function startProgram(
  name: string,
  program: string,
  args: readonly string[],
): ExampleProcess {
  if (INSTALLED) return startInstalled(name, args)
  return start(process.execPath, [program, ...args], copyInside(name), {})
}

/** The address that it prints when it is ready. */
export async function addressOf(example: ExampleProcess): Promise<string> {
  // Vite prints the port in bold, also where nobody sees it.
  const plain = (): string => stripVTControlCharacters(example.output())
  const address = /http:\/\/127\.0\.0\.1:\d+/
  await eventually('an address', () => address.test(plain()), START_DEADLINE_MS)
  return address.exec(plain())?.[0] ?? ''
}

/** A copy inside this checkout, where whatever it imports is found in the checkout's own node_modules. */
function copyInside(name: string): string {
  const parent = join(root, '.cache', 'examples')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, `${name}-`))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  copyExample(name, folder)
  return folder
}

function copyExample(name: string, to: string): void {
  cpSync(join(root, 'examples', name), to, {
    recursive: true,
    filter: (path) => !/[/\\](?:node_modules|dist)$/.test(path),
  })
}

function startInstalled(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ExampleProcess {
  const folder = folderForTest()
  packed ??= packWorkspaces(['shared', 'client'], tarballs)
  for (const each of packed) unpack(each, join(folder, each.workspace))
  const example = join(folder, 'examples', name)
  copyExample(name, example)
  const { status, stderr } = spawnSync('npm', ['ci'], { cwd: example, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm ci in examples/${name}: ${stderr}`)
  return start('npm', ['start', '--', ...args], example, env)
}

function start(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): ExampleProcess {
  // A group of its own, as in a terminal: Ctrl-C reaches what npm has started too.
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const closed = once(child, 'close')
  onTestFinished(() => signal(child, 'SIGKILL'))
  return {
    process: child,
    output: () => output,
    ending: () => child.exitCode ?? child.signalCode,
    interrupt: async () => {
      signal(child, 'SIGINT')
      // Its streams close when nobody who holds them is left.
      await closed
    },
  }
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // The one way to get here: the whole group has ended.
  }
}

import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { onTestFinished } from 'vitest'
import type { BrowserPerson } from './browser-people.js'

/** Whether processes can be told apart here by what they do. */
export const canStopTabs = process.platform === 'linux'

/** By so much work a tab is known: a fifth of a second of CPU or more, however long that takes here. */
const ROUNDS = 300_000_000
/** At least so much of it shows, in ticks of ten milliseconds. */
const BUSY_TICKS = 8

/**
 * Stops the process of a tab, as a machine that sleeps does, and one that swaps: the tab is told nothing. For browsers
 * with a process per tab that this program has started, on Linux. It goes on when the test is over, whatever became of it:
 * a browser waits for its tabs when it is closed.
 *
 * @returns what lets it go on
 * @throws Error when the tab shares its process with who is to go on, which cannot be told apart then
 */
export async function stopTab({ page }: BrowserPerson): Promise<() => Promise<void>> {
  const before = cpuOfChildren()
  await page.evaluate((rounds) => {
    let sum = 0
    for (let i = 0; i < rounds; i++) sum = (sum * 31 + i) | 0
    return sum
  }, ROUNDS)
  const [busiest] = [...cpuOfChildren()]
    .map(([pid, ticks]) => ({ pid, ticks: ticks - (before.get(pid) ?? 0) }))
    .sort((one, two) => two.ticks - one.ticks)
  if (busiest === undefined || busiest.ticks < BUSY_TICKS)
    throw new Error('no process of a tab was busy')
  const { pid } = busiest
  process.kill(pid, 'SIGSTOP')
  let isStopped = true
  const goOn = (): Promise<void> => {
    // Once: later the number may be that of another process.
    if (isStopped) process.kill(pid, 'SIGCONT')
    isStopped = false
    return Promise.resolve()
  }
  onTestFinished(goOn)
  return goOn
}

interface Stat {
  readonly parent: number
  /** In ticks. */
  readonly cpu: number
}

/** The CPU that each process of web content among the descendants of this one has had. */
function cpuOfChildren(): Map<number, number> {
  const stats = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(name) : null
    if (stat !== null) stats.set(Number(name), stat)
  }
  const isOurs = (pid: number): boolean => {
    const parent = stats.get(pid)?.parent
    return parent !== undefined && (parent === process.pid || isOurs(parent))
  }
  const found = [...stats].filter(([pid]) => isOurs(pid) && isOfContent(pid))
  return new Map(found.map(([pid, { cpu }]) => [pid, cpu]))
}

function statOf(pid: string): Stat | null {
  const text = read(`/proc/${pid}/stat`)
  // What stands before the last parenthesis is a name, which may hold anything.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [parent, user, system] = [fields[1], fields[11], fields[12]]
  if (parent === undefined || user === undefined || system === undefined) return null
  return { parent, cpu: user + system }
}

function isOfContent(pid: number): boolean {
  return read(`/proc/${pid}/cmdline`).includes('-contentproc')
}

/** Empty for a process that has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The cases: it ended meanwhile, or is somebody else's.
    return ''
  }
}

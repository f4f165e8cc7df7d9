import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { documentRange, rangeAfter, type KeyRange } from './keys.js'

/** How a look at the database in another process ended. */
export type ProbeOutcome =
  | { readonly kind: 'survived' }
  /** Another process has the database. */
  | { readonly kind: 'locked' }
  /** The process died, while it read this document or, with `null`, before or between documents. */
  | { readonly kind: 'died'; readonly documentId: string | null }

const SCRIPT = fileURLToPath(new URL('../bin/probe.mjs', import.meta.url))
const LOCKED = 3

/**
 * Opens the database in a child process, reads all heads and everything of `documents`, and with `thorough` all
 * there is, and compacts it. LevelDB ends the process on some kinds of damage; better that one than this.
 */
export async function probe(
  path: string,
  documents: readonly string[],
  thorough: boolean,
): Promise<ProbeOutcome> {
  const ranges = [
    named('heads', rangeAfter('head', '')),
    ...documents.flatMap((id, index) => [
      named(`document ${index}`, documentRange('head', id)),
      named(`document ${index}`, documentRange('snapshot', id)),
      named(`document ${index}`, documentRange('log', id)),
      named(`document ${index}`, documentRange('author', id)),
    ]),
    named('done', documentRange('head', '.')),
  ]
  const { code, output } = await run(JSON.stringify({ path, ranges, thorough }))
  if (code === 0) return { kind: 'survived' }
  if (code === LOCKED) return { kind: 'locked' }
  const index = /document (\d+)\n$/.exec(output)?.[1]
  return { kind: 'died', documentId: documents[Number(index)] ?? null }
}

function named(name: string, { gte, lt }: KeyRange): [string, string, string] {
  return [name, Buffer.from(gte).toString('hex'), Buffer.from(lt).toString('hex')]
}

async function run(request: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    // Only the last line matters.
    output = (output + text).slice(-100)
  })
  // A child that dies early breaks the pipe; how it ended is told by `close`.
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${request}\n`)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

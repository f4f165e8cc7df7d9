import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { CANARY } from './canary.js'
import { RUN_OUTPUT } from './run-output.js'
import { OTHER_SECRET, SECRET } from './tokens.js'

/** What no server ever says, by what it is. */
const forbidden: Readonly<Record<string, RegExp | string>> = {
  'a token': /eyJ[\w-]{8,}\.eyJ[\w-]{8,}/,
  'a token as a subprotocol': /coscribe\.token\.[\w-]/,
  'a ticket': /cst_[\w-]{20}/,
  'a credential in a header': /bearer [\w-]/i,
  'a query': /[?&](?:token|ticket)=(?!\[)/,
  'a secret': SECRET,
  'another secret': OTHER_SECRET,
  'the text of a document': CANARY,
}

/** What is found of it in what servers have said, each kind once, with what stands before it. */
export function leaksIn(output: string): string[] {
  return Object.entries(forbidden).flatMap(([what, pattern]) => {
    const at = typeof pattern === 'string' ? output.indexOf(pattern) : output.search(pattern)
    return at < 0 ? [] : [`${what}, after: …${output.slice(Math.max(0, at - 200), at)}`]
  })
}

/** For a whole run: gathers what its servers say, and at its end fails it for what they should not have said. */
export default function searchRun(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'coscribe-output-'))
  process.env[RUN_OUTPUT] = folder
  return () => {
    const outputs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    rmSync(folder, { recursive: true })
    const leaks = outputs.flatMap(leaksIn)
    if (leaks.length === 0) return
    // What is thrown here is told, and the run would be called good all the same.
    process.exitCode = 1
    throw new Error(`servers of this run have said\n${leaks.join('\n')}`)
  }
}

import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { inspect } from 'node:util'
import type { Logger, LogFields } from '@coscribe/server'

/** Names the folder in which a run of the tests keeps what its servers said; there is none outside of a run. */
export const RUN_OUTPUT = 'COSCRIBE_TEST_OUTPUT'

const GATHERED_LENGTH = 64 * 1024
/** More of one thing is no use for finding out that something is in it. */
const MAX_LENGTH = 4 * 1024 * 1024

let gathered = ''

/** Something that a server said. The whole run's is searched at its end, see `leak-search.ts`. */
export function noteOutput(text: string): void {
  if (process.env[RUN_OUTPUT] === undefined) return
  gathered += `${text.slice(0, MAX_LENGTH)}\n`
  if (gathered.length >= GATHERED_LENGTH) keepOutput()
}

/** Nothing more is said for now: what was noted goes to where it is searched. */
export function keepOutput(): void {
  const folder = process.env[RUN_OUTPUT]
  if (folder !== undefined && gathered !== '') {
    appendFileSync(join(folder, `${process.pid}.log`), gathered)
  }
  gathered = ''
}

/** The audit logs that servers of a test have left in its folder. */
export function noteAuditsIn(folder: string): void {
  if (process.env[RUN_OUTPUT] === undefined || !existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.includes('audit')) {
      noteOutput(readFileSync(join(folder, entry.name), 'utf8'))
    }
  }
}

function noting(level: string): (fields: LogFields, message: string) => void {
  return (fields, message) => noteOutput(`${level} ${message} ${inspect(fields, { depth: 10 })}`)
}

/** The log of a server in a test that does not look at it, before anything is taken out of its lines. */
export const notingLogger: Logger = {
  error: noting('error'),
  warn: noting('warn'),
  info: noting('info'),
  debug: noting('debug'),
}

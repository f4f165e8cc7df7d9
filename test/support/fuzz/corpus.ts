import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The shortest input that was found for an outcome. */
export interface Kept {
  readonly outcome: string
  readonly input: readonly Uint8Array[]
}

/** Larger inputs are not worth their place; what they are about is found again. */
const MAX_BYTES = 400

/** What is kept for a target, or nothing. */
export function readCorpus(name: string): Kept[] {
  const path = pathOf(name)
  if (!existsSync(path)) return []
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>
  return Object.entries(kept).map(([outcome, hex]) => {
    const input = hex.split(' ').map((part) => new Uint8Array(Buffer.from(part, 'hex')))
    return { outcome, input }
  })
}

/** Writes it, sorted, as JSON: the parts of each input in hexadecimal. */
export function writeCorpus(name: string, all: readonly Kept[]): void {
  const entries = all
    .map(({ outcome, input }): [string, string] => {
      return [outcome, input.map((part) => Buffer.from(part).toString('hex')).join(' ')]
    })
    .filter(([, hex]) => hex.length <= 2 * MAX_BYTES)
    .sort(([one], [other]) => (one < other ? -1 : 1))
  writeFileSync(pathOf(name), `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`)
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../fuzz/corpus/${name}.json`, import.meta.url))
}

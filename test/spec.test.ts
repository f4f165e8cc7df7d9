import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { closeCodes, errorCodes } from '@coscribe/shared'

const root = fileURLToPath(new URL('..', import.meta.url))
const spec = readFileSync(join(root, 'SPEC.md'), 'utf8')

function rules(): Set<string> {
  return new Set([...spec.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map((match) => match[1] ?? ''))
}

function testSources(): string {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('dist'))
    .map((file) => readFileSync(join(root, 'test', file), 'utf8'))
    .join('\n')
}

/** Rules quoted in titles as `[S4]` or `[S4, S5]`. */
function quotedRules(): Set<string> {
  const quotes = testSources().matchAll(/['"`]\[([A-Z]\d+(?:, ?[A-Z]\d+)*)\]/g)
  return new Set([...quotes].flatMap((match) => (match[1] ?? '').split(/, ?/)))
}

describe('SPEC.md', () => {
  it('has a test for every rule', () => {
    const quoted = quotedRules()
    expect([...rules()].filter((rule) => !quoted.has(rule))).toEqual([])
  })

  it('has every rule that a test quotes', () => {
    const known = rules()
    expect([...quotedRules()].filter((rule) => !known.has(rule))).toEqual([])
  })

  it('numbers each rule once', () => {
    const numbers = [...spec.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map((match) => match[1])
    expect(numbers.length).toBe(new Set(numbers).size)
  })

  it('lists every close code and error code, and no other', () => {
    const listed = [...spec.matchAll(/^\| `([a-z-]+)` +\|/gm)].map((match) => match[1])
    const known = [...Object.keys(closeCodes), ...Object.keys(errorCodes)]
    expect(new Set(listed)).toEqual(new Set(known))
  })
})

import { CoscribeProvider, CoscribeRoom, useRoom } from '@coscribe/client/react'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { createElement as h } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

function NeedsRoom(): string {
  return useRoom().documentId
}

it('[E123] renders its fallback on a server, and connects to nothing there', () => {
  const page = h(
    CoscribeProvider,
    { url: 'ws://127.0.0.1:9' },
    h(CoscribeRoom, { doc: 'minutes', fallback: h('p', null, 'Loading') }, h(NeedsRoom)),
  )
  expect(renderToString(page)).toBe('<p>Loading</p>')
})

it('[E123] says what to do where something around is missing', () => {
  expect(() => renderToString(h(NeedsRoom))).toThrow('put this component into <CoscribeRoom')
  expect(() => renderToString(h(CoscribeRoom, { doc: 'minutes' }))).toThrow('<CoscribeProvider')
})

it('[E123] every entry of the client can be imported where there is no DOM', () => {
  const { exports } = JSON.parse(readFileSync(`${root}/client/package.json`, 'utf8')) as {
    exports: Readonly<Record<string, unknown>>
  }
  const entries = Object.keys(exports).map((entry) => `@coscribe/client${entry.slice(1)}`)
  expect(entries).toContain('@coscribe/client/react')
  // Node itself, without what a test runner brings along; `npm test` has built it.
  const program = `for (const entry of ${JSON.stringify(entries)}) {
    const names = Object.keys(await import(entry))
    if (names.length === 0) throw new Error(entry)
  }
  if (typeof document !== 'undefined') throw new Error('there is a DOM')`
  const options = { cwd: `${root}/test`, encoding: 'utf8' } as const
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], options)).toBe('')
})

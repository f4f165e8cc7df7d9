import { expect, it } from 'vitest'
import { bundled } from '../support/bundled-size.js'

/** What an application has once, whatever it uses of us. */
const peers = ['yjs', 'y-protocols', 'lib0', '@codemirror', '@lezer', 'react', 'react-dom', 'idb']
/** The client without a face, which is measured by itself. */
const client = ['room.ts', 'sync-status.ts', 'websocket.ts', 'offline', '@coscribe/shared']

it.each([
  ['the CodeMirror extensions', 'codemirror/index.ts', [...peers, ...client], 12],
  [
    'the element with Lit',
    'elements/coscribe-editor.ts',
    [...peers, ...client, 'codemirror'],
    22,
  ],
  ['the React wrapper', 'react/index.ts', [...peers, ...client, 'codemirror', 'editor'], 3],
])('[E115] %s stay small: %s', async (_name, entry, outside, most) => {
  const { kib, files } = await bundled(entry, outside)
  console.log(`${entry}: ${kib.toFixed(1)} of ${most} KiB`)
  expect(files).toContain(entry)
  expect(kib).toBeGreaterThan(0.5)
  expect(kib).toBeLessThanOrEqual(most)
})

it('[E115] what is loaded when it is used does not count, and everything else does', async () => {
  const { files } = await bundled('elements/coscribe-editor.ts', [...peers, ...client, 'codemirror'])
  expect(files).toContain('phrases/en/index.ts')
  expect(files).not.toContain('phrases/de/index.ts')
  expect(files).not.toContain('codemirror/index.ts')
})

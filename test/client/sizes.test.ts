import { expect, it } from 'vitest'
import { bundled } from '../support/bundled-size.js'

/** What an application has once, whatever it uses of us. */
const packages = [
  '@codemirror',
  '@coscribe/shared',
  '@lezer',
  'lib0',
  'react',
  'react-dom',
  'y-protocols',
  'yjs',
]
/** The client without a face, which is measured by itself. */
const headless = ['room.ts', 'sync-status.ts', 'websocket.ts', 'offline']

it.each([
  ['the CodeMirror extensions', 'codemirror/index.ts', headless, 16.7],
  ['the element with Lit', 'elements/coscribe-editor.ts', [...headless, 'codemirror'], 22],
  ['the React wrapper', 'react/index.ts', [...headless, 'codemirror', 'editor'], 3],
])('[E115] %s stay small: %s', async (_name, entry, own, most) => {
  const { kib, files } = await bundled(entry, { packages, own })
  console.log(`${entry}: ${kib.toFixed(1)} of ${most} KiB`)
  expect(files).toContain(entry)
  expect(kib).toBeGreaterThan(1)
  expect(kib).toBeLessThanOrEqual(most)
})

it('[E115] who binds a text, with undo, cursors and rights, loads nothing of the rest', async () => {
  const own = ['collabText', 'collabUndo', 'remoteCursors', 'readOnlyByRoom']
  const { kib, files } = await bundled('codemirror/index.ts', { packages, own: headless }, own)
  console.log(`of codemirror/index.ts: ${kib.toFixed(1)} of 10.7 KiB`)
  expect(files).toContain('codemirror/text-binding.ts')
  expect(files.join()).not.toMatch(/follow|announce-remote|peer-marks|fits/)
  expect(kib).toBeLessThanOrEqual(10.7)
})

it('[E115] what is loaded when it is used does not count, and everything else does', async () => {
  const own = [...headless, 'codemirror']
  const { files } = await bundled('elements/coscribe-editor.ts', { packages, own })
  expect(files).toContain('phrases/en/elements.ts')
  expect(files).not.toContain('phrases/en/page.ts')
  expect(files).not.toContain('phrases/de/elements.ts')
  expect(files).not.toContain('codemirror/index.ts')
})

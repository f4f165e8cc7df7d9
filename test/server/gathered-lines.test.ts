import { expect, it } from 'vitest'
import { GatheredLines } from '../../server/src/cli/gathered-lines.js'

function gathering(): { lines: GatheredLines; writes: string[] } {
  const writes: string[] = []
  const target = { write: (text: string) => void writes.push(text), flushSync: () => {} }
  return { lines: new GatheredLines(target), writes }
}

it('[B43] lines wait for each other a moment, and are written together', async () => {
  const { lines, writes } = gathering()
  lines.write('one\n')
  lines.write('two\n')
  expect(writes).toEqual([])
  await expect.poll(() => writes).toEqual(['one\ntwo\n'])
  lines.write('three\n')
  await expect.poll(() => writes).toEqual(['one\ntwo\n', 'three\n'])
})

it('[B43] what does not wait takes along what does, and many wait for nobody', () => {
  const { lines, writes } = gathering()
  lines.write('one\n')
  lines.write('a warning\n')
  lines.flush()
  lines.flush()
  expect(writes).toEqual(['one\na warning\n'])
  lines.write('last words\n')
  lines.flushSync()
  expect(writes).toHaveLength(2)
  for (let i = 0; i < 5_000; i++) lines.write('x')
  expect(writes.at(-1)).toHaveLength(4_096)
})

import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../client/build/measure-client.mjs', import.meta.url))

it('[K39] the client is small, also with everything it stands on', () => {
  const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' })
  const { own, all } = JSON.parse(printed) as { own: number; all: number }
  expect(own).toBeGreaterThan(5_000)
  expect(own).toBeLessThanOrEqual(15_300)
  expect(all).toBeLessThanOrEqual(38_700)
})

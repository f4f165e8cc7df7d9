import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './prepare.mjs'

const checks = [
  {
    name: 'format',
    program: 'prettier/bin/prettier.cjs',
    args: ['--check', '--log-level=warn', '.'],
  },
  { name: 'lint', program: 'oxlint/bin/oxlint', args: ['--type-aware'] },
  { name: 'unused code', program: 'knip/bin/knip.js', args: [] },
]

/** Format, import direction, cycles, types, unused code. All run, also after one has failed. */
export function runLint() {
  let failed = 0
  for (const { name, program, args } of checks) {
    const path = join(root, 'node_modules', program)
    const { status } = spawnSync(process.execPath, [path, ...args], { cwd: root, stdio: 'inherit' })
    console.log(`${name}: ${status === 0 ? 'ok' : 'failed'}`)
    if (status !== 0) failed = 1
  }
  return failed
}

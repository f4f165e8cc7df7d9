import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './prepare.mjs'
import { runTests } from './tests.mjs'
import { runTypeScript } from './typescript.mjs'

/**
 * The longer runs of tests that `npm test` runs with smaller counts: the files, and the counts they take. With `main` it
 * is a program instead.
 */
const proofs = {
  kill: { files: ['test/faults/kill.test.ts'], env: { COSCRIBE_KILLS: '1000' } },
  'power-loss': {
    files: ['test/faults/power-loss.test.ts', 'test/faults/storage-power-loss.test.ts'],
    env: { COSCRIBE_POWER_LOSSES: '200' },
  },
  'bit-flips': {
    files: ['test/faults/storage-flips.test.ts'],
    env: { COSCRIBE_FLIPS: '20000' },
  },
  simulation: {
    files: ['test/simulation/simulation.test.ts'],
    env: { COSCRIBE_SIM_SEEDS: '20000' },
  },
  revocation: {
    files: ['test/integration/revocation.test.ts'],
    env: { COSCRIBE_REVOCATIONS: '200' },
  },
  'slow-reader': {
    files: ['test/integration/slow-reader.test.ts'],
    env: { COSCRIBE_SLOW_MEGABYTES: '300' },
  },
  updates: { files: ['test/fuzz/update.test.ts'], env: { COSCRIBE_FUZZ_UPDATES: '5000000' } },
  // So long for each target.
  fuzz: {
    files: ['walker', 'messages', 'presence', 'records', 'requests'].map(
      (target) => `test/fuzz/${target}.test.ts`,
    ),
    env: { COSCRIBE_FUZZ_MS: '600000' },
  },
  // Installed as a person would, with their own lockfiles and packed packages of ours.
  examples: {
    files: ['test/integration/examples.test.ts'],
    env: { COSCRIBE_EXAMPLES: 'installed' },
  },
  newcomer: { main: 'test/newcomer/main.ts' },
  packages: { main: 'test/packages/main.ts' },
}

/** `npm run prove -- <name> [NAME=count …]`: runs it, and adds its result to docs/proofs.md. */
export async function runProof([name, ...overrides]) {
  const proof = Object.hasOwn(proofs, name ?? '') ? proofs[name] : undefined
  if (proof === undefined) {
    console.error(`npm run prove -- <name>, one of: ${Object.keys(proofs).join(', ')}`)
    return 2
  }
  const env = { ...proof.env, ...Object.fromEntries(overrides.map((pair) => pair.split('='))) }
  env.COSCRIBE_SEED ??= String(Date.now() % 2 ** 31)
  const started = Date.now()
  const status =
    proof.main === undefined
      ? await runTests([...proof.files, '--testTimeout=0'], env)
      : await runTypeScript(proof.main)
  record(name, env, status, Math.round((Date.now() - started) / 1000))
  return status
}

function record(name, env, status, seconds) {
  const { COSCRIBE_SEED: seed, ...counts } = env
  const what = Object.entries(counts).map(([key, value]) => `${key}=${value}`)
  const date = new Date().toISOString().slice(0, 10)
  const result = status === 0 ? 'passed' : 'FAILED'
  const row = `| ${name} | ${what.join(' ')} | ${seed} | ${date} | ${seconds} s | ${result} |\n`
  addRow(join(root, 'docs', 'proofs.md'), row)
  process.stdout.write(row)
}

/** Behind the last row of the last table, whatever is written below it. */
function addRow(file, row) {
  const lines = readFileSync(file, 'utf8').split('\n')
  lines.splice(lines.findLastIndex((line) => line.startsWith('|')) + 1, 0, row.trimEnd())
  writeFileSync(file, lines.join('\n'))
}

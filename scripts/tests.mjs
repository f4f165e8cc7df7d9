import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './prepare.mjs'

/** Runs the suite, or the files named in `args`, and ends with the line `N passed, N failed`. */
export async function runTests(args = [], env = {}) {
  const report = join(root, '.cache', `tests-${process.pid}.json`)
  mkdirSync(join(root, '.cache'), { recursive: true })
  const status = await vitest(
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    env,
  )
  const counts = readCounts(report)
  rmSync(report, { force: true })
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  return status === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1
}

function vitest(args, env) {
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  return new Promise((resolve) => {
    child.on('error', () => resolve(1))
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/** A file that failed before its tests ran counts as one failure. */
function readCounts(report) {
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'))
    const brokenFiles = json.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length
    return { passed: json.numPassedTests, failed: json.numFailedTests + brokenFiles }
  } catch {
    // The runner died before it wrote its report.
    return { passed: 0, failed: 1 }
  }
}

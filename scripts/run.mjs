// The entry of `npm start`, `npm test` and `npm run lint`, `prove`, `bench`, `docs` and `screenshots` on a checkout where
// nothing was done by hand: installs what the lockfile asks for, builds what changed, then goes on. Built-in
// modules only, since it runs before anything is installed.
import process from 'node:process'
import { prepare } from './prepare.mjs'

const [command, ...given] = process.argv.slice(2)
// Not every package manager keeps the two hyphens before arguments to itself.
const args = given[0] === '--' ? given.slice(1) : given
const commands = { start, test, lint, prove, screenshots, bench, docs }

async function start() {
  process.argv = [process.execPath, 'coscribe', 'serve', ...args]
  await import('../server/bin/coscribe.mjs')
}

async function test() {
  const { runTests } = await import('./tests.mjs')
  process.exitCode = await runTests(args)
}

async function lint() {
  const { runLint } = await import('./lint.mjs')
  process.exitCode = runLint()
}

async function prove() {
  const { runProof } = await import('./proofs.mjs')
  process.exitCode = await runProof(args)
}

async function screenshots() {
  const { runTypeScript } = await import('./typescript.mjs')
  process.exitCode = await runTypeScript('test/screenshots/main.ts', args)
}

async function docs() {
  const { runTypeScript } = await import('./typescript.mjs')
  process.exitCode = await runTypeScript('test/api/reference/main.ts')
}

async function bench() {
  const { runBenchmark } = await import('./benchmarks.mjs')
  process.exitCode = await runBenchmark(args)
}

if (!Object.hasOwn(commands, command)) {
  console.error(`unknown command ${command}; one of: ${Object.keys(commands).join(', ')}`)
  process.exit(2)
}
// Whoever only wants to write together, or to measure, does not wait for the tests to be built.
const projects = { start: ['server', 'client'], bench: ['server', 'client', 'bench'] }
await prepare(projects[command] ?? [])
await commands[command]()

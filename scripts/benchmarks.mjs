import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { root } from './prepare.mjs'

const folder = join(root, 'bench')
const stampFile = join(folder, 'node_modules', '.coscribe-stamp')

/** `npm run bench`: the servers, or with `editor` as the first argument what a browser does. Returns the exit code. */
export async function runBenchmark(args) {
  if (args[0] === 'editor') {
    const { runTypeScript } = await import('./typescript.mjs')
    return runTypeScript('test/bench/main.ts', args.slice(1))
  }
  const { main } = await import('../bench/dist/main.js')
  try {
    return await main(args, installPeers)
  } catch (error) {
    console.error(error instanceof RangeError || error instanceof TypeError ? error.message : error)
    return 1
  }
}

/** Installs what we are compared with. Without it the benchmark runs too, and says what is absent. */
function installPeers() {
  const stamp = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .update(`${process.versions.modules} ${process.platform} ${process.arch}`)
    .digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  console.error('installing the servers to compare with (npm ci in bench, some minutes) …')
  const npm = process.env.npm_execpath
  const [program, first] = npm ? [process.execPath, [npm]] : ['npm', []]
  // By force: one of them asks for a newer Node than it needs.
  const { status } = spawnSync(program, [...first, 'ci', '--force', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: { ...process.env, npm_config_engine_strict: 'false' },
    stdio: ['ignore', process.stderr, process.stderr],
  })
  if (status === 0) writeFileSync(stampFile, stamp)
  else console.error('not all of them could be installed; what cannot start will be called absent')
}

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The checkout's top folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const oldestNode = [20, 19]
const stampFile = join(root, 'node_modules', '.coscribe-stamp')
const pageFolder = join(root, 'server', 'page')
const pageStampFile = join(pageFolder, '.stamp')
const lockFolder = join(root, '.cache', 'prepare.lock')
const lockWaitMs = 5 * 60_000

/**
 * Brings node_modules and the build up to date; two commands at once take turns.
 *
 * @param projects folders of the TypeScript projects to build with what they need; all of them when absent
 */
export async function prepare(projects = []) {
  checkNode()
  await withLock(() => {
    install()
    build(projects)
    buildPage()
  })
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  console.error(
    `Coscribe needs Node ${oldestNode.join('.')} or newer (22 or 24 recommended); this is ${process.version}.`,
  )
  process.exit(1)
}

function install() {
  const wanted = lockfileStamp()
  if (readOptional(stampFile) === wanted) return
  console.error('installing dependencies (npm ci) …')
  const npm = process.env.npm_execpath
  const [program, first] = npm ? [process.execPath, [npm]] : ['npm', []]
  // stdout belongs to the command that comes after.
  run(program, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund'])
  writeFileSync(stampFile, wanted)
}

/** What node_modules depends on: the lockfile, and the platform that native packages were built for. */
function lockfileStamp() {
  const hash = createHash('sha256')
  hash.update(readFileSync(join(root, 'package-lock.json')))
  hash.update(`${process.versions.modules} ${process.platform} ${process.arch}`)
  return hash.digest('hex')
}

function build(projects) {
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', ...projects])
}

/** The page that the server serves, and the script for other pages. */
function buildPage() {
  const wanted = pageStamp()
  if (readOptional(pageStampFile) === wanted) return
  console.error('building the page …')
  run(process.execPath, [join(root, 'client', 'build', 'build-page.mjs'), pageFolder])
  writeFileSync(pageStampFile, wanted)
}

/** What the page is made of: the client's and the shared sources, how they are built, and the libraries in it. */
function pageStamp() {
  const hash = createHash('sha256')
  hash.update(readFileSync(join(root, 'package-lock.json')))
  for (const folder of ['client/src', 'client/build', 'shared/src']) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    for (const name of names.sort()) {
      const file = join(root, folder, name)
      if (!statSync(file).isFile()) continue
      hash.update(`${folder}/${name}\n`)
      hash.update(readFileSync(file))
    }
  }
  return hash.digest('hex')
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
  })
  if (status === 0) return
  console.error(`failed: ${program} ${args.join(' ')}${error ? `: ${error.message}` : ''}`)
  releaseLock()
  process.exit(1)
}

async function withLock(work) {
  await takeLock()
  try {
    work()
  } finally {
    releaseLock()
  }
}

async function takeLock() {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const deadline = Date.now() + lockWaitMs
  let told = false
  for (;;) {
    try {
      mkdirSync(lockFolder)
      writeFileSync(join(lockFolder, 'pid'), String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (holderIsGone()) rmSync(lockFolder, { recursive: true, force: true })
    if (!told) console.error('another command is preparing this checkout; waiting for it …')
    told = true
    if (Date.now() > deadline) {
      console.error(
        `still locked after ${lockWaitMs / 60_000} minutes: remove ${lockFolder} and try again`,
      )
      process.exit(1)
    }
    await sleep(200)
  }
}

function holderIsGone() {
  const pid = Number(readOptional(join(lockFolder, 'pid')))
  if (!pid) return lockAgeMs() > 10_000
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function lockAgeMs() {
  try {
    return Date.now() - statSync(lockFolder).mtimeMs
  } catch {
    // Gone between the two looks: the next attempt will take it.
    return 0
  }
}

function releaseLock() {
  rmSync(lockFolder, { recursive: true, force: true })
}

function readOptional(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return undefined
  }
}

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LevelStore } from '@coscribe/storage'
import { ClassicLevel } from 'classic-level'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { scratch } from '../support/scratch.js'

const SCRIPT = fileURLToPath(new URL('full-child.mjs', import.meta.url))

/** No file may grow beyond this: above the journal's 1 MiB, below LevelDB's 4 MiB of log. */
const LIMIT_KIB = 2_000

/** A process that writes until its disk is full, and what it said. */
class Filler {
  readonly acked: number[] = []
  readonly failures: string[] = []
  readonly reads: number[] = []
  readonly #child: ChildProcess

  constructor(command: 'store' | 'raw', path: string) {
    const limited = `ulimit -S -f ${LIMIT_KIB} && exec "$0" "$@"`
    const args = ['-c', limited, process.execPath, SCRIPT, command, path]
    this.#child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    if (this.#child.stdout === null) throw new Error('the child has no output')
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#note(line))
  }

  #note(line: string): void {
    const [word, what] = line.split(' ')
    if (word === 'ack') this.acked.push(Number(what))
    if (word === 'read') this.reads.push(Number(what))
    if (word === 'failed') this.failures.push(String(what))
  }

  /** The disk has room again. */
  async makeRoom(): Promise<void> {
    await promisify(execFile)('prlimit', ['--pid', String(this.#child.pid), '--fsize=unlimited:'])
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
  }
}

describe('a full disk', () => {
  const cleanups: (() => Promise<void>)[] = []

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  })

  /** Fills the disk, makes room, lets it write on and kills it. */
  async function fillAndHeal(command: 'store' | 'raw') {
    const folder = await scratch()
    cleanups.push(() => folder.remove())
    const path = join(folder.path, 'data')
    const filler = new Filler(command, path)
    cleanups.push(() => filler.kill())
    await eventually('the disk is full', () => filler.failures.length >= 5)
    const before = filler.acked.length
    await filler.makeRoom()
    await eventually('writing goes on', () => filler.acked.length >= before + 200)
    await filler.kill()
    return { path, filler, before }
  }

  it('[S3] rejects appends, keeps reads, heals by itself and loses nothing', async () => {
    const { path, filler, before } = await fillAndHeal('store')
    expect(new Set(filler.failures)).toEqual(new Set(['storage-unavailable']))
    expect(filler.reads.length).toBeGreaterThanOrEqual(5)
    expect(Math.min(...filler.reads)).toBeGreaterThanOrEqual(before)
    const store = new LevelStore({ path })
    await store.open()
    const document = await store.load('a')
    await store.close()
    expect(document?.lastSeq).toBeGreaterThanOrEqual(filler.acked.length)
    expect(document?.tail.every((update, index) => update[0] === (index + 1) % 256)).toBe(true)
  })

  it('[S3] control: LevelDB by itself acknowledges and loses what follows', async () => {
    const { path, filler, before } = await fillAndHeal('raw')
    const level = new ClassicLevel<string, Uint8Array>(path, { valueEncoding: 'view' })
    const there = new Set(await level.keys().all())
    await level.close()
    const lost = filler.acked.filter((seq) => !there.has(String(seq)))
    console.log(
      `control: ${lost.length} of ${filler.acked.length - before} acks after the failure lost`,
    )
    expect(lost.length).toBeGreaterThan(0)
  })
})
